"""DeepCTR's DIEN and DIN for Keras (github.com/shenweichen/DeepCTR), in float64.

deepctr/models/sequence/dien.py, din.py: the networks; layers/core.py: LocalActivationUnit, DNN, PredictionLayer;
layers/sequence.py: AttentionSequencePoolingLayer, DynamicGRU, SequencePoolingLayer; layers/activation.py: Dice;
contrib/utils.py: the cells; inputs.py: the names of the embedding layers and the order of the columns, and where ids are hashed.
"""

import math
from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional, Sequence, Tuple

import numpy as np

from farmhash import hash_row
from harness import Request, Tensors, Weights
from maths import Array, batch_norm, dice, pair_input, prelu, relu, sigmoid, softmax
from tf1_cell import add_cell, last_state, run_cell

LONGEST = 5
ROWS = {"user": 6, "city": 8, "item": 19, "cate": 7, "shop": 9, "tag": 12, "other_item": 19}
WIDTHS = {"user": 3, "city": 2, "item": 4, "cate": 3, "shop": 2, "tag": 5, "other_item": 4}
PLAIN = {"relu": relu, "sigmoid": sigmoid, "tanh": np.tanh, "linear": lambda x: x,
         "gelu": lambda x: x * (1 + np.vectorize(math.erf)(x / np.sqrt(2))) / 2,
         "elu": lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
         "silu": lambda x: x * sigmoid(x),
         "leaky_relu": lambda x: np.where(x > 0, x, 0.3 * x)}


@dataclass
class Model:
    """The arguments of DIEN() or DIN() and the feature columns."""

    gru_type: str = "GRU"  # or DIN
    normalise: bool = True  # att_weight_normalization
    att_activation: str = "dice"
    att_units: Tuple[int, ...] = (10, 5)
    dnn_activation: str = "relu"
    dnn_units: Tuple[int, ...] = (9, 8)
    use_bn: bool = False
    # SparseFeat in order, with its embedding_name.
    sparse: Tuple[Tuple[str, str], ...] = (("user", "user"), ("item", "item"), ("cate", "cate"))
    candidate: Tuple[str, ...] = ("item", "cate")
    # The hist_ columns in order, with their embedding_name.
    history: Tuple[Tuple[str, str], ...] = (("item", "item"), ("cate", "cate"))
    pooled: Tuple[Tuple[str, str, str], ...] = ()  # name, embedding_name, combiner
    has_length: bool = True  # length_name of those
    groups: Dict[str, str] = field(default_factory=dict)  # group_name by the column's name
    dense: Tuple[Tuple[str, int], ...] = ()
    # The dtype of each column with use_hash, by its name: "item", "hist_item", "tags".
    hashed: Dict[str, str] = field(default_factory=dict)
    negative_sampling: bool = False
    own_negatives: bool = False  # tables of the neg_hist_ columns alone
    second: bool = False  # the second model of its process: variables are numbered
    first_number: int = 0  # what Keras has counted up to in its session
    colon: str = ":0"  # ends the names in HDF5, not in checkpoints

    def numbered(self, layer: str, number: int = 0) -> str:
        number += self.first_number
        return layer if number == 0 else f"{layer}_{number}"

    @property
    def event(self) -> int:
        return sum(WIDTHS[table] for _, table in self.history)

    @property
    def query(self) -> List[str]:
        """The history's features in the order of the SparseFeats and their groups."""
        names = [name for name, _ in self.history]
        return [name for name, _ in self.grouped([c for c in self.sparse if c[0] in names])]

    def grouped(self, columns: Sequence[Tuple[Any, ...]], prefix: str = "") -> List[Tuple[Any, ...]]:
        """embedding_lookup: by their groups, which stand in the order of their first columns."""
        lists: Dict[str, List[Tuple[Any, ...]]] = {}
        for column in columns:
            lists.setdefault(self.groups.get(prefix + column[0], ""), []).append(column)
        return [column for group in lists.values() for column in group]

    @property
    def head(self) -> int:
        tables = [table for _, table in self.sparse] + [table for _, table, _ in self.pooled]
        return sum(WIDTHS[t] for t in tables) + self.event + sum(width for _, width in self.dense)

    @property
    def attention(self) -> str:
        return (self.numbered("attention_sequence_pooling_layer") + "/" +
                self.numbered("local_activation_unit"))

    def layer_of(self, table: str) -> str:
        """create_embedding_dict: of the columns with one embedding_name the last one gives the layer."""
        layer = f"sparse_emb_{table}"
        for name, own in self.history:
            layer = f"sparse_seq_emb_hist_{name}" if own == table else layer
        if self.negative_sampling and not self.own_negatives:
            for name, own in self.history:
                layer = f"sparse_seq_emb_neg_hist_{name}" if own == table else layer
        for name, own, _ in self.pooled:
            layer = f"sparse_seq_emb_{name}" if own == table else layer
        return layer

    def embeddings_of(self, table: str) -> str:
        return self.layer_of(table) + ("_1" if self.second else "") + "/embeddings" + self.colon

    @property
    def tables(self) -> List[str]:
        columns = [t for _, t in self.sparse] + [t for _, t in self.history]
        return list(dict.fromkeys(columns + [t for _, t, _ in self.pooled]))


