"""RecBole's DIEN and DIN in float64, and checkpoints of them.

The maths is that of github.com/RUCAIBox/RecBole: recbole/model/sequential_recommender/{dien,din}.py (the networks,
AGRUCell, AUGRUCell, the order of the head's input), recbole/model/layers.py (SequenceAttLayer, MLPLayers, Dice,
FMEmbedding, FLEmbedding, ContextSeqEmbLayer) and recbole/data/dataset/dataset.py (_discretization).
"""

from dataclasses import dataclass

import numpy as np

from harness import Case, Request, Tensors, Weights, lengths_up_to
from maths import batch_norm, pair_input, sigmoid, softmax, torch_gru

LIMIT = 5
DIM = 3
USERS, AGES, ITEMS, BRANDS, WORDS, HOBBIES = 9, 5, 25, 6, 8, 7
SIZES, MARKS = 5, 6  # buckets of discretized float fields
TABLES = "embedding_layer.token_embedding_table"
SEQ_TABLES = "embedding_layer.token_seq_embedding_table"
FLOATS = "embedding_layer.float_embedding_table"
FLOAT_SEQS = "embedding_layer.float_seq_embedding_table"
ATT = "interest_evolution.attention_layer"
RNN = "interest_evolution.dynamic_rnn"


@dataclass
class Mode:
    gru_type: str  # or "DIN"
    normalised: bool = True  # softmax_stag
    extra: bool = False  # further fields: age, brand (token); hobbies, words (token_seq)
    # Fields of numerical_features: income, price (float), size (float, discretized), marks (float_seq, discretized).
    floats: bool = False
    pooling: str = "mean"
    layers: tuple = (7, 5)  # mlp_hidden_size, of the attention and of the head
    seed: int = 1

    @property
    def name(self) -> str:
        return f"recbole {self}"

    @property
    def attention(self) -> str:
        return "attention" if self.gru_type == "DIN" else ATT

    @property
    def predict(self) -> str:
        return "dnn_predict_layers" if self.gru_type == "DIN" else "dnn_predict_layer"


# ---------------------------------------------------------------------------------- the checkpoint

def checkpoint(mode: Mode) -> Tensors:
    weights = Weights(mode.seed)
    users, items = (USERS + AGES, ITEMS + BRANDS) if mode.extra else (USERS, ITEMS)
    weights.table(f"{TABLES}.user.embedding.weight", users, DIM, padding=False)
    weights.table(f"{TABLES}.item.embedding.weight", items, DIM, padding=False)
    if mode.extra:
        weights.table(f"{SEQ_TABLES}.user.0.weight", HOBBIES, DIM, padding=False)
        weights.table(f"{SEQ_TABLES}.item.0.weight", WORDS, DIM, padding=False)
    if mode.floats:  # FLEmbedding: a number times row 1 of its two rows; row 0 is never read
        weights.table(f"{FLOATS}.user.embedding.weight", 2, DIM, padding=False)
        weights.table(f"{FLOATS}.item.embedding.weight", SIZES + 2, DIM, padding=False)
        weights.table(f"{FLOAT_SEQS}.item.0.weight", MARKS, DIM, padding=False)
    hidden = DIM * (1 + 2 * mode.extra + 3 * mode.floats)
    if mode.gru_type != "DIN":
        weights.torch_gru("interset_extractor.gru", hidden, hidden)
        weights.linear("interset_extractor.auxiliary_net.mlp_layers.1", 1, 2 * hidden)  # training alone
    inputs = 4 * hidden
    for n, outputs in enumerate(mode.layers):  # Dropout, Linear, Sigmoid
        weights.linear(f"{mode.attention}.att_mlp_layers.mlp_layers.{3 * n + 1}", outputs, inputs)
        inputs = outputs
    # Scores are divided by the root of the width, so larger ones are needed to matter.
    weights.normal(f"{mode.attention}.dense.weight", 1, inputs, scale=8.0)
    weights.normal(f"{mode.attention}.dense.bias", 1)
    if mode.gru_type in ("GRU", "AIGRU"):
        weights.torch_gru(RNN, hidden, hidden)
    elif mode.gru_type != "DIN":
        for part, shape in (("weight_ih", (3 * hidden, hidden)), ("weight_hh", (3 * hidden, hidden)),
                            ("bias_ih", (3 * hidden,)), ("bias_hh", (3 * hidden,))):
            weights.normal(f"{RNN}.rnn.{part}", *shape)
            if mode.gru_type == "AGRU" and "bias" in part:  # there is no update gate: they stay 0
                weights.tensors[f"{RNN}.rnn.{part}"][hidden:2 * hidden] = 0
    user = DIM * (1 + 2 * mode.extra + mode.floats)
    inputs = 3 * hidden if mode.gru_type == "DIN" else 2 * hidden + user
    for n, outputs in enumerate(mode.layers):  # Dropout, Linear, BatchNorm1d, Dice
        weights.linear(f"dnn_mlp_layers.mlp_layers.{4 * n + 1}", outputs, inputs)
        weights.batch_norm(f"dnn_mlp_layers.mlp_layers.{4 * n + 2}", outputs)
        inputs = outputs
    weights.linear(mode.predict, 1, inputs)
    return weights.tensors


