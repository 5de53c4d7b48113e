"""torch-rechub's DIEN and DIN in float64, and checkpoints of them.

The maths is that of github.com/datawhalechina/torch-rechub: torch_rechub/models/ranking/dien.py (the network,
AUGRU, AUGRU_Cell, the order of the head's input) and din.py (ActivationUnit), torch_rechub/basic/layers.py
(EmbeddingLayer, InputMask, MLP, the poolings) and torch_rechub/basic/activation.py (Dice, the activations' names).
As in the library, a history is a padded row of LIMIT ids, and a mask says which of them are read.
"""

from dataclasses import dataclass
from math import erf

import numpy as np

from harness import Case, Request, Tensors, Weights, lengths_up_to
from maths import batch_norm, prelu, relu, sigmoid, softmax, torch_gru

LIMIT = 5
DIM = 4
ROWS = {"user": 9, "city": 6, "item": 25, "cate": 7, "shop": 8, "tags": 6, "hist_item": 25,
        "hist_cate": 7}


@dataclass
class Mode:
    stacks: int = 1
    own_history_tables: bool = False
    padding_idx: int = 0  # of the history and the pooled features; -1: none
    pooling: str = "mean"
    dims: tuple = (8, 6)
    seed: int = 1
    padding: str = "after"
    truncation: str = "newest"
    dense: bool = False
    trained_padding: bool = False  # row padding_idx is not 0
    din: bool = False
    use_softmax: bool = False
    att: str = "dice"  # the attention's activation, in a DIN
    att_dims: tuple = (7,)
    suffix: str = ".safetensors"

    @property
    def name(self) -> str:
        return f"torch-rechub {self}"

    @property
    def histories(self) -> list:
        return ["hist_item", "hist_cate"][:self.stacks]

    @property
    def targets(self) -> list:
        return ["item", "cate", "shop"]  # more than there are histories

    @property
    def padding_id(self) -> int:
        return max(self.padding_idx, 0)


def mlp_tensors(weights: Weights, name: str, inputs: int, dims: tuple, activation: str) -> None:
    k = 0
    for outputs in dims:  # Linear, BatchNorm1d, activation, Dropout
        weights.linear(f"{name}.{k}", outputs, inputs)
        weights.batch_norm(f"{name}.{k + 1}", outputs)
        if activation == "dice":
            weights.uniform(f"{name}.{k + 2}.alpha", 0.2, 0.6, 1)
        if activation == "prelu":
            weights.uniform(f"{name}.{k + 2}.weight", 0.2, 0.6, 1)
        inputs, k = outputs, k + 4
    weights.linear(f"{name}.{k}", 1, inputs)


def checkpoint(mode: Mode) -> Tensors:
    weights = Weights(mode.seed)
    own = mode.histories if mode.own_history_tables else []
    # As embed_dict holds them: of features, of history_features, of target_features.
    for name in ["user", "tags", "city", *own, *mode.targets]:
        table = f"embedding.embed_dict.{name}.weight"
        weights.table(table, ROWS[name], DIM, padding=False)
        if mode.padding_idx >= 0 and not mode.trained_padding:
            weights.tensors[table][mode.padding_idx] = 0
    for n in range(mode.stacks):
        if mode.din:
            mlp_tensors(weights, f"attention_layers.{n}.attention.mlp", 4 * DIM, mode.att_dims, mode.att)
            continue
        weights.torch_gru(f"interest_extractor_layers.{n}", DIM, DIM)
        at = f"interest_evolving_layers.{n}"
        weights.normal(f"{at}.Wa", DIM, DIM)
        for gate in "urh":
            weights.normal(f"{at}.augru_cell.W{gate}", DIM, DIM)
            weights.normal(f"{at}.augru_cell.U{gate}", DIM, DIM)
            weights.normal(f"{at}.augru_cell.b{gate}", 1, DIM)
    inputs = DIM * (mode.stacks + len(mode.targets) + 3) + (4 if mode.dense else 0)
    mlp_tensors(weights, "mlp.mlp", inputs, mode.dims, "dice")
    return weights.tensors


