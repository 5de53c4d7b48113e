"""evaluate: how well models rank what was clicked, side by side."""

from __future__ import annotations

import functools
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Union

import numpy as np

from ..runtime.info import FieldKind, OutputKind
from ..runtime.model import Model
from ..runtime.requests import apply_request, run_requests
from ..runtime.session import Session
from ..runtime.status import InvalidArgument, NotFound, StatusError
from ..runtime.values import whole
from ..runtime.worker import in_a_process, pays
from . import metrics
from .labels import LabelSource, Told, requests_of
from .progress import Progress, ProgressBar
from .result import Comparison, Data, Evaluation, ModelResult

if TYPE_CHECKING:
    from numpy.typing import NDArray

Source = Union[str, "os.PathLike[str]", Model]
AGREEMENT = 10  # the best candidates that models are compared on


def evaluate(models: Source | Mapping[str, Source], requests: Any, labels: Any = None, *,
             group_by: str | None = None, k: int | Sequence[int] = (5, 10), bins: int = 10, request: str = "request",
             threads: int | None = None, progress: Progress = None,
             plot: str | os.PathLike[str] | None = None) -> Evaluation:
    """How well one model, or several side by side, rank what was clicked.

        print(augur.evaluate({"f32": "model.augur", "int8": "model-int8.augur"}, "test.jsonl", "labels.jsonl"))

    models    the path of a model or a Model; or a dict of them by the names that the table shows. The others are
              compared with the first
    requests  dicts or the path of a .jsonl file (docs/requests.md); or a frame with one row a candidate, in which the
              column `request` tells the request of each row (docs/python.md)
    labels    1 for a clicked candidate, 0 for another: a list for each request, a dict of lists by the requests' ids,
              or the path of a .jsonl file; of a frame the name of a column or a value for each row. None: each request
              has a list "labels"
    group_by  a feature of one id, such as "user": GAUC is computed over its values, too
    k         of NDCG@k: a number, or several
    bins      of the calibration curve
    threads   that rank at the same time; None: as many as there are cores. From 5,000 requests on these are processes,
              because Python runs one of its threads at a time. A model stays in this process if it was made from bytes
              or with verify, or if its file or a table's has changed since
    progress  None: a bar on standard error if that is a terminal; True: always; False: never; or a function, called
              with (done, total)
    plot      where to write a picture of the curves (needs matplotlib); Evaluation.plot() does it later

    Raises StatusError (a request or its labels are wrong; a regression has no AUC), AugurError.
    """
    named = _named(models)
    sizes = tuple(whole(size, "k", 1) for size in (k if isinstance(k, Iterable) else [k]))
    bins = whole(bins, "bins", 1)
    opened: list[Model] = []
    try:
        for source in named.values():
            if not isinstance(source, Model):
                opened.append(Model(source))
        closed = iter(opened)
        open_models = {name: source if isinstance(source, Model) else next(closed) for name, source in named.items()}
        for name, model in open_models.items():
            _check(model, name, group_by)
        given, told, count = requests_of(requests, labels, next(iter(open_models.values())).info, request)
        data: Data | None = None
        results: list[ModelResult] = []
        for name, model in open_models.items():
            begin = time.perf_counter()
            with ProgressBar(name, count, progress) as show:
                found = _ranked(model, given, count, group_by, threads, show)
            seconds = time.perf_counter() - begin
            if data is None:
                data = _data(_with_labels(found, told), group_by, told)
            results.append(_measure(name, model, found, seconds, data, results, sizes, bins))
    finally:
        for model in opened:
            model.close()
    assert data is not None
    made = Evaluation(results, data)
    if plot is not None:
        made.plot(plot)
    return made


def _named(models: Any) -> dict[str, Any]:
    if isinstance(models, Mapping):
        if not models:
            raise InvalidArgument("models: there is none in the dict")
        return {str(name): source for name, source in models.items()}
    if isinstance(models, Model):
        return {models.info.name or "model": models}
    if isinstance(models, (str, os.PathLike)):
        return {os.path.splitext(os.path.basename(os.fspath(models)))[0]: models}
    raise InvalidArgument(f"models: expected a path, a Model or a dict of them, found a {type(models).__name__}")