# ------------------------------------------------------------------------------------ the network

def attention(query: np.ndarray, keys: np.ndarray, mode: Mode, tensors: Tensors) -> np.ndarray:
    scores = []
    for key in keys:
        x = pair_input(query, key)
        for n in range(len(mode.layers)):
            layer = f"{mode.attention}.att_mlp_layers.mlp_layers.{3 * n + 1}"
            x = sigmoid(tensors[f"{layer}.weight"] @ x + tensors[f"{layer}.bias"])
        scores.append((tensors[f"{mode.attention}.dense.weight"] @ x + tensors[f"{mode.attention}.dense.bias"])[0])
    scores = np.array(scores) / np.sqrt(len(query))
    return softmax(scores) if mode.normalised and mode.gru_type != "DIN" else scores


def evolve(query: np.ndarray, interests: np.ndarray, mode: Mode, tensors: Tensors) -> np.ndarray:
    h = np.zeros(len(query))
    if len(interests) == 0:
        return h
    if mode.gru_type == "GRU":
        states = torch_gru(interests, tensors, RNN)
        return attention(query, states, mode, tensors) @ states
    a = attention(query, interests, mode, tensors)
    if mode.gru_type == "AIGRU":
        return torch_gru(a[:, None] * interests, tensors, RNN)[-1]
    w, u, b, d = (tensors[f"{RNN}.rnn.{part}"]
                  for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))
    for x, score in zip(interests, a):
        i_r, i_u, i_h = np.split(w @ x + b, 3)
        h_r, h_u, h_h = np.split(u @ h + d, 3)
        new = np.tanh(i_h + sigmoid(i_r + h_r) * h_h)
        share = score if mode.gru_type == "AGRU" else score * sigmoid(i_u + h_u)
        h = (1 - share) * h + share * new
    return h


def pooled(ids: list, table: np.ndarray, mode: Mode) -> np.ndarray:
    real = [i for i in ids if i != 0]
    if mode.pooling == "max":
        # RecBole takes 1e9 from the padding's rows. Of padding alone that gives -1e9; here 0.
        return table[real].max(axis=0) if real else np.zeros(table.shape[1])
    total = table[real].sum(axis=0)
    return total if mode.pooling == "sum" else total / (len(real) + 1e-8)


