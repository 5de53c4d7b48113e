"""FuxiCTR's DIEN and DIN in float64, and checkpoints of them.

The maths is that of github.com/reczoo/FuxiCTR: model_zoo/DIEN/src/DIEN.py (the network, AttentionLayer,
AGRUCell, AUGRUCell, the order of the head's input), fuxictr/pytorch/layers/blocks/mlp_block.py,
activations.py (Dice), embeddings/feature_embedding.py and pooling.py. There are two versions of the network:
with dien_sequence_field, one behaviour sequence (stack) for each pair of fields; and a later one with a
single sequence, whose features have source: item, and which puts the other features first in the head.
"""

import math
from dataclasses import dataclass

import numpy as np

from harness import Case, Request, Tensors, Weights, lengths_up_to
from maths import (batch_norm, dice, pair_input, prelu, relu, sigmoid, softmax, torch_gru)

LIMIT = 5
DIM = 3
ROWS = {"user_id": 9, "item_id": 25, "cate_id": 6, "shop_id": 7, "tags": 8, "words": 8,
        "clicks": 25, "click_cates": 6, "carts": 25}
VECTOR = 4  # numbers of a feature of type embedding
SILENT = {"relu": relu, "sigmoid": sigmoid, "tanh": np.tanh, "none": lambda x: x,
          "gelu": lambda x: x / 2 * (1 + np.vectorize(math.erf)(x / math.sqrt(2))),
          "elu": lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))), "silu": lambda x: x * sigmoid(x),
          "leaky_relu": lambda x: np.where(x > 0, x, 0.01 * x)}


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
    padding: str = "post"
    window: int = 0  # LongCTR: the length of all batches; LIMIT if 0
    vector: bool = False  # a feature of type embedding
    output: str = "none"  # DIN: attention_output_activation
    seed: int = 1
    suffix: str = ".safetensors"

    @property
    def din(self) -> bool:
        return self.gru_type == "DIN"

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
        if self.vector:
            features.insert(2, ("picture", "embedding"))
        if self.later:
            features = [f for f in features if f[0] not in self.targets[0]]
        elif self.din:  # what the attention makes of a sequence stands where the sequence stands
            for n, fields in enumerate(self.sequences):
                features[3 + 3 * n:3 + 3 * n] = [(name, "sequence") for name in fields]
        return features

    def attention_mlp(self, n: int) -> str:
        if not self.din:
            return f"attention_modules.{n}.attn_mlp.mlp"
        layer = "attention.mlp" if self.attention == "old" else "attention_layer.mlp"
        return f"attention_layers.{layer}" if self.later else f"attention_layers.{n}.{layer}"


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
    embedded = [f for f, kind in mode.features if kind not in ("numeric", "embedding")]
    for name in dict.fromkeys(embedded + sum(mode.targets + mode.sequences, [])):
        weights.table(f"{mode.tables}.{name}.weight", ROWS[name], DIM)
    if mode.shared:
        for name, owner in (("clicks", "item_id"), ("click_cates", "cate_id")):
            weights.tensors[f"{mode.tables}.{name}.weight"] = weights.tensors[f"{mode.tables}.{owner}.weight"]
    for name, kind in mode.features:
        if kind == "numeric":
            weights.normal(f"{mode.tables}.{name}.weight", DIM, 1)
        elif kind == "embedding":
            encoders = mode.tables.replace("embedding_layers", "feature_encoders")
            weights.normal(f"{encoders}.{name}.weight", DIM, VECTOR)
    head = DIM * len(mode.features) + (DIM * len(mode.targets[0]) if mode.later else 0)
    for n, target in enumerate(mode.targets):
        hidden = DIM * len(target)
        if mode.din:
            mlp_tensors(weights, mode.attention_mlp(n), 4 * hidden, (7, 4), mode.att, "none", mode.dropout)
            head += hidden if mode.later else 0
            continue
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
    # A state dict holds the features in the order of the feature map.
    order = [f"{mode.tables}.{name}.weight" for name, _ in mode.features]
    return {name: weights.tensors[name] for name in sorted(
        weights.tensors, key=lambda name: order.index(name) if name in order else len(order))}


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
        if kind in SILENT:
            x = SILENT[kind](x)
        elif kind == "prelu":
            x = prelu(x, tensors[f"{name}.{k}.weight"])
        elif kind == "dice":
            normalised = batch_norm(x, tensors[f"{name}.{k}.bn.running_mean"],
                                    tensors[f"{name}.{k}.bn.running_var"], None, None, 1e-9)
            x = dice(x, normalised, tensors[f"{name}.{k}.alpha"])
        k += (kind != "none") + dropout
    return (tensors[f"{name}.{k}.weight"] @ x + tensors[f"{name}.{k}.bias"])[0]


def attention(rows: np.ndarray, real: np.ndarray, target: np.ndarray, n: int, mode: Mode,
              tensors: Tensors) -> np.ndarray:
    """The attention over all rows of a padded sequence; `real` says which are events."""
    if mode.attention == "dot":
        scores = rows @ target
    elif mode.attention == "bilinear" and not mode.din:
        scores = rows @ tensors[f"attention_modules.{n}.W_kernel"] @ target
    else:
        scores = np.array([mlp(pair_input(target, h), mode.att, "none", mode.dropout, tensors,
                               mode.attention_mlp(n)) for h in rows])
        if mode.din:
            scores = SILENT[mode.output](scores)
    scores = scores * real
    return softmax(scores - 1e9 * (1 - real)) if mode.normalised else scores


