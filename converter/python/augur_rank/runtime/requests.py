"""Whole requests, as docs/requests.md has them: read from .jsonl files or given as dicts, ranked on several threads."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from typing import TYPE_CHECKING, Any, Optional

from .session import Session
from .status import InvalidArgument, NotFound, ShapeMismatch, StatusError
from .values import whole

if TYPE_CHECKING:
    from .model import Model

One = Callable[[Session, int, Mapping[str, Any]], Any]  # of a session, a request's index, and the request
Batch = list[tuple[int, tuple[str, Any]]]  # (index, (place, request)) of some requests
Done = tuple[list[tuple[int, Any]], Optional[tuple[int, Exception]]]  # results, and the error that ended them
Worker = contextlib.AbstractContextManager[Callable[[Batch], Done]]

# Seconds that a wait may last. Linux gives signals to the main thread, and ends its wait: none is needed.
_PAUSE = None if sys.platform == "linux" else 0.05
_KEYS = ("id", "features", "history", "candidates")


def read_json_lines(path: Any) -> Iterator[tuple[str, bytes]]:
    """(place, line) for each line that is not blank. Raises NotFound."""
    name = os.fspath(path)
    try:
        file = open(name, "rb")
    except FileNotFoundError:
        raise NotFound(f"{name}: there is no such file") from None
    with file:
        for number, line in enumerate(file, 1):
            if line.strip():
                yield f"{name}:{number}", line


def parse_line(place: str, line: bytes) -> dict[str, Any]:
    """The JSON object of a line. Raises InvalidArgument, which names the place."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InvalidArgument(f"{place}: is not JSON ({error})") from None
    if not isinstance(value, dict):
        raise InvalidArgument(f"{place}: expected an object, found a {type(value).__name__}")
    return value


def numbered(requests: Any) -> Iterator[tuple[str, Any]]:
    """(place, request) of a path, whose requests are lines, or of an iterable of dicts."""
    if isinstance(requests, (str, os.PathLike)):
        yield from read_json_lines(requests)
        return
    for at, request in enumerate(requests):
        yield f"request {at}", request


def apply_request(session: Session, request: Mapping[str, Any]) -> Any:
    """Makes the session the request's user, and returns the candidates. Raises StatusError."""
    for key in request:
        if key not in _KEYS:
            raise InvalidArgument(f"unknown key {key!r}; a request has {', '.join(_KEYS)}")
    if "candidates" not in request:
        raise ShapeMismatch("\"candidates\" is missing")
    features = request.get("features") or {}
    for name in session.model._features.specs:
        if name not in features:
            raise ShapeMismatch(f"features: {name!r} is missing; a request has every feature of the model")
    session.set_features(features)
    for stack, columns in _histories(session.model, request.get("history")):
        session.set_history(columns, stack)
    return request["candidates"]


def _histories(model: Model, history: Any) -> Iterator[tuple[str, Any]]:
    stacks = list(model._stacks)
    if not stacks or history is None:
        if stacks or history:
            raise ShapeMismatch("\"history\" is missing" if stacks else "history: the model has no behaviour sequence")
        return
    if isinstance(history, Mapping) and (len(stacks) > 1 or stacks[0] in history and _is_columns(history[stacks[0]])):
        for stack in history:
            if stack not in stacks:
                raise NotFound(f"history: there is no stack {stack!r}; the model has {', '.join(map(repr, stacks))}")
        for stack in stacks:
            if stack not in history:
                raise ShapeMismatch(f"history: the stack {stack!r} is missing")
            yield stack, history[stack]
        return
    yield stacks[0], history


def _is_columns(value: Any) -> bool:
    return isinstance(value, Mapping) or hasattr(value, "columns")


def _named(place: str, request: Any) -> tuple[str, Mapping[str, Any]]:
    """The request, read if it is a line, and its name for messages. Raises InvalidArgument."""
    if isinstance(request, bytes):
        request = parse_line(place, request)
    if not isinstance(request, Mapping):
        raise InvalidArgument(f"{place}: expected a dict with the keys {', '.join(_KEYS)}, found a "
                              f"{type(request).__name__}")
    return f"{place} (id {request['id']!r})" if "id" in request else place, request


