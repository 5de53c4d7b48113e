"""FuxiCTR's DIEN in float64, and checkpoints of it.

The maths is that of github.com/reczoo/FuxiCTR: model_zoo/DIEN/src/DIEN.py (the network, AttentionLayer,
AGRUCell, AUGRUCell, the order of the head's input), fuxictr/pytorch/layers/blocks/mlp_block.py,
activations.py (Dice), embeddings/feature_embedding.py and pooling.py. There are two versions of the network:
with dien_sequence_field, one stack for each pair of fields; and a later one with a single stack, whose
features have source: item, and which puts the other features first in the head.
"""

from dataclasses import dataclass

import numpy as np

from harness import Case, Request, Tensors, Weights, lengths_up_to
from maths import (batch_norm, dice, pair_input, prelu, relu, sigmoid, softmax, torch_gru)

LIMIT = 5
DIM = 3
ROWS = {"user_id": 9, "item_id": 25, "cate_id": 6, "shop_id": 7, "tags": 8, "words": 8,
        "clicks": 25, "click_cates": 6, "carts": 25}


@dataclass
class Mode:
    gru_type: str
    attention: str = "bilinear"  # bilinear, dot, din
    normalised: bool = True
    att: str = "dice"  # the attention MLP's activation
    dnn: str = "relu"
    norm: str = "each"  # BatchNorm: each layer, once (at the input), none
    dropout: bool = False  # takes a place in the Sequential
    sum_pooling: bool = False
    stacks: int = 1
    later: bool = False
    shared: bool = False  # the histories share the items' tables
    seed: int = 1

    @property
    def name(self) -> str:
        return f"fuxictr {self}"

    @property
    def targets(self) -> list:
        return [["item_id", "cate_id"]] + ([["shop_id"]] if self.stacks == 2 else [])

    @property
    def sequences(self) -> list:
        if self.later:
            return self.targets
        return [["clicks", "click_cates"]] + ([["carts"]] if self.stacks == 2 else [])

    @property
    def tables(self) -> str:
        return ("embedding_layer.embedding_layer.embedding_layers" if self.later
                else "embedding_layer.embedding_layers")

    # The feature map in order, but for the sequences: name, kind.
    @property
    def features(self) -> list:
        features = [("user_id", "categorical"), ("age", "numeric"), ("item_id", "categorical"),
                    ("tags", "mean"), ("cate_id", "categorical"), ("words", "sum"),
                    ("shop_id", "categorical"), ("price", "numeric")]
        if self.later:
            features = [f for f in features if f[0] not in self.targets[0]]
        return features


CANDIDATE = ("item_id", "cate_id", "shop_id", "tags", "price")


# ---------------------------------------------------------------------------------- the checkpoint

def mlp_tensors(weights: Weights, name: str, inputs: int, units: tuple, kind: str, norm: str,
                dropout: bool) -> None:
    """Linear, BatchNorm, activation, Dropout: each takes a number, whether it has tensors or not."""
    k = 0
    if norm == "once":
        weights.batch_norm(f"{name}.{k}", inputs)
        k += 1
    for outputs in units:
        weights.linear(f"{name}.{k}", outputs, inputs)
        k += 1
        if norm == "each":
            weights.batch_norm(f"{name}.{k}", outputs)
            k += 1
        if kind == "dice":
            weights.batch_norm(f"{name}.{k}.bn", outputs, affine=False)
            weights.normal(f"{name}.{k}.alpha", outputs)
        elif kind == "prelu":  # nn.PReLU(units): one alpha a unit
            weights.uniform(f"{name}.{k}.weight", 0.05, 0.5, outputs)
        k += (kind != "none") + dropout
        inputs = outputs
    weights.linear(f"{name}.{k}", 1, inputs)