def dice(x: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Over the layer's units, of one sample; epsilon is in every term of the sum."""
    mean = x.mean()
    p = sigmoid((x - mean) / np.sqrt(((x - mean) ** 2 + 1e-3).sum()))
    return p * x + (1 - p) * alpha * x


ACTIVATIONS = {
    "relu": relu, "sigmoid": sigmoid, "leakyrelu": lambda x: prelu(x, 0.01), "Tanh": np.tanh,
    "SiLU": lambda x: x * sigmoid(x), "ELU": lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
    "Identity": lambda x: x,
    "GELU": lambda x: x / 2 * (1 + np.vectorize(erf)(x / np.sqrt(2))),
}


def mlp(x: np.ndarray, tensors: Tensors, name: str, layers: int, activation: str) -> float:
    k = 0
    for _ in range(layers):
        x = tensors[f"{name}.{k}.weight"] @ x + tensors[f"{name}.{k}.bias"]
        x = batch_norm(x, *(tensors[f"{name}.{k + 1}.{part}"]
                            for part in ("running_mean", "running_var", "weight", "bias")), 1e-5)
        if activation == "dice":
            x = dice(x, tensors[f"{name}.{k + 2}.alpha"])
        elif activation == "prelu":
            x = prelu(x, tensors[f"{name}.{k + 2}.weight"])
        else:
            x = ACTIVATIONS[activation](x)
        k += 4
    return (tensors[f"{name}.{k}.weight"] @ x + tensors[f"{name}.{k}.bias"])[0]


def evolve(interests: np.ndarray, mask: np.ndarray, target: np.ndarray, n: int, tensors: Tensors) -> np.ndarray:
    at = f"interest_evolving_layers.{n}"
    h = np.zeros(DIM)
    attention = softmax(np.where(mask, interests @ tensors[f"{at}.Wa"] @ target, -np.inf))
    w, u, b = ({gate: tensors[f"{at}.augru_cell.{part}{gate}"] for gate in "urh"} for part in "WUb")
    for x, a in zip(interests, attention):
        update = sigmoid(x @ w["u"] + h @ u["u"] + b["u"][0])
        reset = sigmoid(x @ w["r"] + h @ u["r"] + b["r"][0])
        new = np.tanh(x @ w["h"] + reset * (h @ u["h"]) + b["h"][0])
        h = (1 - a * update) * h + a * update * new
    return h


def padded(mode: Mode, ids: list) -> np.ndarray:
    """The row of the library's batch."""
    ids = ids[-LIMIT:] if mode.truncation == "newest" else ids[:LIMIT]
    fill = [mode.padding_id] * (LIMIT - len(ids))
    return np.array(fill + ids if mode.padding == "before" else ids + fill)


def din_interest(mode: Mode, rows: np.ndarray, target: np.ndarray, n: int, tensors: Tensors) -> np.ndarray:
    weights = np.array([mlp(np.concatenate([target, row, target - row, target * row]), tensors,
                            f"attention_layers.{n}.attention.mlp", len(mode.att_dims), mode.att) for row in rows])
    return (softmax(weights) if mode.use_softmax else weights) @ rows


def dien_interest(rows: np.ndarray, mask: np.ndarray, target: np.ndarray, n: int, tensors: Tensors) -> np.ndarray:
    if not mask.any():
        return np.zeros(DIM)
    outs = np.zeros_like(rows)  # pack_padded_sequence takes so many of the first rows as the mask counts
    outs[:mask.sum()] = torch_gru(rows[:mask.sum()], tensors, f"interest_extractor_layers.{n}")
    return evolve(outs, mask, target, n, tensors)


def logits(mode: Mode, tensors: Tensors, request: Request) -> np.ndarray:
    def embedding(name: str, ids) -> np.ndarray:
        return tensors[f"embedding.embed_dict.{name}.weight"][np.array(ids, int)]

    def pooled(ids: list) -> np.ndarray:
        counted = [i for i in ids if i != mode.padding_idx]
        total = embedding("tags", counted).sum(axis=0)
        return total if mode.pooling == "sum" else total / (len(counted) + 1e-16)

    features, candidates = request["features"], request["candidates"]
    histories = []
    for n, name in enumerate(mode.histories):
        ids = request["history"][name]
        ids = ids if mode.stacks == 1 else ids[name]
        if not mode.din:
            ids = [i for i in ids if i != mode.padding_idx]
        ids = padded(mode, ids)
        table = name if mode.own_history_tables else mode.targets[n]
        histories.append((embedding(table, ids), ids != mode.padding_idx))
    result = []
    for i in range(len(candidates["item"])):
        targets = [embedding(name, candidates[name][i]) for name in mode.targets]
        states = [din_interest(mode, rows, targets[n], n, tensors) if mode.din else
                  dien_interest(rows, mask, targets[n], n, tensors) for n, (rows, mask) in enumerate(histories)]
        x = [*states, *targets, embedding("user", features["user"]),
             pooled(candidates["tags"][i]), embedding("city", features["city"])]
        if mode.dense:  # behind the others, wherever they are declared
            x += [[candidates["price"][i]], features["context"]]
        result.append(mlp(np.concatenate(x), tensors, "mlp.mlp", len(mode.dims), "dice"))
    return np.array(result)


def requests(mode: Mode) -> list:
    random = np.random.default_rng(400 + mode.seed)

    def ids(name: str, count: int) -> list:
        found = random.integers(1, ROWS[name], count)
        return np.where(found == mode.padding_idx, 1, found).tolist()

    result = []
    for length in lengths_up_to(LIMIT):
        history = {name: ids(name, length) for name in mode.histories}
        if 1 < length <= LIMIT and length % 2 == 0:
            # Padding, or with padding_idx unset an id like others.
            history["hist_item"][-1 if mode.padding == "after" else 0] = mode.padding_id
        if mode.stacks > 1:
            history = {name: {name: column} for name, column in history.items()}
        candidates = {name: ids(name, 3) for name in mode.targets}
        candidates["tags"] = [ids("tags", random.integers(0, 4)) + [mode.padding_id] * int(random.integers(0, 2))
                              for _ in range(3)]
        features = {"user": ids("user", 1)[0], "city": ids("city", 1)[0]}
        if mode.dense:
            candidates["price"] = random.normal(0, 1, 3).round(3).tolist()
            features["context"] = random.normal(0, 1, 3).round(3).tolist()
        result.append({"features": features, "history": history, "candidates": candidates})
    return result


def answers(mode: Mode) -> dict:
    tags = {"name": "tags", "kind": mode.pooling, "of": "candidate", "padding_idx": mode.padding_idx}
    features = ["user", tags, "city"]
    if mode.dense:
        features.insert(0, {"name": "price", "kind": "dense", "of": "candidate"})
        features.insert(2, {"name": "context", "kind": "dense", "dim": 3})
    given = {"history_features": mode.histories, "target_features": mode.targets, "features": features,
             "max_history": LIMIT, "padding_idx": mode.padding_idx, "truncation": mode.truncation}
    if not mode.din:
        return {**given, "padding": mode.padding}
    told = not mode.att_dims or mode.att in ("dice", "prelu")
    return {**given, "use_softmax": mode.use_softmax, **({} if told else {"att_activation": mode.att})}


def case(mode: Mode) -> Case:
    return Case(mode.name, "torch-rechub", checkpoint(mode), answers(mode), requests(mode),
                lambda wide, request: logits(mode, wide, request), mode.suffix)
