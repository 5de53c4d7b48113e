"""DeepCTR-Torch's DIEN in float64, and checkpoints of it.

The maths is that of github.com/shenweichen/DeepCTR-Torch, deepctr_torch/models/dien.py (the network, the
order of the head's input), layers/sequence.py (AGRUCell, AUGRUCell, AttentionSequencePoolingLayer),
layers/core.py (LocalActivationUnit, DNN) and layers/activation.py (Dice).
"""

from dataclasses import dataclass
from typing import Optional

import numpy as np

from harness import Case, Request, Tensors, Weights, lengths_up_to
from maths import (batch_norm, dice, pair_input, prelu, relu, sigmoid, softmax, torch_gru,
                   torch_gru_step)

LIMIT = 6
USERS, GENDERS, ITEMS, CATEGORIES, BRANDS = 9, 3, 30, 7, 5
ATT = "interest_evolution.attention.local_att"
EVOLUTION = "interest_evolution.interest_evolution"


@dataclass
class Mode:
    gru_type: str
    normalised: bool = True
    att: str = "relu"  # the attention's activation
    dnn: str = "relu"
    bn: bool = False
    own_history_tables: bool = False
    seed: int = 1
    suffix: str = ".safetensors"
    one_bias: bool = False  # a file that keeps tensors with two names once
    extra: bool = True  # a gender, the candidate's brand and dense columns beside the rest

    @property
    def name(self) -> str:
        return (f"deepctr-torch {self.gru_type} att {self.att} dnn {self.dnn}"
                + (" bn" if self.bn else "") + ("" if self.normalised else " no softmax"))


# ---------------------------------------------------------------------------------- the checkpoint

def activation_tensors(weights: Weights, kind: str, name: str, units: int, axes: int) -> None:
    if kind == "dice":
        weights.batch_norm(f"{name}.bn", units)
        weights.normal(f"{name}.alpha", *((units,) if axes == 2 else (units, 1)), scale=0.4)
    elif kind == "prelu":
        weights.uniform(f"{name}.weight", 0.1, 0.4, 1)


def dnn_tensors(weights: Weights, name: str, inputs: int, units: tuple, kind: str, bn: bool,
                axes: int) -> None:
    for n, outputs in enumerate(units):
        weights.linear(f"{name}.linears.{n}", outputs, inputs)
        if bn:
            weights.batch_norm(f"{name}.bn.{n}", outputs)
        activation_tensors(weights, kind, f"{name}.activation_layers.{n}", outputs, axes)
        inputs = outputs


def checkpoint(mode: Mode) -> Tensors:
    weights = Weights(mode.seed)
    sizes = {"user": (USERS, 3), "item": (ITEMS, 4), "cate": (CATEGORIES, 2)}
    if mode.extra:
        sizes.update(gender=(GENDERS, 2), brand=(BRANDS, 3))
    if mode.own_history_tables:
        sizes.update(hist_item=(ITEMS, 4), hist_cate=(CATEGORIES, 2))
    for name, (rows, dim) in sizes.items():
        weights.table(f"embedding_dict.{name}.weight", rows, dim, padding=False)
    hidden = 6
    weights.torch_gru("interest_extractor.gru", hidden, hidden)
    dnn_tensors(weights, f"{ATT}.dnn", 4 * hidden, (8, 5), mode.att, False, 3)
    weights.linear(f"{ATT}.dense", 1, 5)
    if mode.gru_type in ("GRU", "AIGRU"):
        weights.torch_gru(EVOLUTION, hidden, hidden)
    else:
        for part, shape in (("weight_ih", (3 * hidden, hidden)), ("weight_hh", (3 * hidden, hidden)),
                            ("bias_ih", (3 * hidden,)), ("bias_hh", (3 * hidden,))):
            weights.normal(f"{EVOLUTION}.rnn.{part}", *shape)
        if mode.gru_type == "AUGRU":  # AUGRUCell registers bias_hh under both names
            weights.tensors[f"{EVOLUTION}.rnn.bias_ih"] = weights.tensors[f"{EVOLUTION}.rnn.bias_hh"]
    head = hidden + 3 + 4 + 2 + (2 + 3 + 1 + 2 if mode.extra else 0)
    dnn_tensors(weights, "dnn", head, (9, 6), mode.dnn, mode.bn, 2)
    weights.linear("linear", 1, 6, bias=False)
    weights.normal("out.bias", 1)
    return weights.tensors


# ------------------------------------------------------------------------------------ the network

def activation(x: np.ndarray, kind: str, tensors: Tensors, name: str) -> np.ndarray:
    if kind == "relu":
        return relu(x)
    if kind == "sigmoid":
        return sigmoid(x)
    if kind == "linear":
        return x
    if kind == "prelu":
        return prelu(x, tensors[f"{name}.weight"])
    normalised = batch_norm(x, tensors[f"{name}.bn.running_mean"], tensors[f"{name}.bn.running_var"],
                            tensors[f"{name}.bn.weight"], tensors[f"{name}.bn.bias"], 1e-8)
    return dice(x, normalised, tensors[f"{name}.alpha"].reshape(-1))


def dnn(x: np.ndarray, kind: str, bn: bool, tensors: Tensors, name: str) -> np.ndarray:
    n = 0
    while f"{name}.linears.{n}.weight" in tensors:
        x = tensors[f"{name}.linears.{n}.weight"] @ x + tensors[f"{name}.linears.{n}.bias"]
        if bn:
            x = batch_norm(x, *(tensors[f"{name}.bn.{n}.{part}"]
                                for part in ("running_mean", "running_var", "weight", "bias")), 1e-5)
        x = activation(x, kind, tensors, f"{name}.activation_layers.{n}")
        n += 1
    return x


