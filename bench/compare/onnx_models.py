"""The compared network as ONNX graphs.

plain          what an export of the training code gives: every candidate is a row of a batch with
               the history repeated in it, one recurrent cell after the other
restructured   by hand, for one user: the user's part once, the attention's algebra, the AUGRU's
               input projections once; the recurrence in one of three forms, of which the fastest
               counts: "fused" (one product for three gates), "gates" (a Gemm for each gate, the
               projection as its C), "scan" (the step as the body of a Scan)
"""

import numpy as np

from network import HEAD, USER_WIDTH, Config, Weights, attention_parts
from onnx_graph import Graph, Linear

FORMS = ("fused", "gates", "scan")


def _gru(graph: Graph, weights: Weights, behaviours: str, hidden: int) -> str:
    """behaviours [T, B, D] -> [T, B, H]; ONNX orders its gates z, r, h."""
    def order(name):
        r, z, n = np.split(weights[name], 3)
        return np.concatenate([z, r, n])

    bias = np.concatenate([order("gru.b_ih"), order("gru.b_hh")])
    states = graph.op("GRU", behaviours, graph.constant(order("gru.w_ih")[None]),
                      graph.constant(order("gru.w_hh")[None]), graph.constant(bias[None]),
                      hidden_size=hidden, linear_before_reset=1)
    return graph.op("Squeeze", states, graph.constant(np.array([1], np.int64)))


def _embed(graph: Graph, weights: Weights, item: str, category: str) -> str:
    return graph.op("Concat", graph.op("Gather", graph.constant(weights["item_emb"]), item),
                    graph.op("Gather", graph.constant(weights["cate_emb"]), category), axis=-1)


def _head(graph: Graph, weights: Weights, linear: Linear, x: str, first: int) -> str:
    """The layers after the first product. x [N, units of layer `first`] is that product with its bias."""
    for layer in range(first, len(HEAD) + 1):
        if layer > first:
            x = linear(graph, x, weights[f"fc{layer}.weight"], weights[f"fc{layer}.bias"])
        if layer < len(HEAD):
            x = graph.op("PRelu", x, graph.constant(weights[f"act{layer}.alpha"]))
    return graph.reshape(x, -1)


def _finish(graph: Graph, logits: str, path: str) -> None:
    graph.output(logits, "logits", ["N"])
    graph.save(path)


def plain(config: Config, weights: Weights, path: str) -> None:
    hidden, steps = config.hidden, config.steps
    graph, linear = Graph("plain"), Linear(False)
    user = graph.input("user", ["N"])
    history = [graph.input(name, ["N", steps]) for name in ("history_item", "history_category")]
    item, category = graph.input("item", ["N"]), graph.input("category", ["N"])

    behaviours = _embed(graph, weights, *history)  # [N, T, D]
    candidates = _embed(graph, weights, item, category)  # [N, D]
    states = graph.op("Transpose", _gru(
        graph, weights, graph.op("Transpose", behaviours, perm=[1, 0, 2]), hidden), perm=[1, 0, 2])
    query = graph.unsqueeze(candidates, 1)
    if config.attention == "bilinear":
        keys = graph.op("MatMul", states, graph.constant(weights["att.W"]))
        scores = graph.sum(graph.op("Mul", keys, query), 2, False)
    else:
        query = graph.op("Expand", query, graph.op("Shape", states))
        x = graph.op("Concat", query, states, graph.op("Sub", query, states),
                     graph.op("Mul", query, states), axis=2)
        for layer in (1, 2, 3):
            x = linear(graph, x, weights[f"att{layer}.weight"], weights[f"att{layer}.bias"])
            if layer < 3:
                x = graph.op("Sigmoid", x)
        scores = graph.reshape(x, -1, steps)
    attention = graph.op("Softmax", scores, axis=1)

    state = graph.op("Mul", candidates, graph.constant(np.zeros(1, np.float32)))  # [N, H] zeros
    one = graph.constant(np.ones(1, np.float32))
    inputs = [graph.reshape(x, -1, hidden) for x in graph.split(states, [1] * steps, 1)]
    for x, a in zip(inputs, graph.split(attention, [1] * steps, 1)):
        gi = graph.op("Gemm", x, graph.constant(weights["evolve.w_ih"]),
                      graph.constant(weights["evolve.b"]), transB=1)
        gh = graph.op("Gemm", state, graph.constant(weights["evolve.w_hh"]), transB=1)
        iu, ir, ic = graph.split(gi, [hidden] * 3, 1)
        hu, hr, hc = graph.split(gh, [hidden] * 3, 1)
        u = graph.op("Mul", a, graph.op("Sigmoid", graph.op("Add", iu, hu)))
        r = graph.op("Sigmoid", graph.op("Add", ir, hr))
        c = graph.op("Tanh", graph.op("Add", ic, graph.op("Mul", r, hc)))
        state = graph.op("Add", graph.op("Mul", graph.op("Sub", one, u), state),
                         graph.op("Mul", u, c))

    x = graph.op("Concat", graph.op("Gather", graph.constant(weights["user_emb"]), user),
                 candidates, graph.sum(behaviours, 1, False), state, axis=1)
    x = linear(graph, x, weights["fc1.weight"], weights["fc1.bias"])
    _finish(graph, _head(graph, weights, linear, x, 1), path)


