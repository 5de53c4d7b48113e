"""The compared network as ONNX graphs, for onnxruntime and for MNN's converter.

plain, or restructured (contenders.py says what that is). The step of the recurrence has a Gemm for each gate, which
adds the projection as its C. The loop around it is unrolled, a Scan or a Loop; "fused" is unrolled with one product for
three gates.
int8: weights of the recurrence, the attention and the head in int8, activations quantised in each call.
"""

from __future__ import annotations

import numpy as np
from contenders import Contender
from network import HEAD, USER_WIDTH, Config, Weights, attention_parts, head_parts, random_weights
from onnx import TensorProto
from onnx_graph import Graph


def make(contender: Contender, path: str) -> None:
    """Writes the contender's model."""
    config = contender.config
    weights = random_weights(config)
    if contender.plain:
        plain(config, weights, path)
    else:
        Restructured(config, weights, contender.form.name, contender.kind == "int8").save(path)


def _gru(graph: Graph, weights: Weights, behaviours: str, hidden: int) -> str:
    """Behaviours [T, B, D] -> [T, B, H]; ONNX orders its gates z, r, h."""
    order = {}
    for name in ("gru.w_ih", "gru.w_hh", "gru.b_ih", "gru.b_hh"):
        r, z, n = np.split(weights[name], 3)
        order[name] = np.concatenate([z, r, n])
    bias = np.concatenate([order["gru.b_ih"], order["gru.b_hh"]])
    states = graph.op("GRU", behaviours, graph.constant(order["gru.w_ih"][None]),
                      graph.constant(order["gru.w_hh"][None]), graph.constant(bias[None]),
                      hidden_size=hidden, linear_before_reset=1)
    return graph.op("Squeeze", states, graph.constant(np.array([1], np.int64)))


def _zeros(graph: Graph, hidden: int) -> str:
    """The first state [N, H]."""
    shape = graph.op("Concat", graph.op("Shape", "cand", start=0, end=1),
                     graph.constant(np.array([hidden], np.int64)), axis=0)
    return graph.op("Expand", graph.constant(np.zeros((1, 1), np.float32)), shape)


def _finish(graph: Graph, weights: Weights, x: str, int8: bool, path: str) -> None:
    """The head after its first product, and the file."""
    for layer in range(1, len(HEAD) + 1):
        if layer > 1:
            x = graph.gemm(x, weights[f"fc{layer}.weight"], graph.constant(weights[f"fc{layer}.bias"]),
                           int8 and layer < len(HEAD))
        if layer < len(HEAD):
            x = graph.op("PRelu", x, graph.constant(weights[f"act{layer}.alpha"]))
    graph.output(graph.op("Sigmoid", x), "y", ["N", 1])
    graph.save(path)


def plain(config: Config, weights: Weights, path: str) -> None:
    """The training code's graph. Up to a hundred steps its loop is unrolled, as torch.onnx does; else it is a Scan."""
    hidden, steps = config.hidden, config.steps
    graph = Graph("plain")
    history = graph.input("hist", ["N", steps, hidden])
    candidates = graph.input("cand", ["N", hidden])
    user = graph.input("user", ["N", USER_WIDTH])
    states = _gru(graph, weights, graph.op("Transpose", history, perm=[1, 0, 2]), hidden)  # [T, N, H]
    if config.attention == "bilinear":
        query = graph.op("MatMul", candidates, graph.constant(weights["att.W"].T))
        scores = graph.sum(graph.op("Mul", states, graph.unsqueeze(query, 0)), 2, True)
    else:
        query = graph.op("Expand", graph.unsqueeze(candidates, 0), graph.op("Shape", states))
        x = graph.op("Concat", query, states, graph.op("Sub", query, states), graph.op("Mul", query, states), axis=2)
        for layer in (1, 2, 3):
            x = graph.linear(x, weights[f"att{layer}.weight"], weights[f"att{layer}.bias"])
            x = graph.op("Sigmoid", x) if layer < 3 else x
        scores = x
    attention = graph.op("Softmax", scores, axis=0)  # [T, N, 1]
    state = _zeros(graph, hidden)
    if steps <= 100:
        for s, a in zip(graph.rows(states, steps), graph.rows(attention, steps)):
            state = _plain_step(graph, weights, hidden, state, s, a)
    else:
        body = Graph("step")
        inner = body.input("state", ["N", hidden])
        s, a = body.input("s", ["N", hidden]), body.input("a", ["N", 1])
        body.output(_plain_step(body, weights, hidden, inner, s, a), "next", ["N", hidden])
        state = graph.scan(body, state, [states, attention])
    x = graph.op("Concat", user, candidates, graph.sum(history, 1, False), state, axis=1)
    x = graph.gemm(x, weights["fc1.weight"], graph.constant(weights["fc1.bias"]))
    _finish(graph, weights, x, False, path)


def _plain_step(graph: Graph, weights: Weights, hidden: int, state: str, s: str, a: str) -> str:
    inputs = graph.gemm(s, weights["evolve.w_ih"], graph.constant(weights["evolve.b"]))
    iu, ir, ic = graph.split(inputs, [hidden] * 3, 1)
    hu, hr, hc = graph.split(graph.linear(state, weights["evolve.w_hh"]), [hidden] * 3, 1)
    u = graph.op("Mul", a, graph.op("Sigmoid", graph.op("Add", iu, hu)))
    r = graph.op("Sigmoid", graph.op("Add", ir, hr))
    c = graph.op("Tanh", graph.op("Add", ic, graph.op("Mul", r, hc)))
    return graph.op("Add", graph.op("Mul", graph.op("Sub", graph.constant(np.ones(1, np.float32)), u), state),
                    graph.op("Mul", u, c))