def _check(model: Model, name: str, group_by: str | None) -> None:
    info = model.info
    if info.output != OutputKind.SIGMOID:
        raise InvalidArgument(f"{name}: the model is a regression: its scores are no probabilities of a click, and "
                              "there is no AUC of them")
    features = {field.column: field.kind for field in info.features}
    if group_by is None:
        return
    if group_by not in features:
        raise NotFound(f"group_by: {name} has no feature {group_by!r}; it has "
                       f"{', '.join(map(repr, features)) or 'none'}")
    if features[group_by] != FieldKind.ID:
        raise InvalidArgument(f"group_by: requests are grouped by a feature of one id, and {group_by!r} is of another "
                              "kind")


class _Ranked(NamedTuple):
    """What is kept of a request."""

    logits: NDArray[np.float32]
    scores: NDArray[np.float32]
    labels: NDArray[np.float64]
    group: Any


def _rank(session: Session, _at: int, request: Mapping[str, Any], *, group_by: str | None) -> tuple[Any, Any, Told]:
    """(logits, scores, what the request tells). A function of the module, so that another process can run it."""
    given = {key: value for key, value in request.items() if key != "labels"}
    scores, logits = session.rank(apply_request(session, given), logits=True)
    group = given["features"][group_by] if group_by is not None else None
    return logits, scores, Told(request.get("id"), "id" in request, request.get("labels"), group)


def _ranked(model: Model, requests: Any, count: int, group_by: str | None, threads: int | None,
            progress: ProgressBar) -> list[tuple[Any, Any, Told]]:
    """Every request, on all cores."""
    one = functools.partial(_rank, group_by=group_by)
    if pays(model, count, threads):
        return run_requests(model, requests, one, threads, progress, in_a_process, 64)
    return run_requests(model, requests, one, threads, progress)


def _with_labels(found: Sequence[tuple[Any, Any, Told]], told: LabelSource) -> list[_Ranked]:
    ranked = []
    for at, (logits, scores, request) in enumerate(found):
        try:
            labels = told.of(request, at, scores.size)
        except StatusError as error:
            name = f"request {at} (id {request.id!r})" if request.has_id else f"request {at}"
            error.args = (f"{name}: {error}",)
            raise
        ranked.append(_Ranked(logits, scores, labels, request.group))
    told.check_all_used(len(found))
    return ranked


def _joined(parts: Sequence[Any], dtype: Any) -> NDArray[Any]:
    return np.concatenate(parts) if parts else np.empty(0, dtype=dtype)


def _data(found: Sequence[_Ranked], group_by: str | None, told: LabelSource) -> Data:
    counts = np.array([one.logits.size for one in found], dtype=np.int64)
    labels = _joined([one.labels for one in found], np.float64)
    groups = None
    if group_by is not None:
        places: dict[Any, int] = {}
        groups = np.repeat([places.setdefault(one.group, len(places)) for one in found], counts)
    return Data(labels, np.repeat(np.arange(counts.size), counts), counts.size, group_by, groups, told.unused())


def _measure(name: str, model: Model, found: Sequence[tuple[Any, Any, Told]], seconds: float, data: Data,
             before: Sequence[ModelResult], sizes: Sequence[int], bins: int) -> ModelResult:
    logits = _joined([one[0] for one in found], np.float32)
    scores = _joined([one[1] for one in found], np.float32)
    first = before[0] if before else None
    if logits.size != data.labels.size:
        raise InvalidArgument(f"{name}: ranked {logits.size} candidates, but the first model {data.labels.size}")
    compared = None
    if first is not None:
        difference = np.abs(scores.astype(np.float64) - first.scores)
        compared = Comparison(metrics.top_agreement(first.logits, logits, data.requests, AGREEMENT),
                              float(difference.max(initial=0)), float(difference.mean()) if difference.size else 0.0)
    ndcg = {}
    for size in sizes:
        values = metrics.ndcg(logits, data.labels, data.requests, size)
        ndcg[size] = float(np.nanmean(values)) if np.isfinite(values).any() else float("nan")
    return ModelResult(
        name=name, file_bytes=model.info.file_bytes, seconds=seconds, logits=logits, scores=scores,
        auc=metrics.area_under_curve(logits, data.labels),
        gauc_by_request=metrics.grouped_auc(logits, data.labels, data.requests),
        gauc_by_group=None if data.groups is None else metrics.grouped_auc(logits, data.labels, data.groups),
        log_loss=metrics.log_loss(logits, data.labels), ndcg=ndcg,
        mean_score=float(scores.mean(dtype=np.float64)) if scores.size else float("nan"),
        calibration=metrics.calibration(scores, data.labels, bins), compared=compared)
