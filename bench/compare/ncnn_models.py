"""ncnn's models, written by hand: restructured, all steps unrolled, f32; N is fixed in each.

pnnx, ncnn's converter, leaves aten::lerp, aten::addcmul, torch.unbind and reshapes that merge axes unconverted, so what
it makes of the PyTorch module cannot run. There is no int8: the programs that quantise (ncnn2table, ncnn2int8) are not
in the package.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from contenders import Contender
from network import HEAD, Array, attention_parts, head_parts, random_weights

ADD, SUBTRACT, MULTIPLY = 0, 1, 2


class Graph:
    """Writes layers; each call adds one and returns the name of its output. A blob of two axes is [h, w]."""

    def __init__(self) -> None:
        self._layers: list[tuple[str, str, list[str], list[str], str]] = []
        self._weights: list[bytes] = []

    def add(self, kind: str, *inputs: str, parameters: str = "", outputs: int = 1) -> list[str]:
        """A layer."""
        number = len(self._layers)
        names = [f"b{number}_{k}" for k in range(outputs)]
        self._layers.append((kind, f"l{number}", list(inputs), names, parameters))
        return names

    def one(self, kind: str, *inputs: str, parameters: str = "") -> str:
        """A layer with one output."""
        return self.add(kind, *inputs, parameters=parameters)[0]

    def input(self, name: str) -> str:
        """An input of that name."""
        self._layers.append(("Input", name, [], [name], ""))
        return name

    def weight(self, array: Array, tagged: bool = True) -> None:
        """The next weight of the layer that was added last. A tag says f32, where the layer's kind has one."""
        self._weights.append((b"\0\0\0\0" if tagged else b"") + np.ascontiguousarray(array, np.float32).tobytes())

    def constant(self, array: Array) -> str:
        """A constant [h, w]."""
        name = self.one("MemoryData", parameters=f"0={array.shape[1]} 1={array.shape[0]}")
        self.weight(array, tagged=False)
        return name

    def linear(self, x: str, weight: Array, bias: Array | None = None, activation: int = 0) -> str:
        """Multiplies with the transpose of a weight [outputs, inputs]; activation 4 is a sigmoid."""
        name = self.one("InnerProduct", x, parameters=(
            f"0={weight.shape[0]} 1={int(bias is not None)} 2={weight.size} 9={activation}"))
        self.weight(weight)
        if bias is not None:
            self.weight(bias, tagged=False)
        return name

    def binary(self, x: str, y: str, operation: int) -> str:
        """Add, subtract or multiply, with broadcasting."""
        return self.one("BinaryOp", x, y, parameters=f"0={operation}")

    def reshape(self, x: str, *shape: int) -> str:
        """The same numbers as [.., h, w]."""
        return self.one("Reshape", x, parameters=" ".join(f"{k}={n}" for k, n in enumerate(reversed(shape))))

    def slices(self, x: str, sizes: Sequence[int], axis: int) -> list[str]:
        """The parts along an axis."""
        return self.add("Slice", x, outputs=len(sizes),
                        parameters=f"-23300={len(sizes)},{','.join(map(str, sizes))} 1={axis}")

    def prelu(self, x: str, alpha: Array) -> str:
        """Written out: the slopes of ncnn's PReLU belong to the rows of a blob of two axes."""
        negative = self.one("ReLU", self.one("UnaryOp", x, parameters="0=1"))
        return self.binary(self.one("ReLU", x), self.binary(negative, self.constant(alpha[None]), MULTIPLY), SUBTRACT)

    def save(self, path: str, weights_path: str) -> None:
        """Writes the layers and the weights. A blob feeds one layer only, so a Split follows what feeds more."""
        uses = Counter(name for _, _, inputs, _, _ in self._layers for name in inputs)
        taken: Counter[str] = Counter()
        lines, blobs = [], 0
        for kind, layer, inputs, outputs, parameters in self._layers:
            read = []
            for name in inputs:
                read.append(f"{name}_{taken[name]}s" if uses[name] > 1 else name)
                taken[name] += 1
            counts = [str(len(read)), str(len(outputs))]
            lines.append(" ".join([kind, layer, *counts, *read, *outputs, parameters]).strip())
            blobs += len(outputs)
            for name in outputs:
                if uses[name] > 1:
                    copies = [f"{name}_{k}s" for k in range(uses[name])]
                    lines.append(" ".join(["Split", f"split_{name}", "1", str(len(copies)), name, *copies]))
                    blobs += len(copies)
        with open(weights_path, "wb") as file:
            file.write(b"".join(self._weights))
        with open(path, "w", encoding="utf-8") as text:
            text.write(f"7767517\n{len(lines)} {blobs}\n" + "\n".join(lines) + "\n")


