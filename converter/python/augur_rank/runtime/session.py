"""Session: one user's features and histories, in which candidates are ranked for that user."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import numpy as np

from . import abi
from .columns import COLUMN_BYTES, Columns, Inputs, address, check_out
from .handle import NotCopied, check, new_error
from .status import Closed, InvalidArgument, SessionInUse, Status, error_of
from .values import whole

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .model import Model

    Scores = NDArray[np.float32]

_empty = np.empty
_FLOAT = np.float32


@dataclass(frozen=True)
class SessionOptions:
    """See Model.session()."""

    max_history: int = 0
    tile: int = 0
    threads: int = 1
    stream: bool = False
    max_ids_per_event: int = 0

    def struct(self) -> Any:
        """As the C library takes it. Raises InvalidArgument."""
        options = abi.sized(abi.SessionOptions)
        for name in ("max_history", "tile", "threads", "max_ids_per_event"):
            setattr(options, name, whole(getattr(self, name), name))
        options.streaming = int(bool(self.stream))
        return options


class TopK(NamedTuple):
    """The best candidates, best first; ties go to the lower index."""

    indices: NDArray[np.int64]  # [min(k, candidates)]
    scores: Scores  # the same


class Each(NamedTuple):
    """Scores of a list in which some candidates may be unusable: theirs are NaN, and their status says why."""

    scores: Scores  # [candidates]
    logits: Scores  # [candidates]
    statuses: list[Status]  # [candidates]; OK, OUT_OF_RANGE, INVALID_ARGUMENT, BAD_MODEL, NOT_FINITE


class TopKEach(NamedTuple):
    """The best of the usable candidates, and every candidate's status."""

    indices: NDArray[np.int64]
    scores: Scores
    statuses: list[Status]


class RestoreReport(NamedTuple):
    """What restoring a saved session found."""

    same_model: bool  # else another model with the same schema id
    unknown_ids: int  # ids and keys that this model's tables do not have
    dropped_events: int  # events that the model's mask rule now drops


