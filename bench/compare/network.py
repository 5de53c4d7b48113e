"""The network that is compared: random weights, and its scores in float64.

DIEN as in the paper (arXiv 1809.03672): a GRU over the behaviours, attention, AUGRU, then a head of
200, 80 and 1 units with PReLU. Behaviours and candidates are an item and a category, each half of
the width; the hidden state is as wide as they are.
"""

from dataclasses import dataclass
from typing import Dict

import numpy as np

USERS, ITEMS, CATEGORIES, USER_WIDTH = 1000, 5000, 200, 18
HEAD = (200, 80, 1)
ATTENTION_UNITS = (80, 40, 1)


@dataclass(frozen=True)
class Config:
    attention: str  # "bilinear" or "mlp"
    hidden: int  # H, and the width of a behaviour
    steps: int  # T

    @property
    def name(self) -> str:
        return f"{self.attention}-{self.hidden}"


Weights = Dict[str, np.ndarray]


def random_weights(config: Config, seed: int) -> Weights:
    """Random float32 weights, scaled so that gates and attention weights are neither all near 0 or 1 nor
    all equal."""
    random = np.random.default_rng(seed)
    hidden, half = config.hidden, config.hidden // 2

    def table(rows, width):
        return random.normal(0, 0.5, (rows, width))

    def matrix(outputs, inputs):
        return random.normal(0, inputs**-0.5, (outputs, inputs))

    def vector(size):
        return random.uniform(-0.2, 0.2, size)

    weights = {
        "user_emb": table(USERS, USER_WIDTH),
        "item_emb": table(ITEMS, half),
        "cate_emb": table(CATEGORIES, half),
        # Rows r, z, n as in torch.nn.GRU.
        "gru.w_ih": matrix(3 * hidden, hidden),
        "gru.w_hh": matrix(3 * hidden, hidden),
        "gru.b_ih": vector(3 * hidden),
        "gru.b_hh": vector(3 * hidden),
        # Rows u, r, c; u is the weight of the candidate state.
        "evolve.w_ih": matrix(3 * hidden, hidden),
        "evolve.w_hh": matrix(3 * hidden, hidden),
        "evolve.b": vector(3 * hidden),
    }
    if config.attention == "bilinear":
        weights["att.W"] = matrix(hidden, hidden)
    else:
        inputs = 4 * hidden
        for layer, units in enumerate(ATTENTION_UNITS, 1):
            weights[f"att{layer}.weight"] = matrix(units, inputs)
            weights[f"att{layer}.bias"] = vector(units)
            inputs = units
    inputs = USER_WIDTH + 3 * hidden
    for layer, units in enumerate(HEAD, 1):
        weights[f"fc{layer}.weight"] = matrix(units, inputs)
        weights[f"fc{layer}.bias"] = vector(units)
        if layer < len(HEAD):
            weights[f"act{layer}.alpha"] = random.uniform(0.05, 0.3, units)
        inputs = units
    return {name: value.astype(np.float32) for name, value in weights.items()}


@dataclass(frozen=True)
class Request:
    user: int
    history_item: np.ndarray  # [T]
    history_category: np.ndarray
    item: np.ndarray  # [N]
    category: np.ndarray


def random_request(config: Config, candidates: int, seed: int) -> Request:
    random = np.random.default_rng(seed)
    return Request(
        int(random.integers(1, USERS)),
        random.integers(1, ITEMS, config.steps),
        random.integers(1, CATEGORIES, config.steps),
        random.integers(1, ITEMS, candidates),
        random.integers(1, CATEGORIES, candidates),
    )


def _sigmoid(x):
    return 1 / (1 + np.exp(-x))


def attention_parts(weights: Weights):
    """W [q, k, q - k, q * k] = (W1 + W3) q + (W2 - W3) k + W4 (q * k)."""
    first, second, third, fourth = np.split(weights["att1.weight"], 4, axis=1)
    return first + third, second - third, fourth


def logits(config: Config, weights32: Weights, request: Request) -> np.ndarray:
    """The scores in float64, [N]."""
    w = {name: value.astype(np.float64) for name, value in weights32.items()}
    hidden = config.hidden
    behaviours = np.hstack([w["item_emb"][request.history_item],
                            w["cate_emb"][request.history_category]])
    candidates = np.hstack([w["item_emb"][request.item], w["cate_emb"][request.category]])
    count = len(candidates)

    states = np.zeros((config.steps, hidden))
    h = np.zeros(hidden)
    for t, x in enumerate(behaviours):
        gi = w["gru.w_ih"] @ x + w["gru.b_ih"]
        gh = w["gru.w_hh"] @ h + w["gru.b_hh"]
        r = _sigmoid(gi[:hidden] + gh[:hidden])
        z = _sigmoid(gi[hidden:2 * hidden] + gh[hidden:2 * hidden])
        n = np.tanh(gi[2 * hidden:] + r * gh[2 * hidden:])
        h = (1 - z) * n + z * h
        states[t] = h

    if config.attention == "bilinear":
        scores = candidates @ w["att.W"].T @ states.T
    else:
        query, key, product = attention_parts(w)
        x = (candidates @ query.T)[:, None] + (states @ key.T)[None]
        x = x + (candidates[:, None] * states[None]) @ product.T + w["att1.bias"]
        x = _sigmoid(_sigmoid(x) @ w["att2.weight"].T + w["att2.bias"])
        scores = (x @ w["att3.weight"].T + w["att3.bias"])[..., 0]
    scores = np.exp(scores - scores.max(axis=1, keepdims=True))
    attention = scores / scores.sum(axis=1, keepdims=True)

    state = np.zeros((count, hidden))
    for t, x in enumerate(states):
        gi = w["evolve.w_ih"] @ x + w["evolve.b"]
        gh = state @ w["evolve.w_hh"].T
        u = _sigmoid(gi[:hidden] + gh[:, :hidden]) * attention[:, t:t + 1]
        r = _sigmoid(gi[hidden:2 * hidden] + gh[:, hidden:2 * hidden])
        c = np.tanh(gi[2 * hidden:] + r * gh[:, 2 * hidden:])
        state = (1 - u) * state + u * c

    user = np.broadcast_to(w["user_emb"][request.user], (count, USER_WIDTH))
    pooled = np.broadcast_to(behaviours.sum(axis=0), (count, hidden))
    x = np.hstack([user, candidates, pooled, state])
    for layer in range(1, len(HEAD) + 1):
        x = x @ w[f"fc{layer}.weight"].T + w[f"fc{layer}.bias"]
        if layer < len(HEAD):
            x = np.where(x > 0, x, w[f"act{layer}.alpha"] * x)
    return x[:, 0]