def logits(mode: Mode, tensors: Tensors, request: Request) -> np.ndarray:
    users, items = (tensors[f"{TABLES}.{kind}.embedding.weight"] for kind in ("user", "item"))

    def item(columns: dict, i: int) -> np.ndarray:
        parts = [items[columns["item_id"][i]]]
        if mode.extra:  # FMEmbedding: one table, each field behind the one before
            parts.append(items[ITEMS + columns["brand"][i]])
            parts.append(pooled(columns["words"][i], tensors[f"{SEQ_TABLES}.item.0.weight"], mode))
        if mode.floats:
            table = tensors[f"{FLOATS}.item.embedding.weight"]
            parts.append(columns["price"][i] * table[1])
            parts.append(table[2 + columns["size"][i]])
            parts.append(pooled(columns["marks"][i], tensors[f"{FLOAT_SEQS}.item.0.weight"], mode))
        return np.concatenate(parts)

    features = request["features"]
    history = request["history"]
    events = [item(history, i) for i in range(len(history["item_id"]))][-LIMIT:]
    if mode.gru_type == "DIN":
        def inputs(query: np.ndarray) -> np.ndarray:
            total = np.zeros(len(query))
            if events:
                total = attention(query, events, mode, tensors) @ np.array(events)
            return np.concatenate([total, query, total * query])
    else:
        user = [users[features["user_id"]]]
        if mode.extra:
            user.append(users[USERS + features["age"]])
            user.append(pooled(features["hobbies"], tensors[f"{SEQ_TABLES}.user.0.weight"], mode))
        if mode.floats:
            user.append(features["income"] * tensors[f"{FLOATS}.user.embedding.weight"][1])
        interests = torch_gru(events, tensors, "interset_extractor.gru")

        def inputs(query: np.ndarray) -> np.ndarray:
            return np.concatenate([evolve(query, interests, mode, tensors), query, *user])
    result = []
    for i in range(len(request["candidates"]["item_id"])):
        x = inputs(item(request["candidates"], i))
        for n in range(len(mode.layers)):
            linear, norm = (f"dnn_mlp_layers.mlp_layers.{4 * n + k}" for k in (1, 2))
            x = tensors[f"{linear}.weight"] @ x + tensors[f"{linear}.bias"]
            x = batch_norm(x, *(tensors[f"{norm}.{part}"]
                                for part in ("running_mean", "running_var", "weight", "bias")), 1e-5)
            x = x * sigmoid(x)  # Dice without BatchNorm, alpha 0
        result.append((tensors[f"{mode.predict}.weight"] @ x + tensors[f"{mode.predict}.bias"])[0])
    return np.array(result)


# ----------------------------------------------------------------------------------------- a case

def requests(mode: Mode) -> list:
    random = np.random.default_rng(300 + mode.seed)

    def ids(most: int, count: int) -> list:
        return random.integers(1, most, count).tolist()

    def several(most: int, count: int) -> list:
        return [ids(most, random.integers(0, 4)) + [0] * int(random.integers(0, 2))
                for _ in range(count)]

    def item_columns(count: int) -> dict:
        columns = {"item_id": ids(ITEMS, count)}
        if mode.extra:
            columns.update(brand=ids(BRANDS, count), words=several(WORDS, count))
        if mode.floats:
            columns.update(price=random.normal(0, 1.5, count).round(3).tolist(), size=ids(SIZES, count),
                           marks=several(MARKS, count))
        return columns

    result = []
    for length in lengths_up_to(LIMIT):
        features = {} if mode.gru_type == "DIN" else {"user_id": ids(USERS, 1)[0]}
        if features and mode.extra:
            features.update(age=ids(AGES, 1)[0], hobbies=several(HOBBIES, 1)[0])
        if features and mode.floats:
            features["income"] = round(random.normal(0, 1.5), 3)
        result.append({"features": features, "history": item_columns(length),
                       "candidates": item_columns(3)})
    return result


def answers(mode: Mode) -> dict:
    users = [{"name": "user_id", "rows": USERS}]
    items = [{"name": "item_id", "rows": ITEMS}]
    if mode.extra:
        users += [{"name": "hobbies", "kind": "token_seq"}, {"name": "age", "rows": AGES}]
        items += [{"name": "brand", "rows": BRANDS}, {"name": "words", "kind": "token_seq"}]
    if mode.floats:  # before the tokens, as a dataset may have them
        users.insert(0, {"name": "income", "kind": "float"})
        items = [{"name": "price", "kind": "float"},
                 {"name": "marks", "kind": "float_seq", "discretized": True},
                 {"name": "size", "kind": "float", "discretized": True, "rows": SIZES}, *items]
    given = {"max_history": LIMIT}
    if mode.gru_type != "DIN":
        given["softmax"] = mode.normalised
    if mode.gru_type in ("GRU", "AIGRU"):
        given["gru_type"] = mode.gru_type  # the cells' biases tell the others
    if mode.extra or mode.floats:
        given.update(item_fields=items, pooling_mode=mode.pooling)
        if mode.gru_type != "DIN":
            given["user_fields"] = users
    return given


def case(mode: Mode) -> Case:
    return Case(mode.name, "recbole", checkpoint(mode), answers(mode), requests(mode),
                lambda wide, request: logits(mode, wide, request))
