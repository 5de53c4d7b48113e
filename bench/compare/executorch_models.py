"""ExecuTorch's models: torch.export, lowered to XNNPACK.

Lowering takes time that grows faster than the graph: with 100 unrolled steps it had not ended after eight minutes. So a
model is four programs: CHUNK steps of the extractor with the projections, the attention, CHUNK steps of the evolution,
and the head. The contender calls them one after the other. The model's file names them; programs are shared.

int8 is XNNPACK's quantizer for linear layers: weights with a scale for each output, activations quantised in each call.
"""

from __future__ import annotations

import os
from typing import Any

import torch
import torch.export
import torch.fx.graph_module
from contenders import Contender, chunk_of
from executorch.backends.xnnpack.partition.xnnpack_partitioner import XnnpackPartitioner
from executorch.backends.xnnpack.quantizer.xnnpack_quantizer import XNNPACKQuantizer, get_symmetric_quantization_config
from executorch.exir import EdgeCompileConfig, to_edge_transform_and_lower
from network import USER_WIDTH
from torch import Tensor, nn
from torch.nn.functional import linear
from torch_model import Restructured
from torchao.quantization.pt2e.quantize_pt2e import convert_pt2e, prepare_pt2e

CHUNK = 25


class Extract(nn.Module):
    """x [C, D], h [1, H] -> states [C, H], projections [C, 3H], the last state."""

    def __init__(self, network: Restructured):
        super().__init__()
        self.network = network

    def forward(self, x: Tensor, h: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The cell written out: there is no GRU operator in XNNPACK."""
        cell: Any = self.network.gru
        hidden = self.network.hidden
        inputs = linear(x, cell.weight_ih_l0, cell.bias_ih_l0)
        states = []
        for t in range(x.shape[0]):
            g = linear(h, cell.weight_hh_l0, cell.bias_hh_l0)
            gates = torch.sigmoid(inputs[t:t + 1, :2 * hidden] + g[:, :2 * hidden])
            n = torch.tanh(inputs[t:t + 1, 2 * hidden:] + gates[:, :hidden] * g[:, 2 * hidden:])
            h = n + gates[:, hidden:] * (h - n)
            states.append(h)
        found = torch.cat(states, 0)
        return found, self.network.projections(found), h


class Attend(nn.Module):
    """States [T, H], cand [N, D] -> attention [N, T]."""

    def __init__(self, network: Restructured):
        super().__init__()
        self.network = network

    def forward(self, states: Tensor, cand: Tensor) -> Tensor:
        """The softmax runs over the last axis, which is the one that XNNPACK has."""
        scores: Tensor = self.network.scores(states, cand)
        attention: Tensor = torch.softmax(scores.t(), 1)
        return attention


class Evolve(nn.Module):
    """Projections [C, 3H], attention [N, C], state [N, H] -> state."""

    def __init__(self, network: Restructured):
        super().__init__()
        self.network = network

    def forward(self, x: Tensor, attention: Tensor, state: Tensor) -> Tensor:
        """As Restructured.evolve, in operators that XNNPACK has."""
        network, hidden = self.network, self.network.hidden
        for t in range(x.shape[0]):
            gates = torch.sigmoid(linear(state, network.recurrent_gates) + x[t:t + 1, :2 * hidden])
            c = torch.tanh(gates[:, hidden:] * linear(state, network.recurrent_c) + x[t:t + 1, 2 * hidden:])
            share: Tensor = attention[:, t:t + 1] * gates[:, :hidden]
            state = state + share * (c - state)
        return state


class Head(nn.Module):
    """hist, cand, user, state -> [N, 1]."""

    def __init__(self, network: Restructured):
        super().__init__()
        self.network = network

    def forward(self, hist: Tensor, cand: Tensor, user: Tensor, state: Tensor) -> Tensor:
        """The user's row once."""
        scores: Tensor = self.network.head(hist, cand, user, state)
        return scores


def make(contender: Contender, path: str) -> None:
    """Writes the programs that are missing, and the file that names them."""
    recompile_when_called()
    config, count = contender.config, contender.candidates
    hidden, steps = config.hidden, config.steps
    network = Restructured(config, slope=False)
    state, history = torch.zeros(count, hidden), torch.randn(steps, hidden)
    candidates, user = torch.randn(count, hidden), torch.randn(1, USER_WIDTH)
    chunk = chunk_of(steps, CHUNK)
    programs = {
        f"{hidden}-extract-{chunk}": (Extract(network), (torch.randn(chunk, hidden), state[:1])),
        f"{config.name}-n{count}-attend": (Attend(network), (history, candidates)),
        f"{hidden}-n{count}-evolve-{chunk}": (
            Evolve(network), (torch.randn(chunk, 3 * hidden), torch.rand(count, chunk), state)),
        f"{config.name}-n{count}-head": (Head(network), (history, candidates, user, state)),
    }
    names = []
    # The recurrences have the same weights with either attention.
    for name, (module, inputs) in programs.items():
        names.append(f"{name}-{contender.kind}.pte")
        program = os.path.join(os.path.dirname(path), names[-1])
        if not os.path.exists(program):
            lower(module, inputs, contender.kind == "int8", program)
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join([str(chunk), *names]) + "\n")


def lower(module: nn.Module, inputs: tuple[Tensor, ...], int8: bool, path: str) -> None:
    """Writes a program."""
    with torch.no_grad():
        exported = torch.export.export(module.eval(), inputs, strict=False)
        if int8:
            quantizer = XNNPACKQuantizer().set_global(get_symmetric_quantization_config(
                is_per_channel=True, is_dynamic=True))
            observed = prepare_pt2e(exported.module(), quantizer)
            observed(*inputs)
            exported = torch.export.export(convert_pt2e(observed), inputs, strict=False)
        lowered = to_edge_transform_and_lower(exported, partitioner=[XnnpackPartitioner()],
                                              compile_config=EdgeCompileConfig(_check_ir_validity=False))
        program = lowered.to_executorch()
    with open(path + ".part", "wb") as file:
        file.write(program.buffer)
    os.rename(path + ".part", path)


def recompile_when_called() -> None:
    """Makes a graph's Python be compiled when it is called, not after each of the hundreds of passes."""
    graphs = torch.fx.graph_module.GraphModule
    if getattr(graphs, "recompiles_when_called", False):
        return
    at_once = graphs.recompile

    def later(graph: Any) -> Any:
        kind = type(graph)
        if "_wrapped_call" not in kind.__dict__:
            return at_once(graph)

        def forward(self: Any, *arguments: Any, **named: Any) -> Any:
            at_once(self)
            return self.forward(*arguments, **named)

        kind.forward = forward
        codegen = graph._graph._codegen
        if hasattr(codegen, "pytree_info"):
            graph._in_spec, graph._out_spec = codegen.pytree_info.in_spec, codegen.pytree_info.out_spec
        return None

    graphs.recompile, graphs.recompiles_when_called = later, True
