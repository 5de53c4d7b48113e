"""The rows on which an export is proven: requests, and what the library computes for them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional, Union, cast

import numpy as np

from ..arrays import Array
from ..dump import Dump
from ..errors import AugurError
from ..evaluation.metrics import area_under_curve

Requests = list[dict[str, Any]]
Columns = list[Array]  # float64, an array for each request, a value for each candidate


@dataclass
class Proof:
    """Requests with the library's own scores. Lists have one entry a request, in the same order."""

    requests: Requests  # each with an "id" of its own
    scores: Columns
    logits: Optional[Columns] = None
    labels: Optional[Columns] = None

    @property
    def rows(self) -> int:
        """How many candidates there are."""
        return sum(len(scores) for scores in self.scores)

    def write(self, folder: Path, name: str, logits: bool) -> "ProofFiles":
        """Writes the files that augur-convert reads. With `logits` they are compared, too, where they are known."""
        files = ProofFiles(folder / f"{name}.requests.jsonl", folder / f"{name}.scores.jsonl")
        write_lines(files.requests, self.requests)
        lines = []
        for at, request in enumerate(self.requests):
            line = {"id": request["id"], "scores": self.scores[at].tolist()}
            if logits and self.logits is not None:
                line["logits"] = self.logits[at].tolist()
            lines.append(line)
        write_lines(files.scores, lines)
        return files


@dataclass
class ProofFiles:
    """The files of a Proof."""

    requests: Path
    scores: Path


def proof_of_dump(dump: Dump) -> Optional[Proof]:
    """The proof that a dump has, or None if it has no scores."""
    if not dump.requests or dump.scores is None:
        return None
    return Proof(_with_ids(dump.requests), _rows(dump.scores),
                 None if dump.logits is None else _rows(dump.logits),
                 None if dump.labels is None else _rows(dump.labels))


def proof_of_sample(sample: Any, labels: Any) -> Proof:
    """The proof that the caller gives with a checkpoint: (requests, scores), or {"requests": ..., "scores": ...}.

    Both may be lists, or paths of JSON-lines files (docs/requests.md). Scores are a number or a list a request.
    Raises AugurError if they do not fit together.
    """
    if isinstance(sample, Mapping) and {"requests", "scores"} <= set(sample):
        given: dict[str, Any] = dict(sample)
    elif isinstance(sample, (tuple, list)) and len(sample) == 2:
        given = {"requests": sample[0], "scores": sample[1]}
    else:
        raise AugurError("sample: a checkpoint cannot compute scores, so that its own are needed: expected (requests, "
                         f"scores), each a list or the path of a JSON-lines file, but it is {_kind(sample)}. With "
                         "the live model a batch of its input is enough")
    requests = _with_ids(_lines_of(given["requests"], "requests"))
    proof = Proof(requests, _columns_of(given["scores"], requests, "scores"))
    if given.get("logits") is not None:
        proof.logits = _columns_of(given["logits"], requests, "logits")
    elif isinstance(given["scores"], (str, Path)):
        lines = _lines_of(given["scores"], "scores")
        if lines and all("logits" in line for line in lines):
            ordered = _in_order(lines, requests, "scores")
            proof.logits = _columns_of([line["logits"] for line in ordered], requests, "logits")
    wanted = labels if labels is not None else given.get("labels")
    if wanted is not None:
        proof.labels = labels_of(wanted, proof)
    return proof


def labels_of(labels: Any, proof: Proof) -> Columns:
    """Labels as one list of all rows, or as a list a request. Raises AugurError if there are not as many as rows."""
    if isinstance(labels, (str, Path)):
        return _columns_of(labels, proof.requests, "labels")
    try:
        flat: Array = np.asarray([value for one in _plain(labels) for value in np.ravel(np.asarray(one, np.float64))])
    except (TypeError, ValueError) as error:
        raise AugurError(f"labels: expected a number for each row of the sample: {error}") from error
    if not np.isfinite(flat).all():
        raise AugurError(f"labels: expected finite numbers, but the one of row {int(np.argmin(np.isfinite(flat)))} is "
                         f"{flat[np.argmin(np.isfinite(flat))]}")
    if flat.size != proof.rows:
        raise AugurError(f"labels: expected one for each of the {proof.rows} rows of the sample, but there are "
                         f"{flat.size}")
    places = np.cumsum([len(scores) for scores in proof.scores])[:-1]
    return list(np.split(flat.astype(np.float64), places))


