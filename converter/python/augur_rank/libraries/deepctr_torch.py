"""DeepCTR-Torch's DIEN and DIN: everything is read from the model's columns and layers.

The library does not know which features are the user's: `candidate_features` says it.
"""

from collections.abc import Sequence
from typing import Any, Optional

import numpy as np

from ..arrays import Array
from ..dump import Dump
from ..errors import ExportError
from . import chosen_candidate_features
from . import torch_model as torch_side

LIBRARY = "deepctr-torch"


def recognises(model: Any) -> bool:
    """Whether it is a DIEN or a DIN of deepctr_torch."""
    return torch_side.is_of(model, ["deepctr_torch"], ["DIEN", "DIN"])


def read(model: Any, candidate_features: Optional[Sequence[str]] = None) -> Dump:
    """The model's tensors and answers. Raises ExportError if candidate_features are needed, or wrong."""
    model = torch_side.unwrapped(model)
    columns = Columns(model)
    own = set(chosen_candidate_features(columns.undecided(), candidate_features, "DeepCTR-Torch"))
    notes: list[str] = []
    tensors = torch_side.tensors_of(model, notes)
    answers = columns.answers(own)
    kind = f"DIEN, gru_type {model.interest_evolution.gru_type}" if columns.dien else "DIN"
    title = (f"DeepCTR-Torch{torch_side.version_of('deepctr-torch')} {kind}, "
             f"{torch_side.counted(len(columns.history), 'history feature')}")
    return Dump(LIBRARY, title, tensors, answers, notes=notes)


class Columns:
    """The feature columns of a model, by what they are for."""

    def __init__(self, model: Any):
        self.model = model
        self.dien = hasattr(model, "interest_evolution")
        self.history: list[str] = list(model.item_features if self.dien else model.history_feature_list)
        kinds: dict[str, list[Any]] = {"SparseFeat": [], "DenseFeat": [], "VarLenSparseFeat": []}
        for column in model.dnn_feature_columns:
            kinds[type(column).__name__].append(column)
        self.sparse, self.dense, lists = kinds["SparseFeat"], kinds["DenseFeat"], kinds["VarLenSparseFeat"]
        self.past = [column for column in lists if column.name in [f"hist_{name}" for name in self.history]]
        others = [column for column in lists if column not in self.past]
        self.pooled = [column for column in others if not column.name.startswith("neg_hist_")]
        lengths = [column.length_name for column in lists if column.length_name]
        if not lengths or not self.past:
            raise ExportError("the model has no VarLenSparseFeat column hist_… with a length_name, so that it cannot "
                              "score")
        self.length_name: str = lengths[0]  # the library takes the first one, whosever it is

    @property
    def attention(self) -> Any:
        """The attention's layer."""
        return self.model.interest_evolution.attention if self.dien else self.model.attention

    def read_lists(self) -> list[Any]:
        """The lists outside of the history that the network reads: DIEN reads none."""
        return [] if self.dien else self.pooled

    def undecided(self) -> list[str]:
        """The features of which the library does not tell whose they are."""
        names = [column.name for column in [*self.sparse, *self.dense, *self.read_lists()]]
        return [name for name in names if name not in self.history]

    def answers(self, own: "set[str]") -> dict[str, Any]:
        """What augur-convert --layout deepctr-torch asks; `own` are the features of each candidate."""
        model = self.model

        def whose(column: Any) -> dict[str, str]:
            return {"of": "candidate"} if column.name in own else {}

        def table(column: Any) -> dict[str, str]:
            return {"embedding_name": column.embedding_name, "group_name": column.group_name}

        answers: dict[str, Any] = {
            "sparse": [{"name": c.name, **table(c), "use_hash": bool(c.use_hash), **whose(c)} for c in self.sparse],
            "dense": [{"name": c.name, "dimension": int(c.dimension), **whose(c)} for c in self.dense],
            "varlen": [{"name": c.name, "embedding_name": c.embedding_name, "combiner": c.combiner,
                        "mask": "length" if c.length_name else "not_zero", **whose(c)} for c in self.pooled],
            "history_feature_list": self.history,
            "history_order": [{"name": c.name[len("hist_"):], **table(c)} for c in self.past],
            "att_weight_normalization": bool(self.attention.weight_normalization),
            "att_activation": torch_side.activation_name(self.attention.local_att.dnn.activation_layers[0]),
            "dnn_activation": torch_side.activation_name(model.dnn.activation_layers[0]),
            "task": model.out.task,
            "max_history": int(self.past[0].maxlen),
        }
        if self.dien:
            answers["gru_type"] = model.interest_evolution.gru_type
        return answers

    def matrix(self, sample: Any) -> Any:
        """The sample as the library's own input, a tensor [R, width] of float32."""
        index = self.model.feature_index
        width = max(end for _, end in index.values())
        if hasattr(sample, "keys"):
            found = torch_side.columns_of(sample, list(index), "DeepCTR-Torch")
            for name, values in found.items():
                if values.dtype.kind not in "biuf":
                    raise ExportError(f"sample: {name}: expected numbers, but they are of type {values.dtype}")
            parts = [values[:, None] if values.ndim == 1 else values for values in found.values()]
        elif isinstance(sample, (list, tuple)):
            parts = [part[:, None] if part.ndim == 1 else part for part in map(torch_side.array, sample)]
        else:
            parts = [torch_side.array(sample)]
        matrix = np.concatenate(parts, axis=-1).astype(np.float32)
        if matrix.ndim != 2 or matrix.shape[1] != width:
            raise ExportError(f"sample: expected {width} columns ({', '.join(index)}), but the shape is "
                              f"{list(matrix.shape)}")
        return torch_side.to_device(matrix, self.model).float()


