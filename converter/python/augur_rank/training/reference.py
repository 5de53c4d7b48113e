"""The family's forward pass in float64 NumPy, one request at a time, written from the formulas.

It shares no code with the PyTorch model or with the runtime: expected answers come from here.
"""


import numpy as np

from ..arrays import Array, Json


def _sigmoid(x: Array) -> Array:
    half: Array = np.tanh(0.5 * x)
    return 0.5 * (1 + half)  # equal to 1/(1+e^−x), without overflow


def _dice(x: Array, w: dict[str, Array], name: str) -> Array:
    p = _sigmoid((x - w[f"{name}.bn.running_mean"])
                 / np.sqrt(w[f"{name}.bn.running_var"] + 1e-8))
    return p * x + (1 - p) * w[f"{name}.alpha"] * x


def _prelu(x: Array, alpha: Array) -> Array:
    activated: Array = np.maximum(x, 0) + alpha * np.minimum(x, 0)
    return activated


def _extract(e: Array, w: dict[str, Array]) -> Array:
    """torch.nn.GRU: rows r, z, n; reset after the product; [t,E] → [t,H]."""
    width = w["gru.weight_hh_l0"].shape[1]
    h, states = np.zeros(width), []
    for x in e:
        from_x = w["gru.weight_ih_l0"] @ x + w["gru.bias_ih_l0"]
        from_h = w["gru.weight_hh_l0"] @ h + w["gru.bias_hh_l0"]
        r = _sigmoid(from_x[:width] + from_h[:width])
        z = _sigmoid(from_x[width:2 * width] + from_h[width:2 * width])
        n = np.tanh(from_x[2 * width:] + r * from_h[2 * width:])
        h = (1 - z) * n + z * h
        states.append(h)
    return np.array(states)


def _attend(states: Array, e_a: Array, w: dict[str, Array]) -> Array:
    scores = np.array([h @ w["att.W"] @ e_a for h in states])
    exponents = np.exp(scores - scores.max())
    weights: Array = exponents / exponents.sum()
    return weights


def _evolve(kind: str, states: Array, attention: Array,
            w: dict[str, Array]) -> Array:
    width = w["evolve.w_hh"].shape[1]
    k = np.zeros(width)
    for h, a in zip(states, attention):
        i = a * h if kind == "aigru" else h
        from_i = np.split(w["evolve.w_ih"] @ i + w["evolve.b"], len(w["evolve.b"]) // width)
        from_k = np.split(w["evolve.w_hh"] @ k, len(w["evolve.b"]) // width)
        r = _sigmoid(from_i[-2] + from_k[-2])
        c = np.tanh(from_i[-1] + r * from_k[-1])
        if kind == "agru":
            share = a
        else:
            share = _sigmoid(from_i[0] + from_k[0]) * (a if kind == "augru" else 1.0)
        k = (1 - share) * k + share * c
    return k


def _activate_units(e: Array, e_a: Array, w: dict[str, Array]) -> Array:
    """DIN's local activation unit; its weights are not normalised."""
    pooled = np.zeros_like(e_a)
    for e_t in e:
        x = np.concatenate([e_a, e_t, e_a - e_t, e_a * e_t])
        x = _prelu(w["att1.weight"] @ x + w["att1.bias"], w["att_act1.alpha"])
        x = _prelu(w["att2.weight"] @ x + w["att2.bias"], w["att_act2.alpha"])
        pooled = pooled + (w["att3.weight"] @ x + w["att3.bias"])[0] * e_t
    return pooled


def forward(kind: str, weights: dict[str, Array], request: Json,
            max_length: int) -> list[float]:
    """The logits of a request's candidates. `weights` is a checkpoint; `kind` as in dien.KINDS."""
    w = {name: np.asarray(tensor, dtype=np.float64) for name, tensor in weights.items()}

    def embed(item: int, category: int) -> Array:
        return np.concatenate([w["item_emb.weight"][item], w["cate_emb.weight"][category]])

    history = list(zip(request["history"]["item"], request["history"]["category"]))[-max_length:]
    e = np.array([embed(*event) for event in history])
    user = w["user_emb.weight"][request["features"]["user"]]
    recurrent = kind in ("aigru", "agru", "augru")
    states = _extract(e, w) if recurrent and history else None
    logits = []
    for item, category in zip(request["candidates"]["item"], request["candidates"]["category"]):
        e_a = embed(item, category)
        parts = [user, e_a, e.sum(axis=0) if history else np.zeros_like(e_a)]
        if kind == "din":
            parts.append(_activate_units(e, e_a, w))
        elif states is not None:
            parts.append(_evolve(kind, states, _attend(states, e_a, w), w))
        elif recurrent:
            parts.append(np.zeros(w["evolve.w_hh"].shape[1]))
        x = _dice(w["fc1.weight"] @ np.concatenate(parts) + w["fc1.bias"], w, "act1")
        x = _dice(w["fc2.weight"] @ x + w["fc2.bias"], w, "act2")
        logits.append(float((w["fc3.weight"] @ x + w["fc3.bias"])[0]))
    return logits