def flat(columns: Columns) -> Array:
    """All values, float64 [rows]."""
    return np.concatenate(columns) if columns else np.zeros(0)


def auc(scores: Columns, labels: Columns) -> Optional[float]:
    """The area under the ROC curve; None unless there are clicks and others, and all labels are 0 or 1."""
    clicked = flat(labels)
    if not np.isin(clicked, (0.0, 1.0)).all() or clicked.min() == clicked.max():
        return None
    return area_under_curve(flat(scores), clicked)


def write_lines(path: Path, lines: Iterable[Mapping[str, Any]]) -> None:
    """Writes JSON lines."""
    with open(path, "w", encoding="utf-8") as file:
        for line in lines:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


def read_lines(path: Union[str, Path]) -> Requests:
    """Reads JSON lines, each an object; blank lines are skipped. Raises AugurError."""
    found: Requests = []
    try:
        with open(path, encoding="utf-8") as file:
            for number, text in enumerate(file, 1):
                if not text.strip():
                    continue
                line = json.loads(text)
                if not isinstance(line, dict):
                    raise AugurError(f"{path}:{number}: expected a JSON object, but it is {_kind(line)}")
                found.append(line)
    except (OSError, ValueError) as error:
        raise AugurError(f"{path}: expected JSON lines: {error}") from error
    return found


def _lines_of(given: Any, what: str) -> Requests:
    if isinstance(given, (str, Path)):
        return read_lines(given)
    lines = list(given)
    for at, line in enumerate(lines):
        if not isinstance(line, Mapping):
            raise AugurError(f"sample: {what}[{at}]: expected a dictionary, but it is {_kind(line)}")
    return [dict(line) for line in lines]


def _with_ids(requests: Sequence[Mapping[str, Any]]) -> Requests:
    """The requests, each with an id: those that have none get their number."""
    named = [{"id": f"r{at}", **request} for at, request in enumerate(requests)]
    seen: dict[Any, int] = {}
    for at, request in enumerate(named):
        if request["id"] in seen:
            raise AugurError(f"sample: requests[{at}] has the id {request['id']!r} of "
                             f"requests[{seen[request['id']]}]: ids join requests and scores, and must differ")
        seen[request["id"]] = at
    return named


def _in_order(lines: Requests, requests: Requests, what: str) -> Requests:
    """The lines in the order of the requests, by their ids."""
    by_id = {line.get("id"): line for line in lines}
    missing = [request["id"] for request in requests if request["id"] not in by_id]
    if missing:
        raise AugurError(f"sample: {what} has no line for {len(missing)} of {len(requests)} requests, the first "
                         f"{missing[0]!r}")
    return [by_id[request["id"]] for request in requests]


def _columns_of(given: Any, requests: Requests, what: str) -> Columns:
    if isinstance(given, (str, Path)):
        values = [line.get(what) for line in _in_order(read_lines(given), requests, what)]
    else:
        values = list(_plain(given))
        if values and all(isinstance(value, Mapping) for value in values):
            values = [line.get(what) for line in _in_order(_lines_of(values, what), requests, what)]
    if len(values) != len(requests):
        raise AugurError(f"sample: expected {what} for each of the {len(requests)} requests, but there are "
                         f"{len(values)}")
    columns = []
    for request, value in zip(requests, values):
        count = len(next(iter(request.get("candidates", {}).values()), [0]))
        try:
            column: Array = np.asarray(value, np.float64).reshape(-1)
        except (TypeError, ValueError):
            column = np.zeros(0)
        if column.size != count or not np.isfinite(column).all():
            raise AugurError(f"sample: {what} of request {request['id']!r}: expected a finite number for each of its "
                             f"{count} candidates, but it is {str(value)[:80]}")
        columns.append(column)
    return columns


def _plain(values: Any) -> Iterable[Any]:
    """An array, a tensor or a column of a frame as something to iterate over."""
    if hasattr(values, "detach"):
        values = values.detach().cpu().numpy()
    return cast(Iterable[Any], values if isinstance(values, (list, tuple)) else np.asarray(values))


def _rows(values: Array) -> Columns:
    return list(np.asarray(values, np.float64).reshape(-1, 1))


def _kind(value: Any) -> str:
    return f"of type {type(value).__name__}"
