"""DeepCTR-Torch's DIEN and DIN in float64, and checkpoints of them.

The maths is that of github.com/shenweichen/DeepCTR-Torch, deepctr_torch/models/dien.py and din.py (the networks,
the order of the head's input), inputs.py (embedding_lookup's groups, get_varlen_pooling_list), layers/sequence.py
(AGRUCell, AUGRUCell, AttentionSequencePoolingLayer, SequencePoolingLayer), layers/core.py (LocalActivationUnit,
DNN) and layers/activation.py (Dice).
"""

from dataclasses import dataclass, field
from math import erf
from typing import Dict, List, Optional

import numpy as np

from harness import Case, Request, Tensors, Weights, lengths_up_to
from maths import (batch_norm, dice, pair_input, prelu, relu, sigmoid, softmax, torch_gru,
                   torch_gru_step)

LIMIT = 6
USERS, GENDERS, ITEMS, CATEGORIES, BRANDS, GENRES = 9, 3, 30, 7, 5, 8
ATT = "interest_evolution.attention.local_att"
DIN_ATT = "attention.local_att"
EVOLUTION = "interest_evolution.interest_evolution"


@dataclass
class Mode:
    gru_type: str  # or "DIN"
    normalised: bool = True
    att: str = "relu"  # the attention's activation
    dnn: str = "relu"
    bn: bool = False
    own_history_tables: bool = False
    seed: int = 1
    suffix: str = ".safetensors"
    one_bias: str = ""  # the only one of an AUGRU's two names for a bias: "bias_ih" or "bias_hh"
    extra: bool = True  # a gender, the candidate's brand and dense columns beside the rest
    groups: Dict[str, str] = field(default_factory=dict)  # group_name by column, hist_ columns too
    genres: str = ""  # a DIN's VarLenSparseFeat beside the history: its combiner
    genres_length: bool = False  # whether it has a length_name

    @property
    def name(self) -> str:
        return (f"deepctr-torch {self.gru_type} att {self.att} dnn {self.dnn}"
                + (" bn" if self.bn else "") + ("" if self.normalised else " no softmax")
                + (f" genres {self.genres}" if self.genres else ""))

    @property
    def att_name(self) -> str:
        return DIN_ATT if self.gru_type == "DIN" else ATT

    @property
    def columns(self) -> List[str]:
        """The SparseFeat columns in order."""
        return ["user", "gender", "item", "cate", "brand"] if self.extra else ["user", "item", "cate"]

    def grouped(self, columns: List[str], prefix: str = "") -> List[str]:
        """As embedding_lookup returns them: by group, the groups by their first column."""
        group = {column: self.groups.get(prefix + column, "") for column in columns}
        return sorted(columns, key=lambda column: list(group.values()).index(group[column]))


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


def evolution_tensors(weights: Weights, gru_type: str, hidden: int) -> None:
    weights.torch_gru("interest_extractor.gru", hidden, hidden)
    if gru_type in ("GRU", "AIGRU"):
        weights.torch_gru(EVOLUTION, hidden, hidden)
        return
    for part, shape in (("weight_ih", (3 * hidden, hidden)), ("weight_hh", (3 * hidden, hidden)),
                        ("bias_ih", (3 * hidden,)), ("bias_hh", (3 * hidden,))):
        weights.normal(f"{EVOLUTION}.rnn.{part}", *shape)
    if gru_type == "AUGRU":  # AUGRUCell registers bias_hh under both names
        weights.tensors[f"{EVOLUTION}.rnn.bias_ih"] = weights.tensors[f"{EVOLUTION}.rnn.bias_hh"]
    else:  # AGRUCell has an update gate that it does not use, and biases begin with 0
        for part in ("bias_ih", "bias_hh"):
            weights.tensors[f"{EVOLUTION}.rnn.{part}"][hidden:2 * hidden] = 0


def checkpoint(mode: Mode) -> Tensors:
    """In the order of a state dict: embedding_dict has the tables of the columns in their order."""
    weights = Weights(mode.seed)
    sizes = {"user": (USERS, 3), "gender": (GENDERS, 2), "item": (ITEMS, 4), "cate": (CATEGORIES, 2),
             "brand": (BRANDS, 3)}
    sizes = {column: sizes[column] for column in mode.columns}
    if mode.own_history_tables:
        sizes.update(hist_item=(ITEMS, 4), hist_cate=(CATEGORIES, 2))
    if mode.genres:
        sizes.update(genres=(GENRES, 3))
    for name, (rows, dim) in sizes.items():
        weights.table(f"embedding_dict.{name}.weight", rows, dim, padding=False)
    hidden = 6
    din = mode.gru_type == "DIN"
    dnn_tensors(weights, f"{mode.att_name}.dnn", 4 * hidden, (8, 5), mode.att, False, 3)
    weights.linear(f"{mode.att_name}.dense", 1, 5)
    if not din:
        evolution_tensors(weights, mode.gru_type, hidden)
    head = hidden + 3 + 4 + 2 + (2 + 3 + 1 + 2 if mode.extra else 0) + (3 if mode.genres else 0)
    dnn_tensors(weights, "dnn", head, (9, 6), mode.dnn, mode.bn, 2)
    weights.linear("dnn_linear" if din else "linear", 1, 6, bias=False)
    weights.normal("out.bias", 1)
    return weights.tensors


