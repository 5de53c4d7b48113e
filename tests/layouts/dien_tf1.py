"""The DIEN authors' models (github.com/mouna99/dien, script/model.py and utils.py), in float64.

It scores one request at a time, so histories are padded exactly to the length that is asked for. The
auxiliary loss has no part in a score. The head has PReLU (use_dice=False), or Dice with given
statistics, where the authors' code takes those of the batch.
"""

from typing import Dict, List, Optional, Tuple

import numpy as np

from harness import Request, Tensors, Weights
from maths import Array, batch_norm, dice, pair_input, prelu, sigmoid, softmax
from tf1_cell import add_cell, dense, last_state, run_cell

USERS, ITEMS, CATEGORIES = 7, 23, 11
USER, ITEM, CATEGORY = 5, 4, 3  # widths; the authors' are 18, 18, 18
EVENT = ITEM + CATEGORY
UNITS = 6  # of the GRUs; the authors' are 36 = 18 + 18
HEAD = (9, 8)  # the authors' are 200, 80
LONGEST = 6

POOLING = ("base", "pnn")
RECURRENT = ("gru", "aigru", "agru", "augru")
KINDS = POOLING + ("din",) + RECURRENT

# The scopes of the tensors: in the authors' present code, in its first version, and in the forks that put
# scopes around the model, as the checkpoint tf1_dien_amazon_books.index does.
SCOPES: Dict[str, Dict[str, str]] = {
    "authors": {"body": "", "fcn": "", "query": "prelu_", "1": "prelu1/prelu_prelu1",
                "2": "prelu2/prelu_prelu2"},
    "first": {"body": "", "fcn": "", "query": "prelu/prelu", "1": "prelu_1/prelu",
              "2": "prelu_2/prelu"},
    "scoped": {"body": "dien/", "fcn": "dien/fcn/", "query": "dien//prelu_",
               "1": "dien/fcn/prelu1/prelu_prelu1", "2": "dien/fcn/prelu2/prelu_prelu2"},
}

# The mean and the variance of each Dice.
Statistics = List[Tuple[Array, Array]]


def head_width(kind: str, head: str) -> int:
    width = USER + 2 * EVENT
    if kind not in POOLING:
        width += EVENT if kind == "din" else UNITS
    if kind == "pnn" or (kind != "base" and head == "current"):
        width += EVENT
    return width


def second_gru(kind: str, body: str) -> str:
    """Cells that override RNNCell.__call__ have no scope of their own."""
    return f"{body}gru2" if kind in ("agru", "augru") else f"{body}gru2/gru_cell"


def make_weights(kind: str, seed: int, scope: str = "authors", head: str = "current",
                 use_dice: bool = False, trained_norm: bool = False) -> Tensors:
    weights = Weights(seed)
    names = SCOPES[scope]
    body, fcn = names["body"], names["fcn"]

    def add_dense(name: str, inputs: int, outputs: int) -> None:
        weights.normal(f"{name}/kernel", inputs, outputs, scale=1.2 / np.sqrt(inputs))
        weights.normal(f"{name}/bias", outputs)

    # Row 0 is trained like every other.
    weights.table("uid_embedding_var", USERS, USER, padding=False)
    weights.table("mid_embedding_var", ITEMS, ITEM, padding=False)
    weights.table("cat_embedding_var", CATEGORIES, CATEGORY, padding=False)
    if kind in RECURRENT:
        add_cell(weights, f"{body}gru1/gru_cell", UNITS, EVENT)
        add_cell(weights, second_gru(kind, body), UNITS, UNITS, kind=kind)
        add_dense(f"{body}f11_1", EVENT, UNITS)
        weights.uniform(names["query"], -0.3, 0.4, UNITS)
    if kind not in POOLING:
        tag = "null" if kind == "din" else "1_1"
        keys = EVENT if kind == "din" else UNITS
        add_dense(f"{body}f1_att{tag}", 4 * keys, 10)
        add_dense(f"{body}f2_att{tag}", 10, 5)
        add_dense(f"{body}f3_att{tag}", 5, 1)
        for number in (1, 2, 3):  # so that the softmax has something to choose
            weights.tensors[f"{body}f{number}_att{tag}/kernel"] *= 3
    width = head_width(kind, head)
    weights.uniform(f"{fcn}bn1/gamma", 0.6, 1.5, width)
    weights.normal(f"{fcn}bn1/beta", width)
    if trained_norm:
        weights.normal(f"{fcn}bn1/moving_mean", width)
        weights.uniform(f"{fcn}bn1/moving_variance", 0.3, 1.8, width)
    else:
        weights.tensors[f"{fcn}bn1/moving_mean"] = np.zeros(width, np.float32)
        weights.tensors[f"{fcn}bn1/moving_variance"] = np.ones(width, np.float32)
    inputs = width
    for number, units in enumerate(HEAD, 1):
        add_dense(f"{fcn}f{number}", inputs, units)
        if use_dice:
            weights.uniform(f"{fcn}dice_{number}/alphadice_{number}", -0.3, 0.4, units)
        else:
            weights.uniform(head_prelu(kind, scope, number), -0.3, 0.4, units)
        inputs = units
    add_dense(f"{fcn}f{len(HEAD) + 1}", inputs, 2)
    return weights.tensors


