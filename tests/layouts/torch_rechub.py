"""torch-rechub's DIEN in float64, and checkpoints of it.

The maths is that of github.com/datawhalechina/torch-rechub: torch_rechub/models/ranking/dien.py (the network,
AUGRU, AUGRU_Cell, the order of the head's input), torch_rechub/basic/layers.py (EmbeddingLayer, MLP, the
poolings) and torch_rechub/basic/activation.py (Dice).
"""

from dataclasses import dataclass

import numpy as np

from harness import Case, Request, Tensors, Weights, lengths_up_to
from maths import batch_norm, sigmoid, softmax, torch_gru

LIMIT = 5
DIM = 4
ROWS = {"user": 9, "city": 6, "item": 25, "cate": 7, "shop": 8, "tags": 6, "hist_item": 25,
        "hist_cate": 7}


@dataclass
class Mode:
    stacks: int = 1
    own_history_tables: bool = False
    padding_idx: bool = True  # of the history and the pooled features
    pooling: str = "mean"
    dims: tuple = (8, 6)
    seed: int = 1

    @property
    def name(self) -> str:
        return f"torch-rechub {self}"

    @property
    def histories(self) -> list:
        return ["hist_item", "hist_cate"][:self.stacks]

    @property
    def targets(self) -> list:
        return ["item", "cate", "shop"]  # more than there are histories


def checkpoint(mode: Mode) -> Tensors:
    weights = Weights(mode.seed)
    own = mode.histories if mode.own_history_tables else []
    for name in ["user", "city", "tags", *mode.targets, *own]:
        weights.table(f"embedding.embed_dict.{name}.weight", ROWS[name], DIM, padding=mode.padding_idx)
    for n in range(mode.stacks):
        weights.torch_gru(f"interest_extractor_layers.{n}", DIM, DIM)
        at = f"interest_evolving_layers.{n}"
        weights.normal(f"{at}.Wa", DIM, DIM)
        for gate in "urh":
            weights.normal(f"{at}.augru_cell.W{gate}", DIM, DIM)
            weights.normal(f"{at}.augru_cell.U{gate}", DIM, DIM)
            weights.normal(f"{at}.augru_cell.b{gate}", 1, DIM)
    inputs = DIM * (mode.stacks + len(mode.targets) + 3)
    k = 0
    for outputs in mode.dims:  # Linear, BatchNorm1d, Dice, Dropout
        weights.linear(f"mlp.mlp.{k}", outputs, inputs)
        weights.batch_norm(f"mlp.mlp.{k + 1}", outputs)
        weights.uniform(f"mlp.mlp.{k + 2}.alpha", 0.2, 0.6, 1)
        inputs, k = outputs, k + 4
    weights.linear(f"mlp.mlp.{k}", 1, inputs)
    return weights.tensors


def dice(x: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Over the layer's units, of one sample; epsilon is in every term of the sum."""
    mean = x.mean()
    p = sigmoid((x - mean) / np.sqrt(((x - mean) ** 2 + 1e-3).sum()))
    return p * x + (1 - p) * alpha * x


def evolve(interests: np.ndarray, target: np.ndarray, n: int, tensors: Tensors) -> np.ndarray:
    at = f"interest_evolving_layers.{n}"
    h = np.zeros(DIM)
    attention = softmax(interests @ tensors[f"{at}.Wa"] @ target)
    w, u, b = ({gate: tensors[f"{at}.augru_cell.{part}{gate}"] for gate in "urh"} for part in "WUb")
    for x, a in zip(interests, attention):
        update = sigmoid(x @ w["u"] + h @ u["u"] + b["u"][0])
        reset = sigmoid(x @ w["r"] + h @ u["r"] + b["r"][0])
        new = np.tanh(x @ w["h"] + reset * (h @ u["h"]) + b["h"][0])
        h = (1 - a * update) * h + a * update * new
    return h


def logits(mode: Mode, tensors: Tensors, request: Request) -> np.ndarray:
    def embedding(name: str, ids) -> np.ndarray:
        return tensors[f"embedding.embed_dict.{name}.weight"][np.array(ids, int)]

    def pooled(ids: list) -> np.ndarray:
        counted = [i for i in ids if i != 0 or not mode.padding_idx]
        total = embedding("tags", counted).sum(axis=0)
        return total if mode.pooling == "sum" else total / (len(counted) + 1e-16)

    features, candidates = request["features"], request["candidates"]
    interests = []
    for n, name in enumerate(mode.histories):
        ids = request["history"][name]
        ids = (ids if mode.stacks == 1 else ids[name])
        ids = [i for i in ids if i != 0 or not mode.padding_idx][-LIMIT:]
        table = name if mode.own_history_tables else mode.targets[n]
        interests.append(torch_gru(embedding(table, ids), tensors, f"interest_extractor_layers.{n}"))
    result = []
    for i in range(len(candidates["item"])):
        targets = [embedding(name, candidates[name][i]) for name in mode.targets]
        states = [evolve(interests[n], targets[n], n, tensors) for n in range(mode.stacks)]
        x = np.concatenate([*states, *targets, embedding("user", features["user"]),
                            pooled(candidates["tags"][i]), embedding("city", features["city"])])
        k = 0
        for _ in mode.dims:
            x = tensors[f"mlp.mlp.{k}.weight"] @ x + tensors[f"mlp.mlp.{k}.bias"]
            x = batch_norm(x, *(tensors[f"mlp.mlp.{k + 1}.{part}"]
                                for part in ("running_mean", "running_var", "weight", "bias")), 1e-5)
            x = dice(x, tensors[f"mlp.mlp.{k + 2}.alpha"])
            k += 4
        result.append((tensors[f"mlp.mlp.{k}.weight"] @ x + tensors[f"mlp.mlp.{k}.bias"])[0])
    return np.array(result)


def requests(mode: Mode) -> list:
    random = np.random.default_rng(400 + mode.seed)

    def ids(name: str, count: int) -> list:
        return random.integers(1, ROWS[name], count).tolist()

    result = []
    for length in lengths_up_to(LIMIT):
        history = {name: ids(name, length) for name in mode.histories}
        if length > 1 and length % 2 == 0:
            history["hist_item"][-1] = 0  # padding, or with padding_idx unset an id like others
        if mode.stacks > 1:
            history = {name: {name: column} for name, column in history.items()}
        candidates = {name: ids(name, 3) for name in mode.targets}
        candidates["tags"] = [ids("tags", random.integers(0, 4)) + [0] * int(random.integers(0, 2))
                              for _ in range(3)]
        result.append({"features": {"user": ids("user", 1)[0], "city": ids("city", 1)[0]},
                       "history": history, "candidates": candidates})
    return result


def answers(mode: Mode) -> dict:
    tags = {"name": "tags", "kind": mode.pooling, "of": "candidate", "padding_idx": mode.padding_idx}
    return {"history_features": mode.histories, "target_features": mode.targets,
            "features": ["user", tags, "city"], "max_history": LIMIT, "padding_idx": mode.padding_idx}


def case(mode: Mode) -> Case:
    return Case(mode.name, "torch-rechub", checkpoint(mode), answers(mode), requests(mode),
                lambda wide, request: logits(mode, wide, request))