class Session(NotCopied):
    """One user. Made by Model.session(); close it, or use it in a `with`.

    Columns are a dict {name: values}, a frame of pandas, polars or pyarrow, or what Model.candidates() made. The values
    are NumPy arrays (int64 ids and float32 numbers are not copied), lists, or columns of a frame; strings where a table
    has string keys. A call that raises leaves the session as it was.

    Threads: a session serves one call at a time. A second thread that calls it gets SessionInUse at once, and disturbs
    nothing; cancel() alone may be called at any time. For several threads take a session each.
    """

    def __init__(self, model: Model, options: SessionOptions | None = None) -> None:
        self._session: int | None = None
        self._library = library = abi.library()
        self._rank = library.augur_rank
        self._gate = threading.Lock()
        self._life = threading.RLock()  # reentrant, because a signal's handler may cancel
        self._candidates: Inputs = model._candidates
        self._room, self._room_address = bytearray(), 0
        self.model = model
        struct = (options or SessionOptions()).struct()
        made, error = ctypes.c_void_p(), new_error()
        self._handle = model._handle
        with self._handle.lock:
            check(library.augur_session_create(model._pointer(), ctypes.byref(struct), None, 0, ctypes.byref(made),
                                               ctypes.byref(error)), error)
            self._handle.acquire()
        self._session = made.value
        most = max([self._candidates.count, 1, *(inputs.count for inputs in model._stacks.values())])
        self._room = bytearray(COLUMN_BYTES * most)
        self._room_address = ctypes.addressof(ctypes.c_char.from_buffer(self._room))

    # ---- life

    def close(self) -> None:
        """Frees the session; may be called twice. Raises SessionInUse while another thread's call is running."""
        if getattr(self, "_session", None) is None:
            return
        self._enter()
        try:
            with self._life:
                session, self._session = self._session, None
            if session is not None:
                with self._handle.lock:
                    self._library.augur_session_destroy(session)
                self._handle.release()
        finally:
            self._gate.release()

    @property
    def closed(self) -> bool:
        """Whether close() was called."""
        return self._session is None

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<augur_rank.Session of {self.model!r}{', closed' if self.closed else ''}>"

    def _enter(self) -> None:
        if not self._gate.acquire(False):
            raise SessionInUse("another call on the session is running; a session serves one call at a time: wait for "
                               "it, cancel it, or use a session for each thread")

    def _pointer(self) -> int:
        if self._session is None:
            raise Closed("the session is closed")
        return self._session

    def _raise(self, status: int) -> NoReturn:
        raise error_of(status, self._library.augur_session_error(self._session).decode("utf-8", "replace"))

    # ---- the user

    def set_feature(self, name: str, value: Any) -> None:
        """Sets one feature of the user or the request.

        value: one id or key, a list of ids, one number, or a vector [width], as the feature's kind is. Raises NotFound,
        InvalidArgument, OutOfRange, …
        """
        self._enter()
        try:
            session = self._pointer()
            features = self.model._features
            spec = features.spec(name)
            keep: list[Any] = []
            spec.pack(features.one_row(spec, value), self._room, 0, keep)
            status = self._library.augur_session_set_feature(session, self._room_address)
            if status:
                self._raise(status)
        finally:
            self._gate.release()

    def set_features(self, features: Mapping[str, Any]) -> None:
        """Sets several features: {name: value}. If one is wrong, those before it stay set."""
        for name, value in features.items():
            self.set_feature(name, value)

    def set_history(self, columns: Any, stack: str | None = None) -> None:
        """Replaces a stack's history, oldest event first. {} empties it. Of more events than the limit the newest stay.

        columns: every column that the stack's fields read, a row an event. stack: None is the model's only stack.
        """
        self._events(self._library.augur_session_set_history, columns, stack)

    def append(self, columns: Any, stack: str | None = None) -> None:
        """Adds events at the end of the history; beyond the limit the oldest leave it. As set_history."""
        self._events(self._library.augur_session_append, columns, stack)

    def _events(self, call: Any, columns: Any, stack: str | None) -> None:
        self._enter()
        try:
            session = self._pointer()
            name, inputs = self.model._inputs_of(stack)
            keep: list[Any] = []
            count = events = 0
            if not (isinstance(columns, Mapping) and not columns):
                events, count = inputs.pack(columns, self._room, keep), inputs.count
            status = call(session, name, self._room_address, count, events)
            if status:
                self._raise(status)
        finally:
            self._gate.release()

    def clear(self) -> None:
        """Back to a new session's state: no history; features 0, or the padding id where ids are keys."""
        self._enter()
        try:
            status = self._library.augur_session_clear(self._pointer())
            if status:
                self._raise(status)
        finally:
            self._gate.release()

    def history_length(self, stack: str | None = None) -> int:
        """How many events the stack holds now. Raises NotFound."""
        self._enter()
        try:
            session = self._pointer()
            name, _ = self.model._inputs_of(stack)
            return int(self._library.augur_session_history_length(session, name))
        finally:
            self._gate.release()

    # ---- saving

    def save(self) -> bytes:
        """The features and histories, for restore() into a session of this model or of another with its schema id."""
        self._enter()
        try:
            session, size = self._pointer(), ctypes.c_size_t()
            status = self._library.augur_session_save(session, None, ctypes.byref(size))
            if not status:
                state = ctypes.create_string_buffer(size.value)
                status = self._library.augur_session_save(session, state, ctypes.byref(size))
                if not status:
                    return state.raw[:size.value]
            self._raise(status)
        finally:
            self._gate.release()

    def restore(self, state: bytes) -> RestoreReport:
        """Takes the features and histories of a saved session. Raises for a damaged state or one of another schema."""
        self._enter()
        try:
            session, report = self._pointer(), abi.sized(abi.RestoreReport)
            content = bytes(memoryview(state))  # bytes(5) would be five zeros
            status = self._library.augur_session_restore_report(session, content, len(content), ctypes.byref(report))
            if status:
                self._raise(status)
            return RestoreReport(report.by == 1, report.unknown_ids, report.dropped_events)
        finally:
            self._gate.release()

    # ---- ranking

    def _bound(self, candidates: Any, keep: list[Any]) -> tuple[int, int, int]:
        """(address of the structs, how many, candidates)"""
        inputs = self._candidates
        if type(candidates) is Columns and candidates.inputs is inputs:
            return candidates.address, candidates.count, candidates.rows
        rows = inputs.pack(candidates, self._room, keep)
        return self._room_address, inputs.count, rows

    def rank(self, candidates: Any, *, logits: bool = False, out: Scores | None = None) -> Any:
        """Scores of all candidates: float32 [candidates], or (scores, logits) with logits=True.

        candidates  every column that the model's candidate fields read, a row a candidate; or Model.candidates(…)
        out         float32 [candidates] in one piece, into which the scores are written; it is then what is returned

        A score is the click's probability, the sigmoid of the logit; of a regression it is the logit. It does not
        depend on the other candidates. Raises StatusError, which names the first candidate that is wrong; `out` is then
        NaN, or as it was.
        """
        if not self._gate.acquire(False):
            self._enter()
        try:
            session = self._session
            if session is None:
                self._pointer()
            keep: list[Any] = []
            if type(candidates) is Columns and candidates.inputs is self._candidates:
                place, count, rows = candidates.address, candidates.count, candidates.rows
            else:
                place, count, rows = self._bound(candidates, keep)
            if out is None:
                scores = _empty(rows, _FLOAT)
            else:
                scores = check_out(out, rows, candidates.kept if type(candidates) is Columns else keep)
            if not logits:
                status = self._rank(session, place, count, rows, address(scores), None)
                if status:
                    self._raise(status)
                return scores
            raw = _empty(rows, _FLOAT)
            status = self._rank(session, place, count, rows, address(scores), address(raw))
            if status:
                self._raise(status)
            return scores, raw
        finally:
            self._gate.release()

    def rank_each(self, candidates: Any) -> Each:
        """rank() for a list in which some candidates may be unusable, such as one with a key that the model lacks."""
        self._enter()
        try:
            session = self._pointer()
            keep: list[Any] = []
            place, count, rows = self._bound(candidates, keep)
            scores, logits = _empty(rows, _FLOAT), _empty(rows, _FLOAT)
            statuses, options = self._each(rows)
            status = self._library.augur_rank_each(session, place, count, rows, address(scores), address(logits),
                                                   ctypes.byref(options))
            if status:
                self._raise(status)
            return Each(scores, logits, [Status(one) for one in statuses.tolist()])
        finally:
            self._gate.release()

    def top_k(self, candidates: Any, k: int) -> TopK:
        """The best k candidates, best first: (indices, scores), of min(k, candidates) elements. Raises as rank()."""
        indices, scores, _ = self._top(candidates, k, False)
        return TopK(indices, scores)

    def top_k_each(self, candidates: Any, k: int) -> TopKEach:
        """top_k() without the unusable candidates, and each candidate's status."""
        indices, scores, statuses = self._top(candidates, k, True)
        return TopKEach(indices, scores, statuses)

    @staticmethod
    def _each(rows: int) -> tuple[NDArray[np.int32], Any]:
        statuses: NDArray[np.int32] = np.zeros(rows, dtype=np.int32)
        options = abi.sized(abi.EachOptions)
        options.statuses = address(statuses)
        return statuses, options

    def _top(self, candidates: Any, k: int, each: bool) -> tuple[NDArray[np.int64], Scores, list[Status]]:
        k = whole(k, "k")
        self._enter()
        try:
            session = self._pointer()
            keep: list[Any] = []
            place, count, rows = self._bound(candidates, keep)
            room = min(k, rows)
            indices: NDArray[np.uintp] = _empty(room, np.uintp)
            scores, found = _empty(room, _FLOAT), ctypes.c_size_t()
            place_of = (address(indices), address(scores), ctypes.byref(found))
            statuses: list[Status] = []
            if each:
                each_status, options = self._each(rows)
                status = self._library.augur_rank_top_k_each(session, place, count, rows, room, *place_of,
                                                             ctypes.byref(options))
                statuses = [Status(one) for one in each_status.tolist()] if not status else []
            else:
                status = self._library.augur_rank_top_k(session, place, count, rows, room, *place_of)
            if status:
                self._raise(status)
            return indices[:found.value].astype(np.int64), scores[:found.value], statuses
        finally:
            self._gate.release()

    def explain(self, candidates: Any, row: int = 0, stack: str | None = None) -> Scores:
        """The attention that each event of a history receives from one candidate: float32 [events], oldest first.

        Weights sum to 1 if the stack's attention has a softmax. Raises NotFound if it has no attention.
        """
        self._enter()
        try:
            session = self._pointer()
            name, _ = self.model._inputs_of(stack)
            keep: list[Any] = []
            place, count, rows = self._bound(candidates, keep)
            row = whole(row, "row")
            if row >= rows:
                raise InvalidArgument(f"row is {row}, expected the index of one of the {rows} candidates")
            room = int(self._library.augur_session_history_length(session, name))
            weights, found = _empty(room, _FLOAT), ctypes.c_size_t()
            status = self._library.augur_explain(session, name, place, count, rows, row, address(weights), room,
                                                 ctypes.byref(found))
            if status:
                self._raise(status)
            return weights[:found.value]
        finally:
            self._gate.release()

    def cancel(self) -> None:
        """Ends the ranking that another thread runs on this session: it raises Cancelled, usually within a millisecond.

        With no ranking running it does nothing. It may be called from any thread and from a signal's handler. Python
        runs handlers on the main thread, between two of its own steps: a ranking on that thread ends first, so that a
        program that wants to be interrupted ranks on another one.
        """
        with self._life:
            if self._session is not None:
                self._library.augur_session_cancel(self._session)