def second_gru(model: Model) -> str:
    """QAAttGRUCell and VecAttGRUCell override __call__, so they have no scope of their own."""
    return "gru2" if model.gru_type in ("AGRU", "AUGRU") else "gru2/gru_cell"


def make_weights(model: Model, seed: int) -> Tensors:
    weights = Weights(seed)
    end = model.colon
    for table in model.tables:
        weights.table(model.embeddings_of(table), ROWS[table], WIDTHS[table], padding=False)
    if model.own_negatives:
        for name, table in model.history:
            weights.table(f"sparse_seq_emb_neg_hist_{name}/embeddings{end}", ROWS[table],
                          WIDTHS[table], padding=False)
    width = model.event
    if model.gru_type != "DIN":
        add_cell(weights, "gru1/gru_cell", width, width, end)
        add_cell(weights, second_gru(model), width, width, end, model.gru_type.lower())

    def add_mlp(at: str, inputs: int, units: Tuple[int, ...], activation: str, number: int,
                use_bn: bool, gain: float = 1) -> int:
        for i, outputs in enumerate(units):
            weights.normal(f"{at}/kernel{i}{end}", inputs, outputs, scale=1.4 * gain / np.sqrt(inputs))
            weights.normal(f"{at}/bias{i}{end}", outputs)
            inputs = outputs
        for i, outputs in enumerate(units):
            if use_bn:
                norm = at + "/" + model.numbered("batch_normalization", number + i)
                weights.uniform(f"{norm}/gamma{end}", 0.6, 1.5, outputs)
                weights.normal(f"{norm}/beta{end}", outputs)
                weights.normal(f"{norm}/moving_mean{end}", outputs)
                weights.uniform(f"{norm}/moving_variance{end}", 0.3, 1.8, outputs)
            if activation == "dice":
                layer = at + "/" + model.numbered("dice", number + i)
                norm = layer + "/" + model.numbered("batch_normalization", number + i)
                weights.uniform(f"{layer}/dice_alpha{end}", -0.3, 0.4, outputs)
                weights.normal(f"{norm}/moving_mean{end}", outputs)
                weights.uniform(f"{norm}/moving_variance{end}", 0.3, 1.8, outputs)
            if activation == "prelu":
                layer = at + "/" + model.numbered("p_re_lu", i)
                weights.uniform(f"{layer}/alpha{end}", -0.3, 0.4, outputs)
        return inputs

    # Strong enough that the softmax has something to choose.
    last = add_mlp(model.attention + "/" + model.numbered("dnn"), 4 * width, model.att_units,
                   model.att_activation, 0, False, gain=3 if model.normalise else 1)
    weights.normal(f"{model.attention}/kernel{end}", last, 1, scale=1 / np.sqrt(last))
    weights.normal(f"{model.attention}/bias{end}", 1)
    if model.negative_sampling:
        add_mlp(model.numbered("dnn", 1), 2 * width, (7, 4, 1), "sigmoid", 0, False)
    last = add_mlp(model.numbered("dnn", 2), model.head, model.dnn_units, model.dnn_activation,
                   len(model.att_units), model.use_bn)
    weights.normal(model.numbered("dense") + f"/kernel{end}", last, 1, scale=1.2 / np.sqrt(last))
    weights.normal(model.numbered("prediction_layer") + f"/global_bias{end}", 1)
    return weights.tensors


