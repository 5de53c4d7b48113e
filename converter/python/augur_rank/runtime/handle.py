"""The C model behind a Model and its sessions: it is freed when the last of them lets go."""

from __future__ import annotations

import contextlib
import ctypes
import os
import threading
import weakref
from collections.abc import Iterator
from typing import Any, NoReturn

from . import abi
from .status import Closed, error_of


def check(status: int, error: abi.Error) -> None:
    """Raises why a call on a model failed."""
    if status:
        raise error_of(status, error.message.decode("utf-8", "replace"), error.required_bytes)


class NotCopied:
    """What owns a C object: a copy would free it a second time, and another process does not have it."""

    __slots__ = ()

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"a {type(self).__name__} can neither be copied nor pickled; open the model there anew")


_handles: weakref.WeakSet[ModelHandle] = weakref.WeakSet()


def _after_fork() -> None:
    for handle in list(_handles):
        handle.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


class ModelHandle:
    """A C model, counted. `lock` guards calls that may change it, and the count."""

    def __init__(self, model: int, keep: list[Any]) -> None:
        self.lock = threading.RLock()  # reentrant: a finaliser may run within a call
        self._model: int | None = model
        self._users = 1
        self.keep = keep  # bytes and callbacks that the C model reads
        self.tables: dict[str, list[bytes | None]] = {}  # what it reads of each table: the sidecar's, the deltas'
        self._changing = False
        self._closed_because = "the model is closed"
        _handles.add(self)

    def pointer(self) -> int:
        """The C model. Raises Closed."""
        if self._model is None:
            raise Closed(self._closed_because)
        return self._model

    @contextlib.contextmanager
    def change(self) -> Iterator[None]:
        """Holds the lock for a call that changes tables."""
        with self.lock:
            before, self._changing = self._changing, True
            try:
                yield
            finally:
                self._changing = before

    def after_fork(self) -> None:
        """In a child process: a thread that held the lock is not there, and never lets go of it."""
        if self.lock.acquire(False):
            self.lock.release()
            return
        self.lock = threading.RLock()
        if self._changing:  # its tables may be half changed
            self._model = None
            self._closed_because = "a table was being attached or detached during fork(): open the model here anew"

    def acquire(self) -> None:
        """One more user: a session. Hold the lock."""
        self.pointer()
        self._users += 1

    def release(self) -> None:
        """One user less; the last one frees the model."""
        with self.lock:
            self._users -= 1
            if self._users == 0 and self._model is not None:
                model, self._model = self._model, None
                abi.library().augur_model_close(model)
                self.keep.clear()
                self.tables.clear()


def new_error() -> abi.Error:
    """An empty augur_error."""
    made: abi.Error = abi.sized(abi.Error)
    return made


def pointer_to(value: Any) -> int:
    """The address of a ctypes object."""
    return ctypes.addressof(value)