def attention(query: np.ndarray, keys: np.ndarray, mode: Mode, tensors: Tensors) -> np.ndarray:
    scores = np.array([
        (tensors[f"{ATT}.dense.weight"]
         @ dnn(pair_input(query, key), mode.att, False, tensors, f"{ATT}.dnn")
         + tensors[f"{ATT}.dense.bias"])[0] for key in keys])
    return softmax(scores) if mode.normalised else scores


def attentive_step(x: np.ndarray, h: np.ndarray, a: float, mode: Mode,
                   tensors: Tensors) -> np.ndarray:
    """AGRUCell and AUGRUCell: rows r, z, n, reset after the product."""
    w, u, b, d = (tensors[f"{EVOLUTION}.rnn.{part}"]
                  for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))
    i_r, i_z, i_n = np.split(w @ x + b, 3)
    h_r, h_z, h_n = np.split(u @ h + d, 3)
    n = np.tanh(i_n + sigmoid(i_r + h_r) * h_n)
    share = a if mode.gru_type == "AGRU" else a * sigmoid(i_z + h_z)
    return (1 - share) * h + share * n


def evolve(query: np.ndarray, interests: np.ndarray, mode: Mode, tensors: Tensors) -> np.ndarray:
    if len(interests) == 0:
        return np.zeros(len(query))
    if mode.gru_type == "GRU":
        states = torch_gru(interests, tensors, EVOLUTION)
        return attention(query, states, mode, tensors) @ states
    a = attention(query, interests, mode, tensors)
    if mode.gru_type == "AIGRU":
        return torch_gru(a[:, None] * interests, tensors, EVOLUTION)[-1]
    h = np.zeros(len(query))
    for x, share in zip(interests, a):
        h = attentive_step(x, h, share, mode, tensors)
    return h


def logits(mode: Mode, tensors: Tensors, request: Request) -> np.ndarray:
    def row(name: str, index: int) -> np.ndarray:
        return tensors[f"embedding_dict.{name}.weight"][index]

    history, features, candidates = (request[k] for k in ("history", "features", "candidates"))
    tables = ("hist_item", "hist_cate") if mode.own_history_tables else ("item", "cate")
    events = [np.concatenate([row(tables[0], item), row(tables[1], cate)])
              for item, cate in zip(history["item"], history["cate"])][-LIMIT:]
    interests = torch_gru(events, tensors, "interest_extractor.gru")
    result = []
    for i, (item, cate) in enumerate(zip(candidates["item"], candidates["cate"])):
        query = np.concatenate([row("item", item), row("cate", cate)])
        parts = [evolve(query, interests, mode, tensors), row("user", features["user"])]
        if mode.extra:
            parts.append(row("gender", features["gender"]))
        parts += [row("item", item), row("cate", cate)]
        if mode.extra:
            parts += [row("brand", candidates["brand"][i]), [candidates["price"][i]],
                      features["pay_score"]]
        x = dnn(np.concatenate(parts), mode.dnn, mode.bn, tensors, "dnn")
        result.append((tensors["linear.weight"] @ x + tensors["out.bias"])[0])
    return np.array(result)


# ----------------------------------------------------------------------------------------- a case

def requests(mode: Mode) -> list:
    random = np.random.default_rng(100 + mode.seed)

    def ids(most: int, count: int) -> list:
        return random.integers(1, most, count).tolist()

    result = []
    for length in lengths_up_to(LIMIT):
        request = {"features": {"user": ids(USERS, 1)[0]},
                   "history": {"item": ids(ITEMS, length), "cate": ids(CATEGORIES, length)},
                   "candidates": {"item": ids(ITEMS, 3), "cate": ids(CATEGORIES, 3)}}
        if mode.extra:
            request["features"].update(gender=ids(GENDERS, 1)[0],
                                       pay_score=random.normal(size=2).round(3).tolist())
            request["candidates"].update(brand=ids(BRANDS, 3),
                                         price=random.normal(size=3).round(3).tolist())
        result.append(request)
    return result


def answers(mode: Mode) -> dict:
    given = {"gru_type": mode.gru_type, "sparse": ["user", "item", "cate"],
             "history_feature_list": ["item", "cate"],
             "att_weight_normalization": mode.normalised, "max_history": LIMIT}
    if mode.extra:
        given["sparse"] = ["user", "gender", "item", "cate", {"name": "brand", "of": "candidate"}]
        given["dense"] = [{"name": "price", "of": "candidate"}, {"name": "pay_score", "dimension": 2}]
    for key, kind in (("att_activation", mode.att), ("dnn_activation", mode.dnn)):
        if kind in ("relu", "sigmoid", "linear"):
            given[key] = kind
    return given


def case(mode: Mode, tensors: Optional[Tensors] = None) -> Case:
    if tensors is None:
        tensors = checkpoint(mode)
    if mode.one_bias:
        del tensors[f"{EVOLUTION}.rnn.bias_ih"]

    def reference(wide: Tensors, request: Request) -> np.ndarray:
        shared = {f"{EVOLUTION}.rnn.bias_ih": wide[f"{EVOLUTION}.rnn.bias_hh"]} if mode.one_bias else {}
        return logits(mode, {**shared, **wide}, request)

    return Case(mode.name, "deepctr-torch", tensors, answers(mode), requests(mode), reference,
                mode.suffix)
