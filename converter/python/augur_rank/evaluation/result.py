"""What evaluate() found: numbers, a table for people, a dict for files, a picture."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from .metrics import Calibration, GroupedAuc

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Data:
    """The candidates that all models ranked, and their labels."""

    labels: NDArray[np.float64]  # [candidates]: 1 or 0
    requests: NDArray[np.int64]  # [candidates]: the request of each, 0 …
    request_count: int
    group_by: str | None
    groups: NDArray[np.int64] | None  # [candidates]: the group of each, 0 …
    unused_labels: int  # labels with an id that no request has

    @property
    def clicks(self) -> int:
        """How many candidates were clicked."""
        return int(self.labels.sum())

    @property
    def click_rate(self) -> float:
        """The share of candidates that were clicked; NaN without candidates."""
        return self.clicks / self.labels.size if self.labels.size else float("nan")


@dataclass(frozen=True)
class Comparison:
    """How far a model's scores are from the first model's."""

    top_agreement: float  # share of the first model's best 10 among this one's; mean over requests of more than 10
    largest_difference: float  # of a score
    mean_difference: float


@dataclass(frozen=True)
class ModelResult:
    """What was measured of one model. What is not defined is NaN."""

    name: str
    file_bytes: int
    seconds: float  # that ranking took
    logits: NDArray[np.float32] = field(repr=False)  # [candidates]
    scores: NDArray[np.float32] = field(repr=False)  # [candidates]
    auc: float
    gauc_by_request: GroupedAuc
    gauc_by_group: GroupedAuc | None
    log_loss: float
    ndcg: dict[int, float]  # k → the mean over requests with a click
    mean_score: float
    calibration: Calibration
    compared: Comparison | None  # None: it is the first model


@dataclass(frozen=True)
class Evaluation:
    """What evaluate() returns. print() shows a table."""

    models: list[ModelResult]
    data: Data

    def __getitem__(self, name: str) -> ModelResult:
        """The result of the model with that name. Raises KeyError."""
        for model in self.models:
            if model.name == name:
                return model
        raise KeyError(name)

    def __str__(self) -> str:
        from .table import table
        return table(self)

    def notes(self) -> list[str]:
        """What a reader of the numbers must know: requests that do not count, labels without a request."""
        first, notes = self.models[0], []
        left_out = first.gauc_by_request.left_out
        if left_out:
            notes.append(f"{left_out:,} of {self.data.request_count:,} requests have no click, or clicks only: they do "
                         "not count in GAUC by request, and without a click not in NDCG")
        if first.gauc_by_group is not None and first.gauc_by_group.left_out:
            notes.append(f"{first.gauc_by_group.left_out:,} groups by {self.data.group_by} have no click, or clicks "
                         "only: they do not count in GAUC")
        if self.data.unused_labels:
            notes.append(f"{self.data.unused_labels:,} labels have an id that no request has")
        if any(model.compared and np.isnan(model.compared.top_agreement) for model in self.models):
            notes.append("no request has more than 10 candidates: the best 10 are the same for all models")
        if np.isnan(first.auc):
            notes.append("there is no AUC: the labels are all the same")
        return notes

    def to_dict(self) -> dict[str, Any]:
        """The numbers as plain dicts and lists, for JSON. What is not defined is None."""
        return {name: _plain(value) for name, value in {
            "requests": self.data.request_count, "candidates": int(self.data.labels.size), "clicks": self.data.clicks,
            "click_rate": self.data.click_rate, "group_by": self.data.group_by, "notes": self.notes(),
            "models": {model.name: _of(model) for model in self.models},
        }.items()}

    def plot(self, path: str | os.PathLike[str]) -> None:
        """Draws calibration, ROC curve and scores of all models into a .png, .svg or .pdf; needs matplotlib."""
        from .plot import draw
        draw(self, path)


def _of(model: ModelResult) -> dict[str, Any]:
    found: dict[str, Any] = {
        "file_bytes": model.file_bytes, "seconds": model.seconds, "auc": model.auc,
        "gauc_by_request": vars(model.gauc_by_request), "log_loss": model.log_loss,
        "ndcg": {str(k): value for k, value in model.ndcg.items()}, "mean_score": model.mean_score,
        "calibration": vars(model.calibration),
    }
    if model.gauc_by_group is not None:
        found["gauc_by_group"] = vars(model.gauc_by_group)
    if model.compared is not None:
        found["compared_with_first"] = vars(model.compared)
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, (list, np.ndarray)):
        return [_plain(one) for one in (value.tolist() if isinstance(value, np.ndarray) else value)]
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    return value
