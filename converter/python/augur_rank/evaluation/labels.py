"""Requests and their labels, in every form that evaluate() takes, brought to one: dicts with "labels" in them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..errors import shown
from ..runtime.frames import column_names, is_frame
from ..runtime.info import ModelInfo
from ..runtime.requests import parse_line, read_json_lines
from ..runtime.status import InvalidArgument, NotFound, ShapeMismatch

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Labels = NDArray[np.float64]


_EXPECTED = "a list for each request, a dict of lists by the requests' ids, or the path of a .jsonl file"


def as_labels(values: Any, where: str) -> Labels:
    """float64 [candidates] of 0 and 1; True and False are 1 and 0. Raises InvalidArgument, ShapeMismatch."""
    try:
        given = np.asarray(values.to_numpy() if hasattr(values, "to_numpy") else values)
        objects = given.ravel().tolist() if given.dtype.kind in "USO" else []
        texts = [one for one in objects if isinstance(one, (str, bytes))]
        if texts:
            values = texts[0]
            raise TypeError
        labels = given.astype(np.float64)
    except (TypeError, ValueError):
        raise InvalidArgument(f"{where}: labels are the numbers 0 and 1, found {shown(values)}") from None
    if labels.ndim != 1:
        raise ShapeMismatch(f"{where}: expected a label for each candidate, found an array of shape "
                            f"{list(labels.shape)}")
    wrong = np.flatnonzero((labels != 0) & (labels != 1))
    if wrong.size:
        raise InvalidArgument(f"{where}: labels are 1 (clicked) or 0, found {labels[wrong[0]]:g} at index {wrong[0]}; "
                              "make them so, such as rating >= 4")
    return labels


class Told(NamedTuple):
    """What a request itself tells of its labels and its group."""

    id: Any
    has_id: bool
    labels: Any
    group: Any


class LabelSource:
    """Finds the labels of each request: by its id, by its place, or in the request itself."""

    def __init__(self, labels: Any) -> None:
        self.by_id: dict[str, Labels] | None = None
        self.in_order: list[Any] | None = None
        self._used: set[str] = set()
        if labels is None:
            return
        if isinstance(labels, (str, os.PathLike)):
            if not os.path.exists(labels):
                raise NotFound(f"labels: there is no file {os.fspath(labels)!r}; expected {_EXPECTED}")
            self.by_id = {}
            for place, line in read_json_lines(labels):
                self._add(parse_line(place, line), place)
        elif isinstance(labels, Mapping):
            self.by_id = {str(name): as_labels(values, f"labels of {name!r}") for name, values in labels.items()}
            if len(self.by_id) < len(labels):
                raise InvalidArgument("labels: two ids have the same text, such as 1 and \"1\"")
        elif isinstance(labels, Iterable) and not isinstance(labels, bytes):
            self.in_order = list(labels)
            if self.in_order and all(isinstance(one, Mapping) for one in self.in_order):
                records, self.in_order, self.by_id = self.in_order, None, {}
                for at, record in enumerate(records):
                    self._add(record, f"labels {at}")
        else:
            raise InvalidArgument(f"labels: a {type(labels).__name__} holds none; expected {_EXPECTED}")

    def _add(self, record: Mapping[str, Any], place: str) -> None:
        assert self.by_id is not None
        if set(record) != {"id", "labels"}:
            raise InvalidArgument(f"{place}: expected an object with \"id\" and \"labels\", found "
                                  f"{', '.join(map(repr, record)) or 'nothing in it'}")
        name = str(record["id"])
        if name in self.by_id:
            raise InvalidArgument(f"{place}: the id {name!r} stands twice among the labels")
        self.by_id[name] = as_labels(record["labels"], f"{place} (id {name!r})")

    def of(self, request: Told, at: int, candidates: int) -> Labels:
        """The labels of a request, which is number `at` and has so many candidates."""
        if self.by_id is not None:
            name = str(request.id)
            if not request.has_id:
                raise InvalidArgument("has no \"id\", by which its labels are found")
            if name not in self.by_id:
                raise NotFound(f"there are no labels with the id {name!r}")
            labels = self.by_id[name]
            self._used.add(name)
        elif self.in_order is not None:
            if at >= len(self.in_order):
                raise ShapeMismatch(f"there are labels for {len(self.in_order)} requests only")
            labels = as_labels(self.in_order[at], "labels")
        elif request.labels is not None:
            labels = as_labels(request.labels, "labels")
        else:
            raise InvalidArgument("has no labels; give labels=, or a list \"labels\" in each request")
        if labels.size != candidates:
            raise ShapeMismatch(f"has {candidates} candidates, but {labels.size} labels")
        return labels


    def check_all_used(self, requests: int) -> None:
        """Raises ShapeMismatch if there are labels in order for more requests."""
        if self.in_order is not None and len(self.in_order) > requests:
            raise ShapeMismatch(f"there are labels for {len(self.in_order)} requests, but {requests} requests")

    def unused(self) -> int:
        """How many labels by id belong to no request."""
        return 0 if self.by_id is None else len(self.by_id) - len(self._used)


def frame_requests(frame: Any, labels: Any, info: ModelInfo, request: str) -> list[dict[str, Any]]:
    """The requests of a frame with one row a candidate, as dicts with "labels".

    request  the column that tells which request a row is of; rows of a request need not stand together
    labels   the name of a column, or a value for each row

    A column has the name of a candidate's field or of a feature. Events are in columns "history.FIELD" (with several
    stacks "STACK.FIELD"), each cell a list. A feature with the name of a candidate's field is "features.FIELD".
    All rows of a request have the same features and histories. Raises StatusError.
    """
    there = column_names(frame)
    if request not in there:
        raise NotFound(f"the frame has no column {request!r} that tells the request of each row; name it with "
                       f"request=. It has {', '.join(map(repr, there[:12]))}")
    for name in there:
        if there.count(name) > 1:
            raise ShapeMismatch(f"the frame has {there.count(name)} columns {name!r}; one is expected")
    ids, rows = _groups(_listed(frame[request]))
    if isinstance(labels, str):
        if labels not in there:
            raise NotFound(f"the frame has no column {labels!r} of labels; it has {', '.join(map(repr, there[:12]))}")
        labels = frame[labels]
    if labels is None:
        raise InvalidArgument("a frame of requests needs labels: the name of a column, or a value for each row")
    clicked = as_labels(labels, "labels")
    if clicked.size != sum(map(len, rows)):
        raise ShapeMismatch(f"the frame has {sum(map(len, rows))} rows, but there are {clicked.size} labels")
    candidates = {field.column: _column(frame, there, ("candidates.",), field.column).values
                  for field in info.candidate_fields}
    features = {field.column: _column(frame, there, ("features.",), field.column) for field in info.features}
    history = {}
    for stack in info.stacks:
        prefixes = (f"{stack.name}.", "history.") if len(info.stacks) == 1 else (f"{stack.name}.",)
        history[stack.name] = {field.column: _column(frame, there, prefixes, field.column, bare=False)
                               for field in stack.fields}
    for column in chain(features.values(), *(columns.values() for columns in history.values())):
        for at, places in enumerate(rows):
            column.check_alike(places, f"request {at} (id {ids[at]!r})")
    return [{
        "id": name,
        "features": {field: column.values[places[0]] for field, column in features.items()},
        "history": {stack: {field: column.values[places[0]] for field, column in columns.items()}
                    for stack, columns in history.items()},
        "candidates": {field: _taken(values, places) for field, values in candidates.items()},
        "labels": clicked[places],
    } for name, places in zip(ids, rows)]


def _groups(names: Sequence[Any]) -> tuple[list[Any], list[list[int]]]:
    """The requests in the order of their first rows, and the rows of each."""
    found: dict[Any, list[int]] = {}
    for at, name in enumerate(names):
        if name is None or name != name:
            raise InvalidArgument(f"row {at} of the frame has no request")
        found.setdefault(name, []).append(at)
    return list(found), list(found.values())


def _listed(column: Any) -> list[Any]:
    if hasattr(column, "to_pylist"):
        return column.to_pylist()  # type: ignore[no-any-return]
    return column.to_list()  # type: ignore[no-any-return]


_FLOATS = (float, np.floating)


class _Column(NamedTuple):
    """A column of a frame, by its whole name."""

    name: str
    values: list[Any]

    def check_alike(self, places: Sequence[int], request: str) -> None:
        """Raises InvalidArgument if rows of a request have different values."""
        first = self.values[places[0]]
        for place in places:
            if not _same(first, self.values[place]):
                raise InvalidArgument(f"{request}: its rows differ in the column {self.name!r}: {shown(first)} in row "
                                      f"{places[0]}, {shown(self.values[place])} in row {place}; features and "
                                      "histories belong to the whole request")


def _same(one: Any, other: Any) -> bool:
    """Whether two cells are equal: texts and numbers, or lists and arrays of them."""
    if one is other:
        return True
    lists = _is_list(one), _is_list(other)
    if any(lists) and not (all(lists) and len(one) == len(other)):
        return False
    try:
        equal = one == other
        if equal is True or np.all(equal):
            return True
    except (TypeError, ValueError):  # of lists with arrays in them, and of pandas.NA
        pass
    if any(lists):
        return all(map(_same, one, other))
    return bool(isinstance(one, _FLOATS) and isinstance(other, _FLOATS) and one != one and other != other)  # both NaN


def _is_list(value: Any) -> bool:
    return (isinstance(value, Iterable) and hasattr(value, "__len__") and getattr(value, "ndim", 1) > 0
            and not isinstance(value, (str, bytes, Mapping)))


def _column(frame: Any, there: Sequence[Any], prefixes: Sequence[str], name: str, bare: bool = True) -> _Column:
    for full in [prefix + name for prefix in prefixes] + ([name] if bare else []):
        if full in there:
            return _Column(full, _listed(frame[full]))
    wanted = " or ".join(repr(full) for full in [name] * bare + [prefix + name for prefix in prefixes])
    raise ShapeMismatch(f"the frame has no column {wanted}; it has {', '.join(map(repr, there[:12]))}")


def _taken(values: Sequence[Any], places: Sequence[int]) -> list[Any]:
    return [values[place] for place in places]


def requests_of(requests: Any, labels: Any, info: ModelInfo, request: str) -> tuple[Any, LabelSource, int]:
    """(requests that can be gone through again, their labels, how many). Raises StatusError."""
    if is_frame(requests):
        made = frame_requests(requests, labels, info, request)
        return made, LabelSource(None), len(made)
    source = LabelSource(labels)
    if isinstance(requests, (str, os.PathLike)):
        return requests, source, sum(1 for _ in read_json_lines(requests))
    if isinstance(requests, Mapping) or not isinstance(requests, Iterable):
        raise InvalidArgument("requests: expected dicts, a frame or the path of a .jsonl file, found a "
                              f"{type(requests).__name__}")
    listed = list(requests)
    return listed, source, len(listed)