class Reference:
    """reference(tensors, request) gives the logits of the request's candidates."""

    def __init__(self, model: Model):
        self.model = model

    def __call__(self, tensors: Tensors, request: Request) -> Array:
        count = len(next(iter(request["candidates"].values())))
        return np.array([self.score(tensors, request, i) for i in range(count)])

    def embed(self, tensors: Tensors, table: str, identifier: int) -> Array:
        return tensors[self.model.embeddings_of(table)][identifier]

    def row(self, column: str, table: str, key: Any, mask_zero: bool) -> int:
        """embedding_lookup, varlen_embedding_lookup: a key of a column with use_hash becomes a row."""
        dtype = self.model.hashed.get(column)
        return key if dtype is None else hash_row(key, dtype, ROWS[table], mask_zero)

    def score(self, tensors: Tensors, request: Request, number: int) -> float:
        model, end = self.model, self.model.colon

        def value(name: str):
            candidates = request["candidates"]
            return candidates[name][number] if name in candidates else request["features"][name]

        is_din = model.gru_type == "DIN"
        names = [name for name, _ in model.history]

        def sparse(mask_zero: bool) -> Dict[str, Array]:
            return {name: self.embed(tensors, table, self.row(
                name, table, value(name), mask_zero and name in names))
                for name, table in model.sparse}

        queried = sparse(is_din)
        query = np.concatenate([queried[name] for name in model.query])
        history = request["history"]
        columns = model.grouped(model.history, "hist_")
        steps = list(zip(*([self.row("hist_" + name, table, key, is_din) for key in history[name]]
                           for name, table in columns)))
        if is_din:  # mask_zero of all columns
            steps = [step for step in steps if all(step)]
        events = [np.concatenate([self.embed(tensors, table, identifier)
                                  for (_, table), identifier in zip(columns, step)])
                  for step in steps[-LONGEST:]]
        embedded = sparse(True)
        parts = [embedded[name] for name, _ in model.grouped(model.sparse)]
        parts += [self.pool(tensors, table, combiner,
                            [self.row(name, table, key, True) for key in value(name)])
                  for name, table, combiner in model.grouped(model.pooled)]
        parts.append(self.interest(tensors, query, events))
        parts += [np.atleast_1d(np.float64(value(name))) for name, _ in model.dense]
        x = self.mlp(tensors, model.numbered("dnn", 2), np.concatenate(parts),
                     model.dnn_activation, len(model.dnn_units), len(model.att_units))
        logit = x @ tensors[model.numbered("dense") + f"/kernel{end}"]
        return (logit + tensors[model.numbered("prediction_layer") + f"/global_bias{end}"])[0]

    def pool(self, tensors: Tensors, table: str, combiner: str, identifiers: List[int]) -> Array:
        """SequencePoolingLayer: the real values by their number, 0 among them if there is a length.

        An empty bag is 0; in max pooling that is Augur's own choice.
        """
        if not self.model.has_length:
            identifiers = [i for i in identifiers if i != 0]
        if combiner == "max" and identifiers:
            return np.max([self.embed(tensors, table, i) for i in identifiers], axis=0)
        total = sum((self.embed(tensors, table, i) for i in identifiers), np.zeros(WIDTHS[table]))
        return total if combiner != "mean" else total / (len(identifiers) + 1e-8)

    def interest(self, tensors: Tensors, query: Array, events: List[Array]) -> Array:
        model, end = self.model, self.model.colon
        if model.gru_type == "DIN":
            keys = np.array(events).reshape(len(events), model.event)
            return self.attend(tensors, query, keys) @ keys
        states = run_cell(events, tensors, "gru1/gru_cell", colon=end)
        second = second_gru(model)
        if model.gru_type == "GRU":
            states = run_cell(states, tensors, second, colon=end)
            return self.attend(tensors, query, states) @ states
        attention = self.attend(tensors, query, states)
        if model.gru_type == "AIGRU":
            return last_state(run_cell(attention[:, None] * states, tensors, second, colon=end))
        kind = model.gru_type.lower()
        return last_state(run_cell(states, tensors, second, kind, attention, colon=end))

    def attend(self, tensors: Tensors, query: Array, keys: Array) -> Array:
        model, end = self.model, self.model.colon
        kernel, bias = (tensors[f"{model.attention}/{part}{end}"] for part in ("kernel", "bias"))
        scores = np.array([
            (self.mlp(tensors, model.attention + "/" + model.numbered("dnn"), pair_input(query, key),
                      model.att_activation, len(model.att_units), 0) @ kernel + bias)[0]
            for key in keys])
        return softmax(scores) if model.normalise else scores

    def mlp(self, tensors: Tensors, at: str, x: Array, activation: str, layers: int,
            number: int) -> Array:
        model, end = self.model, self.model.colon

        def get(name: str) -> Optional[Array]:
            return tensors.get(name + end)

        for i in range(layers):
            x = x @ get(f"{at}/kernel{i}") + get(f"{at}/bias{i}")
            norm = at + "/" + model.numbered("batch_normalization", number + i)
            if get(f"{norm}/gamma") is not None:
                x = batch_norm(x, *(get(f"{norm}/{part}") for part in
                                    ("moving_mean", "moving_variance", "gamma", "beta")), 1e-3)
            if activation == "dice":
                layer = at + "/" + model.numbered("dice", number + i)
                norm = layer + "/" + model.numbered("batch_normalization", number + i)
                x = dice(x, batch_norm(x, get(f"{norm}/moving_mean"), get(f"{norm}/moving_variance"),
                                       None, None, 1e-9), get(f"{layer}/dice_alpha"))
            elif activation == "prelu":
                x = prelu(x, get(at + "/" + model.numbered("p_re_lu", i) + "/alpha"))
            else:
                x = PLAIN[activation](x)
        return x