# ------------------------------------------------------------------------------------ the network

def activation(x: np.ndarray, kind: str, tensors: Tensors, name: str) -> np.ndarray:
    without_weights = {
        "relu": relu, "sigmoid": sigmoid, "linear": lambda x: x, "tanh": np.tanh,
        "gelu": lambda x: x * (1 + np.vectorize(erf)(x / np.sqrt(2))) / 2,
        "elu": lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))), "silu": lambda x: x * sigmoid(x),
        "leaky_relu": lambda x: np.where(x > 0, x, 0.01 * x)}
    if kind in without_weights:
        return without_weights[kind](x)
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
    name = mode.att_name
    scores = np.array([
        (tensors[f"{name}.dense.weight"] @ dnn(pair_input(query, key), mode.att, False, tensors, f"{name}.dnn")
         + tensors[f"{name}.dense.bias"])[0] for key in keys])
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


def pool(ids: List[int], mode: Mode, tensors: Tensors) -> np.ndarray:
    """SequencePoolingLayer. Without a length_name id 0 is padding."""
    rows = tensors["embedding_dict.genres.weight"][[i for i in ids if i != 0 or mode.genres_length]]
    if len(rows) == 0:
        return np.zeros(rows.shape[1])
    return {"sum": rows.sum, "mean": rows.mean, "max": rows.max}[mode.genres](axis=0)


def logits(mode: Mode, tensors: Tensors, request: Request) -> np.ndarray:
    def row(name: str, index: int) -> np.ndarray:
        return tensors[f"embedding_dict.{name}.weight"][index]

    history, features, candidates = (request[k] for k in ("history", "features", "candidates"))
    keys = ["item", "cate"]
    prefix = "hist_" if mode.own_history_tables else ""
    events = [np.concatenate([row(prefix + key, history[key][t]) for key in mode.grouped(keys, "hist_")])
              for t in range(len(history["item"]))][-LIMIT:]
    din = mode.gru_type == "DIN"
    interests = np.array(events).reshape(-1, 6) if din else torch_gru(events, tensors, "interest_extractor.gru")
    result = []
    for i in range(len(candidates["item"])):
        def value(name: str, at: int = i):
            return candidates[name][at] if name in candidates else features[name]
        query = np.concatenate([row(key, value(key)) for key in mode.grouped(keys)])
        sparse = [row(column, value(column)) for column in mode.grouped(mode.columns)]
        pooled = [pool(features["genres"], mode, tensors)] if mode.genres else []
        dense = [[value("price")], features["pay_score"]] if mode.extra else []
        if din:
            parts = [*sparse, *pooled, attention(query, interests, mode, tensors) @ interests, *dense]
        else:
            parts = [evolve(query, interests, mode, tensors), *sparse, *dense]
        x = dnn(np.concatenate(parts), mode.dnn, mode.bn, tensors, "dnn")
        result.append((tensors["dnn_linear.weight" if din else "linear.weight"] @ x + tensors["out.bias"])[0])
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
        if mode.genres:
            request["features"]["genres"] = random.integers(0, GENRES, length).tolist()
        result.append(request)
    return result


def answers(mode: Mode) -> dict:
    def column(name: str, **more) -> dict:
        return {"name": name, **({"group_name": mode.groups[name]} if name in mode.groups else {}), **more}
    sparse = [column(name, of="candidate") if name == "brand" else column(name) for name in mode.columns]
    given = {"gru_type": mode.gru_type, "sparse": [c["name"] if len(c) == 1 else c for c in sparse],
             "history_feature_list": ["item", "cate"],
             "att_weight_normalization": mode.normalised, "max_history": LIMIT}
    if mode.gru_type == "DIN":
        del given["gru_type"]
    if mode.genres:
        given["varlen"] = [{"name": "genres", "combiner": mode.genres,
                            "mask": "length" if mode.genres_length else "not_zero"}]
    if any(name.startswith("hist_") for name in mode.groups):
        given["history_order"] = [{"name": name, "group_name": mode.groups["hist_" + name]}
                                  for name in ("item", "cate")]
    if mode.extra:
        given["dense"] = [{"name": "price", "of": "candidate"}, {"name": "pay_score", "dimension": 2}]
    for key, kind in (("att_activation", mode.att), ("dnn_activation", mode.dnn)):
        if kind not in ("dice", "prelu"):
            given[key] = kind
    return given


def case(mode: Mode, tensors: Optional[Tensors] = None) -> Case:
    if tensors is None:
        tensors = checkpoint(mode)
    names = {f"{EVOLUTION}.rnn.bias_ih", f"{EVOLUTION}.rnn.bias_hh"}
    kept = f"{EVOLUTION}.rnn.{mode.one_bias}"
    if mode.one_bias:
        tensors = {name: tensor for name, tensor in tensors.items() if name == kept or name not in names}

    def reference(wide: Tensors, request: Request) -> np.ndarray:
        shared = {name: wide[kept] for name in names} if mode.one_bias else {}
        return logits(mode, {**shared, **wide}, request)

    return Case(mode.name, "deepctr-torch", tensors, answers(mode), requests(mode), reference,
                mode.suffix)
