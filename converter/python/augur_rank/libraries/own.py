"""The models of augur_rank.training: BaseModel, DIN, AIGRU, AGRU, AUGRU and DIEN."""

from collections.abc import Sequence
from typing import Any, Optional

import numpy as np

from ..arrays import Array
from ..dump import Dump
from ..errors import ExportError
from . import torch_model as torch_side

LIBRARY = "augur-reference"
COLUMNS = ("user", "hist_item", "hist_category", "length", "cand_item", "cand_category")


def recognises(model: Any) -> bool:
    """Whether it is an InterestModel of augur_rank.training."""
    return any(one.__module__ == "augur_rank.training.dien" and one.__name__ == "InterestModel"
               for one in type(torch_side.unwrapped(model)).__mro__)


def read(model: Any, candidate_features: Optional[Sequence[str]] = None) -> Dump:
    """The model's tensors and answers."""
    model = torch_side.unwrapped(model)
    if candidate_features is not None:
        raise ExportError("candidate_features: the model tells whose every feature is (item and category are each "
                          "candidate's own, the user is not); leave it out")
    notes: list[str] = []
    tensors = torch_side.tensors_of(model, notes)
    kind = model.config.kind
    return Dump(LIBRARY, f"augur_rank.training {kind}", tensors,
                {"kind": kind, "max_history": int(model.config.max_length)}, notes=notes)


def observe(model: Any, dump: Dump, sample: Any, labels: Any = None) -> None:
    """Scores the sample by the model's own forward pass, and fills the dump's requests, scores, logits and trace.

    sample: a Batch of augur_rank.training.dataset, or a dictionary with its columns (user, length [b]; hist_item,
    hist_category [b, t]; cand_item, cand_category [b, c]). Every candidate is a row. Labels are the batch's own unless
    they are given.
    """
    model = torch_side.unwrapped(model)
    if not hasattr(sample, "keys"):
        missing = [name for name in COLUMNS if not hasattr(sample, name)]
        if missing:
            raise ExportError("sample: expected a Batch of augur_rank.training.dataset, or a dictionary with its "
                              f"columns, but it is of type {type(sample).__name__}")
        labels = getattr(sample, "label", None) if labels is None else labels
        sample = {name: getattr(sample, name) for name in COLUMNS}
    columns = torch_side.columns_of(sample, COLUMNS, "augur_rank.training")
    if (columns["length"] > model.config.max_length).any():
        raise ExportError(f"sample: a history is longer than the {model.config.max_length} events of the model's "
                          "config")
    rows, candidates = columns["cand_item"].shape
    some, dump.labels = torch_side.chosen_rows(rows, labels, dump.notes, candidates)
    rows = len(some)
    columns = {name: values[some] for name, values in columns.items()}
    seen: dict[str, Any] = {}
    with torch_side.evaluating(model) as hooks:
        hooks.before(model.fc1, lambda inputs: seen.update(head_input=inputs[0]))
        if hasattr(model, "gru"):
            hooks.on(model.gru, lambda inputs, output: seen.update(behaviours=inputs[0], interests=output[0]))
            hooks.on(model.att, lambda inputs, output: seen.update(query=inputs[1], attention=output))
            hooks.on(model.evolve, lambda _, output: seen.update(result=output))
        logits, _ = model(*(torch_side.to_device(columns[name], model) for name in COLUMNS))
        scores = logits.double().sigmoid()
    dump.scores = torch_side.checked_scores(scores, rows * candidates)
    dump.logits = torch_side.doubles(logits)
    dump.requests = [_request(columns, row, at) for row in range(rows) for at in range(candidates)]
    dump.trace = _trace(seen, np.repeat(columns["length"], candidates), candidates)


def _request(columns: dict[str, Array], row: int, at: int) -> dict[str, Any]:
    length = int(columns["length"][row])
    return {"id": f"r{row}.{at}", "features": {"user": int(columns["user"][row])},
            "history": {name: columns[f"hist_{name}"][row][:length].tolist() for name in ("item", "category")},
            "candidates": {name: [int(columns[f"cand_{name}"][row, at])] for name in ("item", "category")}}


def _trace(seen: dict[str, Any], lengths: Array, candidates: int) -> dict[str, Array]:
    found = {}
    for stage, values in seen.items():
        values = torch_side.array(values).astype(np.float64)
        if stage in ("behaviours", "interests"):
            values = np.repeat(values, candidates, axis=0)
        elif stage != "head_input":
            values = values.reshape(-1, values.shape[-1])  # [b, c, width]
        by_step = stage in ("behaviours", "interests", "attention")
        found[stage] = torch_side.by_step(values, lengths) if by_step else values
    return found