def checkpoint(mode: Mode) -> Tensors:
    weights = Weights(mode.seed)
    embedded = [f for f, kind in mode.features if kind != "numeric"]
    for name in dict.fromkeys(embedded + sum(mode.targets + mode.sequences, [])):
        weights.table(f"{mode.tables}.{name}.weight", ROWS[name], DIM)
    if mode.shared:
        for name, owner in (("clicks", "item_id"), ("click_cates", "cate_id")):
            weights.tensors[f"{mode.tables}.{name}.weight"] = weights.tensors[f"{mode.tables}.{owner}.weight"]
    for name, kind in mode.features:
        if kind == "numeric":
            weights.normal(f"{mode.tables}.{name}.weight", DIM, 1)
    head = DIM * len(mode.features) + (DIM * len(mode.targets[0]) if mode.later else 0)
    for n, target in enumerate(mode.targets):
        hidden = DIM * len(target)
        head += hidden * (3 if mode.sum_pooling else 1)
        weights.torch_gru(f"extraction_modules.{n}", hidden, hidden)
        if mode.gru_type == "GRU":
            weights.torch_gru(f"evolving_modules.{n}", hidden, hidden)
            continue
        for part in ("x2h", "h2h"):
            weights.linear(f"evolving_modules.{n}.gru_cell.{part}", 3 * hidden, hidden)
        if mode.attention == "bilinear":
            weights.normal(f"attention_modules.{n}.W_kernel", hidden, hidden)
        elif mode.attention == "din":
            mlp_tensors(weights, f"attention_modules.{n}.attn_mlp.mlp", 4 * hidden, (7, 4), mode.att,
                        "none", mode.dropout)
    mlp_tensors(weights, "dnn.mlp", head, (8, 6), mode.dnn, mode.norm, mode.dropout)
    return weights.tensors


# ------------------------------------------------------------------------------------ the network

def mlp(x: np.ndarray, kind: str, norm: str, dropout: bool, tensors: Tensors, name: str) -> float:
    def batch(x: np.ndarray, k: int) -> np.ndarray:
        return batch_norm(x, *(tensors[f"{name}.{k}.{part}"]
                               for part in ("running_mean", "running_var", "weight", "bias")), 1e-5)

    k = 0
    if norm == "once":
        x, k = batch(x, 0), 1
    for _ in range(2):
        x = tensors[f"{name}.{k}.weight"] @ x + tensors[f"{name}.{k}.bias"]
        k += 1
        if norm == "each":
            x, k = batch(x, k), k + 1
        if kind == "relu":
            x = relu(x)
        elif kind == "sigmoid":
            x = sigmoid(x)
        elif kind == "tanh":
            x = np.tanh(x)
        elif kind == "prelu":
            x = prelu(x, tensors[f"{name}.{k}.weight"])
        elif kind == "dice":
            normalised = batch_norm(x, tensors[f"{name}.{k}.bn.running_mean"],
                                    tensors[f"{name}.{k}.bn.running_var"], None, None, 1e-9)
            x = dice(x, normalised, tensors[f"{name}.{k}.alpha"])
        k += (kind != "none") + dropout
    return (tensors[f"{name}.{k}.weight"] @ x + tensors[f"{name}.{k}.bias"])[0]


def attention(states: np.ndarray, target: np.ndarray, n: int, mode: Mode,
              tensors: Tensors) -> np.ndarray:
    if mode.attention == "dot":
        scores = states @ target
    elif mode.attention == "bilinear":
        scores = states @ tensors[f"attention_modules.{n}.W_kernel"] @ target
    else:
        scores = np.array([mlp(pair_input(target, h), mode.att, "none", mode.dropout, tensors,
                               f"attention_modules.{n}.attn_mlp.mlp") for h in states])
    return softmax(scores) if mode.normalised else scores


def evolve(states: np.ndarray, target: np.ndarray, n: int, mode: Mode, tensors: Tensors) -> np.ndarray:
    h = np.zeros(len(target))
    if len(states) == 0:
        return h
    if mode.gru_type == "GRU":
        return torch_gru(states, tensors, f"evolving_modules.{n}")[-1]
    x2h, h2h = (f"evolving_modules.{n}.gru_cell.{part}" for part in ("x2h", "h2h"))
    for x, a in zip(states, attention(states, target, n, mode, tensors)):
        i_u, i_r, i_n = np.split(tensors[f"{x2h}.weight"] @ x + tensors[f"{x2h}.bias"], 3)
        h_u, h_r, h_n = np.split(tensors[f"{h2h}.weight"] @ h + tensors[f"{h2h}.bias"], 3)
        new = np.tanh(i_n + sigmoid(i_r + h_r) * h_n)
        share = a if mode.gru_type == "AGRU" else sigmoid(i_u + h_u) * a
        h = h + share * (new - h)
    return h