def _attention(graph: Graph, config: Config, weights: Weights, linear: Linear, candidates: str,
               states: str) -> str:
    """[N, D], [T, H] -> [N, T]"""
    if config.attention == "bilinear":
        query = linear(graph, candidates, weights["att.W"])
        scores = graph.op("MatMul", query, graph.op("Transpose", states, perm=[1, 0]))
    else:
        query, key, product = attention_parts(weights)
        shared = graph.op("Add", graph.unsqueeze(linear(graph, candidates, query), 1),
                          linear(graph, states, key, weights["att1.bias"]))
        pairs = graph.op("Mul", graph.unsqueeze(candidates, 1), states)
        x = graph.op("Sigmoid", graph.op("Add", linear(graph, pairs, product), shared))
        x = graph.op("Sigmoid", linear(graph, x, weights["att2.weight"], weights["att2.bias"]))
        x = linear(graph, x, weights["att3.weight"], weights["att3.bias"])
        scores = graph.reshape(x, -1, config.steps)
    return graph.op("Softmax", scores, axis=1)


def _step(graph: Graph, weights: Weights, linear: Linear, form: str, hidden: int, state: str,
          a: str, projections) -> str:
    """One AUGRU step. The projections of the input are [1, 2H] for u and r and [1, H] for c, or one for each
    gate."""
    recurrent = weights["evolve.w_hh"]
    if form == "gates":
        gates = []
        for name, p in zip(("u", "r"), projections):
            index = "urc".index(name) * hidden
            gates.append(graph.op("Sigmoid", graph.op(
                "Gemm", state, graph.constant(recurrent[index:index + hidden]), p, transB=1)))
        u, r = gates
        hc = graph.op("MatMul", state, graph.constant(recurrent[2 * hidden:].T))
        pc = projections[2]
    else:
        p_gates, pc = projections
        product = linear(graph, state, recurrent)
        h_gates, hc = graph.split(product, [2 * hidden, hidden], 1)
        u, r = graph.split(graph.op("Sigmoid", graph.op("Add", h_gates, p_gates)), [hidden] * 2, 1)
    c = graph.op("Tanh", graph.op("Add", pc, graph.op("Mul", r, hc)))
    share = graph.op("Mul", a, u)
    return graph.op("Add", state, graph.op("Mul", share, graph.op("Sub", c, state)))


def _evolve(graph: Graph, config: Config, weights: Weights, linear: Linear, form: str,
            candidates: str, states: str, attention: str) -> str:
    hidden, steps = config.hidden, config.steps
    projections = linear(graph, states, weights["evolve.w_ih"], weights["evolve.b"])  # [T, 3H]
    sizes = [hidden] * 3 if form == "gates" else [2 * hidden, hidden]
    parts = graph.split(projections, sizes, 1)
    state = graph.op("Mul", candidates, graph.constant(np.zeros(1, np.float32)))  # [N, H] zeros
    if form != "scan":
        columns = [graph.split(part, [1] * steps, 0) for part in parts]
        for a, *p in zip(graph.split(attention, [1] * steps, 1), *columns):
            state = _step(graph, weights, linear, form, hidden, state, a, p)
        return state
    body = Graph("step")
    inner = body.float_input("state", ["N", hidden])
    a = body.float_input("a", ["N"])
    p = [body.float_input("p_gates", [2 * hidden]), body.float_input("p_c", [hidden])]
    body.output(_step(body, weights, linear, "fused", hidden, inner, body.unsqueeze(a, 1), p),
                "next", ["N", hidden])
    return graph.scan(body, [state], [attention, *parts], [1, 0, 0])


def restructured(config: Config, weights: Weights, path: str, form: str, int8: bool) -> None:
    hidden = config.hidden
    graph, linear = Graph("restructured"), Linear(int8)
    user = graph.input("user", [1])
    history = [graph.input(name, [config.steps]) for name in ("history_item", "history_category")]
    item, category = graph.input("item", ["N"]), graph.input("category", ["N"])

    behaviours = _embed(graph, weights, *history)  # [T, D]
    candidates = _embed(graph, weights, item, category)  # [N, D]
    states = graph.reshape(_gru(graph, weights, graph.unsqueeze(behaviours, 1), hidden), -1, hidden)
    attention = _attention(graph, config, weights, linear, candidates, states)
    state = _evolve(graph, config, weights, linear, form, candidates, states, attention)

    # The head's first layer: the columns for the user are multiplied once, the others for each candidate.
    w = np.split(weights["fc1.weight"], np.cumsum([USER_WIDTH, hidden, hidden]), axis=1)
    user_row = graph.op("Concat", graph.op("Gather", graph.constant(weights["user_emb"]), user),
                        graph.sum(behaviours, 0, True), axis=1)
    shared = Linear(False)(graph, user_row, np.hstack([w[0], w[2]]), weights["fc1.bias"])
    own = linear(graph, graph.op("Concat", candidates, state, axis=1), np.hstack([w[1], w[3]]))
    _finish(graph, _head(graph, weights, linear, graph.op("Add", own, shared), 1), path)