def answers_of(model: Model) -> Dict[str, object]:
    """What a user of the layout states."""
    tables = dict(model.sparse)
    answers: Dict[str, Any] = {
        "gru_type": model.gru_type, "att_weight_normalization": model.normalise,
        "max_history": LONGEST,
        "history": [name if table == tables[name] else {"name": name, "embedding": table}
                    for name, table in model.history],
        "sparse": [named(name, table) for name, table in model.sparse]}
    for feature in answers["sparse"]:
        if feature["name"] in model.candidate and feature["name"] not in dict(model.history):
            feature["of"] = "candidate"
    if model.gru_type == "DIN" or model.negative_sampling:  # the weights tell
        del answers["gru_type"]
    if model.pooled:
        answers["pooled"] = [
            {**named(name, table), "combiner": combiner,
             "of": "candidate" if name in model.candidate else "user"}
            for name, table, combiner in model.pooled]
    if model.dense:
        answers["dense"] = [{"name": name, "dimension": width,
                             "of": "candidate" if name in model.candidate else "user"}
                            for name, width in model.dense]
    if model.att_units and model.att_activation != "dice":
        answers["att_activation"] = model.att_activation
    if model.dnn_units and model.dnn_activation not in ("dice", "prelu"):
        answers["dnn_activation"] = model.dnn_activation
    for key, prefix in (("sparse", ""), ("history", "hist_"), ("pooled", "")):
        for i, stated in enumerate(answers.get(key, [])):
            column = stated if isinstance(stated, dict) else {"name": stated}
            if prefix + column["name"] in model.groups:
                answers[key][i] = {**column, "group_name": model.groups[prefix + column["name"]]}
    for key, prefix in (("sparse", ""), ("history", "hist_"), ("pooled", "")):
        for i, stated in enumerate(answers.get(key, [])):
            column = stated if isinstance(stated, dict) else {"name": stated}
            dtype = model.hashed.get(prefix + column["name"])
            if dtype is not None:
                answers[key][i] = {**column, "use_hash": True, "dtype": dtype}
    if not model.has_length:
        for column in answers["pooled"]:
            column["length_name"] = False
    return answers


def named(name: str, table: str) -> Dict[str, object]:
    return {"name": name} if name == table else {"name": name, "embedding": table}
