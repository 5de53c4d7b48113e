"""What the C library answers, as exceptions: one class for each status, with the library's own message."""

from __future__ import annotations

import enum

from ..errors import AugurError


class Status(enum.IntEnum):
    """augur_status of augur.h."""

    OK = 0
    INVALID_ARGUMENT = 1
    NOT_FOUND = 2
    IO_ERROR = 3
    BAD_MODEL = 4
    NEWER_MODEL = 5
    OUT_OF_MEMORY = 6
    SHAPE_MISMATCH = 7
    OUT_OF_RANGE = 8
    UNSUPPORTED = 9
    NOT_FINITE = 10
    CANCELLED = 11


class StatusError(AugurError):
    """A call that failed. `status` is why; str(error) is the library's message, which names the field and the value."""

    status = Status.INVALID_ARGUMENT


class InvalidArgument(StatusError, ValueError):
    """A value outside of what is documented."""


class NotFound(StatusError):
    """A name that the model does not declare, or a file that is not there."""

    status = Status.NOT_FOUND


class IoError(StatusError):
    """A file that could not be read."""

    status = Status.IO_ERROR


class BadModel(StatusError):
    """Not a model file, a damaged one, or one whose parts contradict each other."""

    status = Status.BAD_MODEL


class NewerModel(StatusError):
    """A file that needs a newer version of this package."""

    status = Status.NEWER_MODEL


class OutOfMemory(StatusError, MemoryError):
    """No memory, or a session that would need more than 1 GiB: `required_bytes` then says how much (else it is 0)."""

    status = Status.OUT_OF_MEMORY
    required_bytes = 0


class ShapeMismatch(StatusError, ValueError):
    """Columns of unequal lengths, a missing column, a vector of the wrong width."""

    status = Status.SHAPE_MISMATCH


class OutOfRange(StatusError, ValueError):
    """An id outside its table, or a key that its vocabulary does not have, where the table's rule is "error"."""

    status = Status.OUT_OF_RANGE


class Unsupported(StatusError):
    """What this processor or build of the library cannot do."""

    status = Status.UNSUPPORTED


class NotFinite(StatusError, ArithmeticError):
    """A logit or an attention weight that is infinite or not a number: the model's numbers overflow on this input."""

    status = Status.NOT_FINITE


class Cancelled(StatusError):
    """Session.cancel() ended the call."""

    status = Status.CANCELLED


class SessionInUse(StatusError):
    """Another thread's call on the session is running: a session serves one call at a time."""


class Closed(StatusError):
    """The model or the session was closed before."""


_CLASSES = {kind.status: kind for kind in (
    InvalidArgument, NotFound, IoError, BadModel, NewerModel, OutOfMemory, ShapeMismatch, OutOfRange, Unsupported,
    NotFinite, Cancelled)}


def error_of(status: int, message: str, required_bytes: int = 0) -> StatusError:
    """The exception for a status other than OK."""
    if status not in _CLASSES:
        return StatusError(f"{message} (status {status}, which this version of the package does not know)")
    error = _CLASSES[Status(status)](message)
    if isinstance(error, OutOfMemory):
        error.required_bytes = required_bytes
    return error