def make(contender: Contender, path: str) -> None:
    """Writes the contender's .param file, and the weights beside it as .bin."""
    config, count = contender.config, contender.candidates
    hidden, steps = config.hidden, config.steps
    w = random_weights(config)
    graph = Graph()
    history, candidates, user = graph.input("hist"), graph.input("cand"), graph.input("user")

    states = graph.one("GRU", history, parameters=f"0={hidden} 1={3 * hidden * hidden} 2=0")  # rows r, z, n as here
    (ri, zi, ni), (rh, zh, nh) = np.split(w["gru.b_ih"], 3), np.split(w["gru.b_hh"], 3)
    for weight in (w["gru.w_ih"], np.stack([ri + rh, zi + zh, ni, nh]), w["gru.w_hh"]):
        graph.weight(weight)

    if config.attention == "mlp":
        query, key, product = attention_parts(w)
        units = len(product)
        keys = graph.reshape(graph.linear(states, key, w["att1.bias"]), steps, 1, units)
        queries = graph.reshape(graph.linear(candidates, query), 1, count, units)
        x = graph.binary(graph.reshape(states, steps, 1, hidden), graph.reshape(candidates, 1, count, hidden), MULTIPLY)
        x = graph.linear(graph.reshape(x, steps * count, hidden), product)
        x = graph.binary(graph.binary(graph.reshape(x, steps, count, units), keys, ADD), queries, ADD)
        x = graph.reshape(graph.one("Sigmoid", x), steps * count, units)
        x = graph.linear(graph.linear(x, w["att2.weight"], w["att2.bias"], 4), w["att3.weight"], w["att3.bias"])
        scores = graph.reshape(x, steps, count)
    else:
        scores = graph.one("MatMul", graph.linear(states, w["att.W"].T), candidates, parameters="0=1")
    attention = graph.reshape(graph.one("Softmax", scores, parameters="0=0 1=1"), steps, count, 1)
    shares = graph.slices(attention, [1] * steps, 0)

    split = 2 * hidden
    recurrent_gates, recurrent_c = (graph.constant(part.T) for part in np.split(w["evolve.w_hh"], [split]))
    gates, c = (graph.slices(graph.linear(states, weight, bias), [1] * steps, 0) for weight, bias in zip(
        np.split(w["evolve.w_ih"], [split]), np.split(w["evolve.b"], [split])))
    state = graph.constant(np.zeros((count, hidden)))
    for t in range(steps):
        both = graph.one("Sigmoid", graph.binary(graph.one("MatMul", state, recurrent_gates), gates[t], ADD))
        u, r = graph.slices(both, [hidden, hidden], 1)
        found = graph.binary(r, graph.one("MatMul", state, recurrent_c), MULTIPLY)
        found = graph.one("TanH", graph.binary(found, c[t], ADD))
        share = graph.binary(u, graph.reshape(shares[t], count, 1), MULTIPLY)
        state = graph.binary(state, graph.binary(share, graph.binary(found, state, SUBTRACT), MULTIPLY), ADD)

    shared, own = head_parts(w, hidden)
    pooled = graph.one("Reduction", history, parameters="0=0 1=0 -23303=1,0 4=1 5=1")  # the sum of the rows
    row = graph.linear(graph.one("Concat", user, pooled, parameters="0=1"), shared, w["fc1.bias"])
    x = graph.binary(graph.linear(graph.one("Concat", candidates, state, parameters="0=1"), own), row, ADD)
    for layer in range(2, len(HEAD) + 1):
        x = graph.linear(graph.prelu(x, w[f"act{layer - 1}.alpha"]), w[f"fc{layer}.weight"], w[f"fc{layer}.bias"],
                         4 if layer == len(HEAD) else 0)
    graph.one("Noop", x)
    graph.save(path, path.removesuffix(".part").removesuffix(".param") + ".bin")