def observe(model: Any, dump: Dump, sample: Any, labels: Any = None) -> None:
    """Scores the sample by the library's own forward pass, and fills the dump's requests, scores, logits and trace.

    sample: as for model.predict (a dictionary of arrays, or a list in the order of the columns), or the matrix that
    model.forward takes. At most 1000 rows are taken, evenly. Raises ExportError if it does not fit the model.
    """
    model = torch_side.unwrapped(model)
    columns = Columns(model)
    x = columns.matrix(sample)
    chosen, dump.labels = torch_side.chosen_rows(len(x), labels, dump.notes)
    x = x[chosen]
    seen: dict[str, Any] = {}
    with torch_side.evaluating(model) as hooks:
        last = model.linear if columns.dien else model.dnn_linear
        hooks.on(last, lambda _, output: seen.update(logit=output.detach().clone()))
        hooks.before(model.dnn, lambda inputs: seen.update(head_input=inputs[0].detach().clone()))
        hooks.before(columns.attention, lambda inputs: seen.update(attention=inputs))
        if columns.dien:
            hooks.before(model.interest_extractor.gru, lambda inputs: seen.update(behaviours=inputs[0]))
            hooks.on(model.interest_evolution, lambda _, output: seen.update(result=output.detach().clone()))
        else:
            hooks.on(columns.attention, lambda _, output: seen.update(result=output[:, 0].detach().clone()))
        scores = model(x)
        logits = seen["logit"] + (model.out.bias if model.out.use_bias else 0)
        weights = None
        if "attention" in seen:  # not if every history is empty
            weights = torch_side.own_weights(columns.attention, seen["attention"], "return_score")
    rows = x.detach().cpu().numpy()
    dump.requests = _requests(columns, dump, rows)
    dump.scores = torch_side.checked_scores(scores, len(rows))
    dump.logits = torch_side.doubles(logits)
    dump.trace = _trace(columns, seen, weights, _lengths(columns, rows))


def _trace(columns: Columns, seen: dict[str, Any], weights: Optional[Array], lengths: Array) -> dict[str, Array]:
    real = lengths > 0
    found = {"head_input": torch_side.array(seen["head_input"]).astype(np.float64)}
    fills_empty = not columns.dien and columns.attention.weight_normalization
    if weights is None or (fills_empty and not real.all()):  # such a DIN gives row 0 to an empty history
        return found
    query, keys = (torch_side.array(one) for one in seen["attention"][:2])
    found["query"] = torch_side.spread(query[:, 0], real)
    found["interests"] = torch_side.by_step(torch_side.spread(keys, real), lengths)
    found["attention"] = torch_side.by_step(torch_side.spread(weights, real), lengths)
    found["result"] = torch_side.array(seen["result"]).astype(np.float64)
    events = torch_side.padded(seen["behaviours"], keys.shape[1]) if columns.dien else keys
    found["behaviours"] = torch_side.by_step(torch_side.spread(events, real), lengths)
    return found


def _lengths(columns: Columns, rows: Array) -> Array:
    begin, _ = columns.model.feature_index[columns.length_name]
    lengths: Array = rows[:, begin].astype(np.int64)
    return lengths


def _requests(columns: Columns, dump: Dump, rows: Array) -> list[dict[str, Any]]:
    index = columns.model.feature_index
    own = {one["name"] for kind in ("sparse", "dense", "varlen") for one in dump.answers[kind] if one.get("of")}
    lengths = _lengths(columns, rows)

    def ids(name: str, at: int) -> list[int]:
        begin, end = index[name]
        return [int(value) for value in rows[at, begin:end]]

    def value(column: Any, at: int) -> Any:
        begin, end = index[column.name]
        if type(column).__name__ == "DenseFeat":
            numbers = [float(one) for one in rows[at, begin:end]]
            return numbers if column.dimension > 1 else numbers[0]
        if type(column).__name__ == "SparseFeat":
            return ids(column.name, at)[0]
        return ids(column.name, at)[:ids(column.length_name, at)[0]] if column.length_name else ids(column.name, at)

    found = []
    for at in range(len(rows)):
        row = {column.name: value(column, at) for column in [*columns.sparse, *columns.dense, *columns.read_lists()]}
        candidates = {name: [row.pop(name)] for name in [*columns.history, *sorted(own)] if name in row}
        found.append({"id": f"r{at}", "features": row, "candidates": candidates,
                      "history": {name: ids(f"hist_{name}", at)[:lengths[at]] for name in columns.history}})
    return found
