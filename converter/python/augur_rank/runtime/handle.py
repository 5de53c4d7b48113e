"""The C model behind a Model and its sessions: it is freed when the last of them lets go."""

from __future__ import annotations

import ctypes
import threading
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


class ModelHandle:
    """A C model, counted. `lock` guards calls that may change it, and the count."""

    def __init__(self, model: int, keep: list[Any]) -> None:
        self.lock = threading.RLock()  # reentrant: a finaliser may run within a call
        self._model: int | None = model
        self._users = 1
        self.keep = keep  # bytes and callbacks that the C model reads
        self.tables: dict[str, list[bytes | None]] = {}  # what it reads of each table: the sidecar's, the deltas'

    def pointer(self) -> int:
        """The C model. Raises Closed."""
        if self._model is None:
            raise Closed("the model is closed")
        return self._model

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