def evolve(packed: np.ndarray, rows: int, real: np.ndarray, target: np.ndarray, n: int, mode: Mode,
           tensors: Tensors) -> np.ndarray:
    """`packed`: the extractor's states of as many first rows as there are events. pack_padded_sequence keeps
    these, on whichever side the padding is."""
    if mode.gru_type == "GRU":
        return torch_gru(packed, tensors, f"evolving_modules.{n}")[-1]
    h = np.zeros(len(target))
    x2h, h2h = (f"evolving_modules.{n}.gru_cell.{part}" for part in ("x2h", "h2h"))
    padded = np.vstack([packed, np.zeros((rows - len(packed), len(target)))])
    for x, a in zip(packed, attention(padded, real, target, n, mode, tensors)):
        i_u, i_r, i_n = np.split(tensors[f"{x2h}.weight"] @ x + tensors[f"{x2h}.bias"], 3)
        h_u, h_r, h_n = np.split(tensors[f"{h2h}.weight"] @ h + tensors[f"{h2h}.bias"], 3)
        new = np.tanh(i_n + sigmoid(i_r + h_r) * h_n)
        share = a if mode.gru_type == "AGRU" else sigmoid(i_u + h_u) * a
        h = h + share * (new - h)
    return h


def padded_ids(ids: list, mode: Mode) -> list:
    """Cut and padded as FuxiCTR's tokenizer does, or LongCTR's loader: on the same side."""
    length = mode.window or LIMIT
    if mode.padding == "post":
        ids = ids[:LIMIT]
        return ids + [0] * (length - len(ids))
    ids = ids[-LIMIT:]
    return [0] * (length - len(ids)) + ids


def interest(mode: Mode, n: int, events: np.ndarray, real: np.ndarray, target: np.ndarray,
             tensors: Tensors) -> np.ndarray:
    if mode.din:
        return attention(events, real, target, n, mode, tensors) @ events
    count = int(real.sum())
    if count == 0:
        return np.zeros(len(target))
    packed = torch_gru(events[:count], tensors, f"extraction_modules.{n}")
    return evolve(packed, len(events), real, target, n, mode, tensors)


def logits(mode: Mode, tensors: Tensors, request: Request) -> np.ndarray:
    def embedding(name: str, ids) -> np.ndarray:
        return tensors[f"{mode.tables}.{name}.weight"][ids]

    def feature(name: str, kind: str, value) -> np.ndarray:
        if kind == "numeric":  # Linear(1, DIM, bias=False)
            return tensors[f"{mode.tables}.{name}.weight"][:, 0] * value
        if kind == "embedding":
            encoders = mode.tables.replace("embedding_layers", "feature_encoders")
            return tensors[f"{encoders}.{name}.weight"] @ np.array(value)
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

        states, target_parts, pooled = [], [], {}
        for n, (target_fields, fields) in enumerate(zip(mode.targets, mode.sequences)):
            history = histories if single else histories[fields[0]]
            keep = [t for t, first in enumerate(history[fields[0]]) if first > 0]
            ids = {f: padded_ids([history[f][t] for t in keep], mode) for f in fields}
            events = np.hstack([embedding(f, ids[f]) for f in fields])
            real = np.array(ids[fields[0]]) > 0
            target = np.concatenate([embedding(f, value(f)) for f in target_fields])
            target_parts.append(target)
            states.append(interest(mode, n, events, real.astype(float), target, tensors))
            if mode.sum_pooling:
                states += [events.sum(axis=0), target * events.sum(axis=0)]
            if mode.din and not mode.later:
                pooled.update(zip(fields, np.split(states.pop(), len(fields))))
        plain = [pooled[name] if name in pooled else feature(name, kind, value(name))
                 for name, kind in mode.features]
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
    for length in lengths_up_to(LIMIT + 1):
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
        if mode.vector:
            features["picture"] = random.normal(size=VECTOR).round(3).tolist()
        result.append({"features": features, "history": history, "candidates": candidates})
    return result


def answers(mode: Mode) -> dict:
    features = []
    for name, kind in mode.features:
        entry = {"name": name, "kind": "categorical" if kind == "sequence" else kind}
        if name in CANDIDATE:
            entry["of"] = "candidate"
        features.append(name if entry == {"name": name, "kind": "categorical"} else entry)
    of = "din" if mode.din else "dien"
    given = {"features": features, f"{of}_target_field": mode.targets, "max_history": LIMIT,
             "padding": mode.padding}
    if not mode.later:
        given[f"{of}_sequence_field"] = mode.sequences
    if mode.din:
        given.update(din_use_softmax=mode.normalised, attention_output_activation=mode.output)
    else:
        given["enable_sum_pooling"] = mode.sum_pooling
    if mode.window:
        given["padded_length"] = mode.window
    if mode.shared:
        given["share_embedding"] = [{"name": "clicks", "with": "item_id"},
                                    {"name": "click_cates", "with": "cate_id"}]
    if mode.gru_type not in ("GRU", "DIN"):
        given.update(gru_type=mode.gru_type, use_attention_softmax=mode.normalised)
    if mode.att not in ("dice", "prelu"):
        if mode.din:
            given["attention_hidden_activations"] = mode.att
        elif mode.attention == "din":
            given["attention_activation"] = mode.att
    if mode.dnn not in ("dice", "prelu"):
        given["dnn_activations"] = mode.dnn
    return given


def case(mode: Mode) -> Case:
    return Case(mode.name, "fuxictr", checkpoint(mode), answers(mode), requests(mode),
                lambda wide, request: logits(mode, wide, request), mode.suffix)
