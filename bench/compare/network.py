"""The network that is compared: random weights, and its scores in float64.

DIEN as in the paper (arXiv 1809.03672): a GRU over the behaviours, attention, AUGRU, then a head of
200, 80 and 1 units with PReLU. Behaviours and candidates are an item and a category, each half of
the width; the hidden state is as wide as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

USERS, ITEMS, CATEGORIES, USER_WIDTH = 1000, 5000, 200, 18
HEAD = (200, 80, 1)
ATTENTION_UNITS = (80, 40, 1)
SEED = 1


Array = npt.NDArray[Any]
Weights = dict[str, Array]


@dataclass(frozen=True)
class Config:
    """The network's attention, width and length of history."""

    attention: str  # "bilinear" or "mlp"
    hidden: int  # H, and the width of a behaviour
    steps: int  # T

    @property
    def name(self) -> str:
        """Such as mlp-36-100."""
        return f"{self.attention}-{self.hidden}-{self.steps}"


def random_weights(config: Config, seed: int = SEED) -> Weights:
    """Random float32 weights; neither the gates nor the attention weights are all near 0 or 1, or all equal."""
    random = np.random.default_rng(seed)
    hidden, half = config.hidden, config.hidden // 2

    def table(rows: int, width: int) -> Array:
        return random.normal(0, 0.5, (rows, width))

    def matrix(outputs: int, inputs: int) -> Array:
        return random.normal(0, inputs**-0.5, (outputs, inputs))

    def vector(size: int) -> Array:
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
    """The ids of one user, a history of T events and N candidates."""

    user: int
    history_item: Array  # [T]
    history_category: Array
    item: Array  # [N]
    category: Array


def random_request(config: Config, candidates: int, seed: int = SEED) -> Request:
    """A request of random ids; none is 0, which is padding."""
    random = np.random.default_rng(seed)
    return Request(
        int(random.integers(1, USERS)),
        random.integers(1, ITEMS, config.steps),
        random.integers(1, CATEGORIES, config.steps),
        random.integers(1, ITEMS, candidates),
        random.integers(1, CATEGORIES, candidates),
    )


def vectors(weights: Weights, request: Request) -> tuple[Array, Array, Array]:
    """What the ids stand for: the history [T, D], the candidates [N, D] and the user [1, USER_WIDTH]."""
    def embed(item: Array, category: Array) -> Array:
        return np.hstack([weights["item_emb"][item], weights["cate_emb"][category]])

    return (embed(request.history_item, request.history_category), embed(request.item, request.category),
            weights["user_emb"][[request.user]])


def _sigmoid(x: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-x)))


def attention_parts(weights: Weights) -> tuple[Array, Array, Array]:
    """W [q, k, q - k, q * k] = (W1 + W3) q + (W2 - W3) k + W4 (q * k)."""
    first, second, third, fourth = np.split(weights["att1.weight"], 4, axis=1)
    return first + third, second - third, fourth


def head_parts(weights: Weights, hidden: int) -> tuple[Array, Array]:
    """The head's first weight: the columns of the user and the pooled history; of the candidate and its state."""
    user, candidate, pooled, state = np.split(
        weights["fc1.weight"], np.cumsum([USER_WIDTH, hidden, hidden]), axis=1)
    return np.hstack([user, pooled]), np.hstack([candidate, state])


def probabilities(config: Config, weights: Weights, request: Request) -> Array:
    """The scores in float64, [N]."""
    return _sigmoid(logits(config, weights, request))


def logits(config: Config, weights32: Weights, request: Request) -> Array:
    """The scores before the last sigmoid in float64, [N]."""
    w = {name: value.astype(np.float64) for name, value in weights32.items()}
    hidden = config.hidden
    behaviours, candidates, user = vectors(w, request)
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

    user = np.broadcast_to(user, (count, USER_WIDTH))
    pooled = np.broadcast_to(behaviours.sum(axis=0), (count, hidden))
    x = np.hstack([user, candidates, pooled, state])
    for layer in range(1, len(HEAD) + 1):
        x = x @ w[f"fc{layer}.weight"].T + w[f"fc{layer}.bias"]
        if layer < len(HEAD):
            x = np.where(x > 0, x, w[f"act{layer}.alpha"] * x)
    return np.asarray(x[:, 0])