def do_batch(session: Session, one: One, batch: Batch) -> Done:
    """The results of a batch, with their indices; and the first error with its index, which ends the batch."""
    results: list[tuple[int, Any]] = []
    for at, (place, request) in batch:
        try:
            name, read = _named(place, request)
            try:
                results.append((at, one(session, at, read)))
            except StatusError as error:
                error.args = (f"{name}: {error}",)
                raise
        except Exception as error:
            return results, (at, error)
    return results, None


@contextlib.contextmanager
def in_this_process(model: Model, one: One) -> Iterator[Callable[[Batch], Done]]:
    """Does batches on a session of its own, on the thread that calls."""
    with model.session() as session:
        yield lambda batch: do_batch(session, one, batch)


class _Work:
    """Requests handed out to workers, and their results; the first error ends all."""

    def __init__(self, requests: Any, batch: int) -> None:
        self._requests = enumerate(numbered(requests))
        self._batch = batch
        self._lock = threading.Lock()
        self.results: dict[int, Any] = {}
        self.errors: dict[int, BaseException] = {}
        self._taken = 0
        self.ended = 0  # workers

    def take(self) -> Batch:
        with self._lock:
            batch: Batch = []
            try:
                while len(batch) < self._batch and not self.errors:
                    batch.append(next(self._requests))
            except StopIteration:
                pass
            except BaseException as error:  # of the caller's iterator, or of the file
                self.errors[self._taken + len(batch)] = error
            self._taken += len(batch)
            return batch

    def run(self, worker: Worker, changed: Callable[[], None]) -> None:
        """What each thread does."""
        try:
            with worker as do:
                while True:
                    batch = self.take()
                    if not batch:
                        return
                    results, error = do(batch)
                    self.results.update(results)
                    if error is not None:
                        self.errors[error[0]] = error[1]
                    changed()
        except BaseException as error:  # of the worker itself
            self.errors.setdefault(-1, error)
        finally:
            with self._lock:
                self.ended += 1
            changed()


def cores() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_requests(model: Model, requests: Any, one: One, threads: int | None, progress: Callable[[int], None] | None,
                 make_worker: Callable[[Model, One], Worker] = in_this_process, batch: int = 8) -> list[Any]:
    """one(session, index, request) for every request, by that many workers; the results in order.

    See Model.rank(). A StatusError that `one` raises gets the request's name.
    """
    threads = cores() if threads is None else whole(threads, "threads", 1)
    if isinstance(requests, Sized) and not isinstance(requests, str):
        threads = max(1, min(threads, -(-len(requests) // batch)))  # no more than have something to do
    if not isinstance(requests, (str, os.PathLike, Iterable)):
        raise InvalidArgument("requests: expected dicts or the path of a .jsonl file, found a "
                              f"{type(requests).__name__}")
    work = _Work(requests, batch)
    if threads == 1:
        work.run(make_worker(model, one), lambda: progress(len(work.results)) if progress else None)
    else:
        _on_threads(work, [make_worker(model, one) for _ in range(threads)], progress)
    if work.errors:
        raise work.errors[min(work.errors)]
    return [work.results[at] for at in range(len(work.results))]


def _on_threads(work: _Work, workers: list[Worker], progress: Callable[[int], None] | None) -> None:
    changed = threading.Event()
    threads = [threading.Thread(target=work.run, args=(worker, changed.set), daemon=True) for worker in workers]
    for thread in threads:
        thread.start()
    try:
        while work.ended < len(threads):
            changed.wait(_PAUSE)
            changed.clear()
            if progress:
                progress(len(work.results))
    except BaseException as error:  # such as an interrupt: the workers end after the batch that they are at
        work.errors[-1] = error
    for thread in threads:
        thread.join()
    if progress and not work.errors:
        progress(len(work.results))