class Restructured:
    """The graph for one user."""

    def __init__(self, config: Config, weights: Weights, form: str, int8: bool):
        self._config, self._weights, self._form, self._int8 = config, weights, form, int8
        self._graph = Graph("restructured")

    def save(self, path: str) -> None:
        """Builds the graph and writes it."""
        graph, weights, hidden, steps = self._graph, self._weights, self._config.hidden, self._config.steps
        history = graph.input("hist", [steps, hidden])
        candidates = graph.input("cand", ["N", hidden])
        user = graph.input("user", [1, USER_WIDTH])
        states = graph.reshape(_gru(graph, weights, graph.unsqueeze(history, 1), hidden), steps, hidden)
        attention = graph.op("Softmax", self._scores(candidates, states), axis=0)  # [T, N, 1]
        state = self._evolve(states, attention)
        shared, own = head_parts(weights, hidden)
        row = graph.op("Concat", user, graph.sum(history, 0, True), axis=1)
        row = graph.gemm(row, shared, graph.constant(weights["fc1.bias"]))
        x = graph.linear(graph.op("Concat", candidates, state, axis=1), own, None, self._int8)
        _finish(graph, weights, graph.op("Add", x, row), self._int8, path)

    def _scores(self, candidates: str, states: str) -> str:
        """[N, D], [T, H] -> [T, N, 1]"""
        graph, weights, hidden, steps = self._graph, self._weights, self._config.hidden, self._config.steps
        if self._config.attention == "bilinear":
            keys = graph.linear(states, weights["att.W"].T)
            scores = graph.op("MatMul", keys, graph.op("Transpose", candidates, perm=[1, 0]))
            return graph.unsqueeze(scores, 2)
        query, key, product = attention_parts(weights)
        units = product.shape[0]
        keys = graph.unsqueeze(graph.gemm(states, key, graph.constant(weights["att1.bias"])), 1)
        x = graph.reshape(graph.op("Mul", graph.unsqueeze(states, 1), candidates), -1, hidden)
        x = graph.reshape(graph.linear(x, product, None, self._int8), steps, -1, units)
        x = graph.op("Sigmoid", graph.op("Add", x, graph.op("Add", keys, graph.linear(candidates, query))))
        x = graph.gemm(graph.reshape(x, -1, units), weights["att2.weight"], graph.constant(weights["att2.bias"]),
                       self._int8)
        x = graph.gemm(graph.op("Sigmoid", x), weights["att3.weight"], graph.constant(weights["att3.bias"]))
        return graph.reshape(x, steps, -1, 1)

    def _evolve(self, states: str, attention: str) -> str:
        """[T, H], [T, N, 1] -> the last state [N, H]"""
        graph, hidden, steps = self._graph, self._config.hidden, self._config.steps
        parts = [graph.gemm(states, w, graph.constant(b)) for w, b in zip(
            np.split(self._weights["evolve.w_ih"], 3), np.split(self._weights["evolve.b"], 3))]
        state = _zeros(graph, hidden)
        if self._form in ("unrolled", "fused"):
            columns = [graph.split(part, [1] * steps, 0) for part in parts]
            for a, *projections in zip(graph.rows(attention, steps), *columns):
                state = self._step(graph, state, a, projections)
            return state
        body = Graph("step")
        if self._form == "scan":
            inner, a = body.input("state", ["N", hidden]), body.input("a", ["N", 1])
            projections = [body.input(f"p{k}", [hidden]) for k in range(3)]
            body.output(self._step(body, inner, a, projections), "next", ["N", hidden])
            return graph.scan(body, state, [attention, *parts])
        step, go_on = body.input("step", [], TensorProto.INT64), body.input("go_on", [], TensorProto.BOOL)
        inner = body.input("state", None)
        body.output(go_on, "condition", [], TensorProto.BOOL)
        a, *projections = [body.op("Gather", value, step, axis=0) for value in (attention, *parts)]
        body.output(self._step(body, inner, a, projections), "next", None)
        return graph.loop(body, state, steps)

    def _step(self, graph: Graph, state: str, a: str, projections: list[str]) -> str:
        """One AUGRU step."""
        recurrent, hidden = self._weights["evolve.w_hh"], self._config.hidden
        pu, pr, pc = projections
        if self._form == "fused":
            hu, hr, hc = graph.split(graph.linear(state, recurrent, None, self._int8), [hidden] * 3, 1)
            u, r = (graph.op("Sigmoid", graph.op("Add", h, p)) for h, p in ((hu, pu), (hr, pr)))
        else:
            wu, wr, wc = np.split(recurrent, 3)
            u, r = (graph.op("Sigmoid", graph.gemm(state, w, p, self._int8)) for w, p in ((wu, pu), (wr, pr)))
            hc = graph.linear(state, wc, None, self._int8)
        c = graph.op("Tanh", graph.op("Add", pc, graph.op("Mul", r, hc)))
        return graph.op("Add", state, graph.op("Mul", graph.op("Mul", u, a), graph.op("Sub", c, state)))