def logits(mode: Mode, tensors: Tensors, request: Request) -> np.ndarray:
    def embedding(name: str, ids) -> np.ndarray:
        return tensors[f"{mode.tables}.{name}.weight"][ids]

    def feature(name: str, kind: str, value) -> np.ndarray:
        if kind == "numeric":  # Linear(1, DIM, bias=False)
            return tensors[f"{mode.tables}.{name}.weight"][:, 0] * value
        if kind == "categorical":
            return embedding(name, value)
        rows = embedding(name, np.array(value, int))
        total = rows.sum(axis=0)
        if kind == "sum":
            return total
        return total / (np.count_nonzero(rows.sum(axis=-1)) + 1e-12)

    histories = request["history"]
    single = len(mode.sequences) == 1
    result = []
    for i in range(len(request["candidates"]["item_id"])):
        def value(name: str):
            return (request["candidates"][name][i] if name in CANDIDATE and name in request["candidates"]
                    else request["features"][name])

        plain = [feature(name, kind, value(name)) for name, kind in mode.features]
        states, target_parts = [], []
        for n, (target_fields, fields) in enumerate(zip(mode.targets, mode.sequences)):
            history = histories if single else histories[fields[0]]
            real = [t for t, first in enumerate(history[fields[0]]) if first > 0][-LIMIT:]
            events = np.array([np.concatenate([embedding(f, history[f][t]) for f in fields])
                               for t in real]).reshape(len(real), DIM * len(fields))
            target = np.concatenate([embedding(f, value(f)) for f in target_fields])
            interests = torch_gru(events, tensors, f"extraction_modules.{n}")
            target_parts.append(target)
            states.append(evolve(interests, target, n, mode, tensors))
            if mode.sum_pooling:
                states += [events.sum(axis=0), target * events.sum(axis=0)]
        parts = plain + target_parts + states if mode.later else states + plain
        result.append(mlp(np.concatenate(parts), mode.dnn, mode.norm, mode.dropout, tensors, "dnn.mlp"))
    return np.array(result)


# ----------------------------------------------------------------------------------------- a case

def requests(mode: Mode) -> list:
    random = np.random.default_rng(200 + mode.seed)

    def ids(name: str, count: int) -> list:
        return random.integers(1, ROWS[name], count).tolist()

    def several(name: str) -> list:
        return ids(name, random.integers(0, 4)) + [0] * int(random.integers(0, 2))

    result = []
    for length in lengths_up_to(LIMIT):
        history = {}
        for fields in mode.sequences:
            columns = {f: ids(f, length) for f in fields}
            if length > 1 and length % 2 == 0:  # padding at the end, which the mask drops
                for column in columns.values():
                    column[-1] = 0
            history[fields[0]] = columns
        if len(history) == 1:
            (history,) = history.values()
        features = {"user_id": ids("user_id", 1)[0], "words": several("words"),
                    "age": round(float(random.normal()), 3)}
        candidates = {"item_id": ids("item_id", 3), "cate_id": ids("cate_id", 3),
                      "shop_id": ids("shop_id", 3), "tags": [several("tags") for _ in range(3)],
                      "price": random.normal(size=3).round(3).tolist()}
        result.append({"features": features, "history": history, "candidates": candidates})
    return result


def answers(mode: Mode) -> dict:
    features = []
    for name, kind in mode.features:
        entry = {"name": name, "kind": kind}
        if name in CANDIDATE:
            entry["of"] = "candidate"
        features.append(name if entry == {"name": name, "kind": "categorical"} else entry)
    given = {"features": features, "dien_target_field": mode.targets, "max_history": LIMIT,
             "enable_sum_pooling": mode.sum_pooling}
    if not mode.later:
        given["dien_sequence_field"] = mode.sequences
    if mode.shared:
        given["share_embedding"] = [{"name": "clicks", "with": "item_id"},
                                    {"name": "click_cates", "with": "cate_id"}]
    if mode.gru_type != "GRU":
        given.update(gru_type=mode.gru_type, use_attention_softmax=mode.normalised)
    if mode.attention == "din" and mode.att not in ("dice", "prelu"):
        given["attention_activation"] = mode.att
    if mode.dnn not in ("dice", "prelu"):
        given["dnn_activations"] = mode.dnn
    return given


def case(mode: Mode) -> Case:
    return Case(mode.name, "fuxictr", checkpoint(mode), answers(mode), requests(mode),
                lambda wide, request: logits(mode, wide, request))