def head_prelu(kind: str, scope: str, number: int) -> str:
    if scope == "first" and kind not in RECURRENT:  # without the query's it is numbered from 0
        return "prelu/prelu" if number == 1 else "prelu_1/prelu"
    return SCOPES[scope][str(number)]


class Reference:
    """reference(tensors, request) gives the logits of the request's candidates."""

    def __init__(self, kind: str, scope: str = "authors", head: str = "current",
                 padded_to: Optional[int] = None, statistics: Optional[Statistics] = None):
        self.kind, self.scope, self.head = kind, scope, head
        self.padded_to, self.statistics = padded_to, statistics

    def __call__(self, tensors: Tensors, request: Request) -> Array:
        head = [self.head_of(tensors, x) for x in self.inputs(tensors, request)]
        return np.array([click - other for click, other in head])  # column 0 is the click

    def inputs(self, tensors: Tensors, request: Request) -> List[Array]:
        """The head's input for each candidate."""
        def event(item: int, category: int) -> Array:
            return np.concatenate([tensors["mid_embedding_var"][item],
                                   tensors["cat_embedding_var"][category]])

        history = request["history"]
        events = [event(item, category) for item, category in
                  list(zip(history["item"], history["category"]))[-LONGEST:]]
        total = sum(events, np.zeros(EVENT))
        if self.padded_to is not None:
            total = total + (self.padded_to - len(events)) * event(0, 0)
        user = tensors["uid_embedding_var"][request["features"]["user"]]
        candidates = request["candidates"]
        return [self.input(tensors, user, event(item, category), total, events)
                for item, category in zip(candidates["item"], candidates["category"])]

    def input(self, tensors: Tensors, user: Array, target: Array, total: Array,
              events: List[Array]) -> Array:
        if self.kind == "base":
            return np.concatenate([user, target, total])
        if self.kind == "pnn":
            return np.concatenate([user, target, total, target * total])
        if self.kind == "din":
            result = self.attend(tensors, target, np.array(events).reshape(-1, EVENT), "null")[1]
        else:
            result = self.interest(tensors, target, events)
        if self.head == "current":
            return np.concatenate([user, target, total, target * total, result])
        if self.kind == "din":
            return np.concatenate([user, target, total, result])
        return np.concatenate([user, target, result, total])

    def interest(self, tensors: Tensors, target: Array, events: List[Array]) -> Array:
        body = SCOPES[self.scope]["body"]
        query = dense(target, tensors, f"{body}f11_1",
                      lambda x: prelu(x, tensors[SCOPES[self.scope]["query"]]))
        states = run_cell(events, tensors, f"{body}gru1/gru_cell")
        second = second_gru(self.kind, body)
        if self.kind == "gru":
            return self.attend(tensors, query, run_cell(states, tensors, second), "1_1")[1]
        attention, _ = self.attend(tensors, query, states, "1_1")
        if self.kind == "aigru":
            return last_state(run_cell(attention[:, None] * states, tensors, second))
        return last_state(run_cell(states, tensors, second, self.kind, attention))

    def attend(self, tensors: Tensors, query: Array, keys: Array, tag: str) -> Tuple[Array, Array]:
        """din_attention and din_fcn_attention: the attention, and the sum of the keys weighted by it."""
        name = SCOPES[self.scope]["body"] + "f{}_att" + tag
        scores = []
        for key in keys:
            x = dense(pair_input(query, key), tensors, name.format(1), sigmoid)
            x = dense(x, tensors, name.format(2), sigmoid)
            scores.append(dense(x, tensors, name.format(3))[0])
        attention = softmax(np.array(scores))
        return attention, attention @ keys

    def head_of(self, tensors: Tensors, x: Array) -> Array:
        fcn = SCOPES[self.scope]["fcn"]
        x = self.normalise(tensors, x)
        for number in range(1, len(HEAD) + 1):
            x = self.activate(tensors, dense(x, tensors, f"{fcn}f{number}"), number)
        return dense(x, tensors, f"{fcn}f{len(HEAD) + 1}")

    def normalise(self, tensors: Tensors, x: Array) -> Array:
        return batch_norm(x, *(tensors[SCOPES[self.scope]["fcn"] + f"bn1/{part}"] for part in
                               ("moving_mean", "moving_variance", "gamma", "beta")), 1e-3)

    def measure(self, tensors: Tensors, requests: List[Request]) -> None:
        """Takes each Dice's statistics from all candidates, with the measured statistics in the Dice before it."""
        fcn = SCOPES[self.scope]["fcn"]
        rows = [self.normalise(tensors, x) for request in requests
                for x in self.inputs(tensors, request)]
        self.statistics = []
        for number in range(1, len(HEAD) + 1):
            values = np.array([dense(x, tensors, f"{fcn}f{number}") for x in rows])
            self.statistics.append((values.mean(0), values.var(0)))
            rows = [self.activate(tensors, x, number) for x in values]

    def activate(self, tensors: Tensors, x: Array, number: int) -> Array:
        if self.statistics is None:
            return prelu(x, tensors[head_prelu(self.kind, self.scope, number)])
        mean, variance = self.statistics[number - 1]
        alpha = tensors[SCOPES[self.scope]["fcn"] + f"dice_{number}/alphadice_{number}"]
        return dice(x, (x - mean) / (np.sqrt(variance + 1e-9) + 1e-9), alpha)
