"""Model: a .augur file, opened once and shared by any number of threads and sessions."""

from __future__ import annotations

import contextlib
import ctypes
import functools
import json
import os
import stat
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Optional, Union

import numpy as np

from .. import built
from . import abi
from .columns import Columns, Features, Inputs
from .handle import ModelHandle, NotCopied, check, new_error
from .info import ModelInfo, read_info
from .requests import apply_request, run_requests
from .session import Session, SessionOptions
from .status import Closed, InvalidArgument, IoError, NotFound, Status, error_of
from .values import whole

if TYPE_CHECKING:
    pass

Source = Union[str, "os.PathLike[str]", bytes, bytearray, memoryview]
Identity = Optional[tuple[int, ...]]
_LOADS = {"map": 0, "copy": 1}


@dataclass(frozen=True)
class Content:
    """A file whose content hash is right, for a function that decides whether it may be used."""

    file: str  # its path, or "buffer"
    table: str  # a sidecar's or a delta's table; "" for a model
    data: bytes
    model_id: str  # hexadecimal, as the file states it
    content_hash: str  # hexadecimal SHA-256


Verify = Union[bool, Callable[[Content], bool]]


class Attached(NamedTuple):
    """A table or a delta that a model was given."""

    kind: str  # "table" or "delta"
    table: str
    source: Source
    load: str
    identity: Identity


def _rank_one(session: Session, _at: int, request: Mapping[str, Any], *, logits: bool) -> Any:
    """What rank() returns of a request. A function of the module, so that another process can run it."""
    return session.rank(apply_request(session, request), logits=logits)


def identity_of(source: Source) -> Identity:
    """Differs between a file and one that takes its place, and after a change. None of bytes, or if there is none."""
    if isinstance(source, (bytes, bytearray, memoryview)):
        return None
    try:
        found = os.stat(source)
    except (OSError, ValueError):
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


class Model(NotCopied):
    """A model file, opened.

        with augur.Model("model.augur") as model, model.session() as session:
            session.set_history({"item": [3, 9], "category": [1, 4]})
            scores = session.rank({"item": [7, 8], "category": [2, 2]})

    source   the path of a .augur file, or its bytes
    load     "map": the file is read in place, and must not be changed while the model is open (replace it by renaming a
             new one over it). "copy": it is copied into memory. bytes are read in place, a bytearray is copied
    verify   True: the file's bytes must have the SHA-256 that it states. A function: the same, and it is then called
             with a Content and returns whether the file may be used (a signature can be checked there). It holds for
             sidecars and deltas, too

    Threads: a model may be used on all threads at the same time; attach_table, attach_delta and detach_deltas wait for
    other calls on the model, and need it to have no sessions. Ranking is a call on a session, and never waits.

    The C model is freed by close(), or when the Model and the last of its sessions are gone. Raises StatusError:
    NotFound, BadModel, NewerModel, IoError, …
    """

    def __init__(self, source: Source, *, load: str = "map", verify: Verify = False) -> None:
        if load not in _LOADS:
            raise InvalidArgument(f"load is {load!r}, expected \"map\" or \"copy\"")
        library = abi.library()
        self._source, self._load = _absolute(source), load
        self._attached: list[Attached] = []  # in order
        self._verifier, self._verifies = _Verifier(verify), bool(verify)
        before = identity_of(self._source)
        keep: list[Any] = [self._verifier]
        options = abi.sized(abi.ModelOptions)
        options.load, options.verify = _LOADS[load], int(bool(verify))
        options.verify_content = self._verifier.callback
        model, error = ctypes.c_void_p(), new_error()
        with self._verifier:
            if isinstance(source, (bytes, bytearray, memoryview)):
                content = bytes(source)
                keep.append(content)
                status = library.augur_model_open_buffer(content, len(content), ctypes.byref(options),
                                                         ctypes.byref(model), ctypes.byref(error))
            else:
                status = library.augur_model_open_file(_path(source), ctypes.byref(options), ctypes.byref(model),
                                                       ctypes.byref(error))
            self._verifier.raise_its_error()
            check(status, error)
        self._identity = _unchanged(self._source, before)
        self._handle = ModelHandle(model.value or 0, keep)
        self._closed = False
        info = read_info(model.value or 0)
        self._features = Features(info.features)
        self._candidates = Inputs(info.candidate_fields, "candidates")
        self._stacks = {stack.name: Inputs(stack.fields, f"stack '{stack.name}'") for stack in info.stacks}

    # ---- life

    def close(self) -> None:
        """Closes the model; may be called twice. Its sessions stay usable, and the last one to be closed frees it."""
        if not getattr(self, "_closed", True):
            self._closed = True
            self._handle.release()

    @property
    def closed(self) -> bool:
        """Whether close() was called."""
        return self._closed

    def __enter__(self) -> Model:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()

    def __repr__(self) -> str:
        source = self._source
        shown = f"{len(source)} bytes" if isinstance(source, (bytes, bytearray, memoryview)) else repr(source)
        return f"<augur_rank.Model {shown}{', closed' if self._closed else ''}>"

    def _pointer(self) -> int:
        if self._closed:
            raise Closed("the model is closed")
        return self._handle.pointer()

    # ---- what it is

    @property
    def info(self) -> ModelInfo:
        """What the model declares: fields, stacks, tables, notes, ids, memory. Read anew each time."""
        with self._handle.lock:
            return read_info(self._pointer())

    @property
    def proof(self) -> Mapping[str, Any]:
        """How the conversion was proven, as augur-inspect --json tells it: {"state": "proven", …} or "unproven"."""
        self._pointer()
        if not isinstance(self._source, (bytes, bytearray, memoryview)):
            return _inspected(os.fspath(self._source))
        with tempfile.NamedTemporaryFile(suffix=".augur") as file:
            file.write(self._source)
            file.flush()
            return _inspected(file.name)

    def row(self, table: str, key: str | bytes | int | np.integer[Any]) -> int | None:
        """The row of a key in a table's vocabulary; None if it does not have the key. The table's rule is not applied.

        Raises InvalidArgument if the table has no vocabulary, or one of keys of the other type.
        """
        row = ctypes.c_uint32()
        library = abi.library()
        key = int(key) if isinstance(key, np.integer) else key
        with self._handle.lock:
            if isinstance(key, int) and not isinstance(key, bool):
                if not -(1 << 63) <= key < 1 << 63:
                    raise InvalidArgument(f"the key {key} does not fit 64 bits with a sign")
                status = library.augur_model_find_integer(self._pointer(), table.encode(), key, ctypes.byref(row))
            elif isinstance(key, (str, bytes)):
                text = key if isinstance(key, bytes) else key.encode("utf-8", "surrogateescape")
                status = library.augur_model_find_string(self._pointer(), table.encode(), text, len(text),
                                                         ctypes.byref(row))
            else:
                raise InvalidArgument(f"a {type(key).__name__} is no key; expected str or int")
        if status == Status.NOT_FOUND:
            return None
        if status:
            kind = "integers" if isinstance(key, int) else "strings"
            raise error_of(status, f"the model has no table {table!r} with a vocabulary of {kind}")
        return row.value

    # ---- tables in files of their own

    def attach_table(self, table: str, source: Source, *, load: str = "map") -> None:
        """Gives a table its rows, from a sidecar file (augur-convert --sidecar) or its bytes.

        Every such table must be attached before the first session. Attaching again replaces the rows. Raises
        InvalidArgument while a session exists, NotFound without such a table, BadModel for a file that does not belong
        to the model; the model then keeps the rows that it had.
        """
        made = self._attach("table", table, source, load)
        self._attached = [*(one for one in self._attached if one.table != table), made]

    def attach_delta(self, table: str, source: Source, *, load: str = "map") -> None:
        """Changes an attached table by a delta (augur-convert --delta), at most 8, in their order. As attach_table."""
        self._attached.append(self._attach("delta", table, source, load))

    def detach_deltas(self, table: str, keep: int = 0) -> None:
        """Takes deltas off the table, the newest first, until `keep` are left."""
        keep, error = whole(keep, "keep"), new_error()
        with self._handle.change():
            status = abi.library().augur_model_detach_deltas(self._pointer(), table.encode(), keep, ctypes.byref(error))
            check(status, error)
            deltas = [one for one in self._attached if (one.kind, one.table) == ("delta", table)]
            for one in deltas[keep:]:
                self._attached.remove(one)
            del self._handle.tables.get(table, [])[1 + keep:]

    def _attach(self, kind: str, table: str, source: Source, load: str) -> Attached:
        if load not in _LOADS:
            raise InvalidArgument(f"load is {load!r}, expected \"map\" or \"copy\"")
        library, place, error = abi.library(), abi.sized(abi.TableSource), new_error()
        is_delta = kind == "delta"
        attach = library.augur_model_attach_delta if is_delta else library.augur_model_attach_table_from
        place.load, before = _LOADS[load], identity_of(source)
        content = None
        if isinstance(source, (bytes, bytearray, memoryview)):
            content = bytes(source)
            place.data, place.bytes = ctypes.cast(ctypes.c_char_p(content), ctypes.c_void_p), len(content)
        else:
            place.path = _path(source)
        with self._handle.change(), self._verifier:
            status = attach(self._pointer(), table.encode(), ctypes.byref(place), ctypes.byref(error))
            self._verifier.raise_its_error()
            check(status, error)
            tables = self._handle.tables
            tables[table] = [*(tables[table] if is_delta else []), content]
            return Attached(kind, table, _absolute(source), load, _unchanged(source, before))

    # ---- sessions and ranking

    def session(self, *, max_history: int = 0, tile: int = 0, threads: int = 1, stream: bool = False,
                max_ids_per_event: int = 0) -> Session:
        """A session: one user's features and histories, in which candidates are ranked for that user.

        max_history        events that are kept of every stack, if fewer than the model's limit; 0: the model's limit
        tile               candidates that are computed together; 0: the library chooses
        threads            threads that rank, the caller's included (docs/threads.md)
        stream             the extractor's states go on when old events leave the history (docs/c-api.md, Streams)
        max_ids_per_event  ids that are kept of one row of an `ids` field; 0: 16

        Raises NotFound if a table has not been attached yet, OutOfMemory, InvalidArgument.
        """
        return Session(self, SessionOptions(max_history, tile, threads, stream, max_ids_per_event))

    def session_bytes(self, *, max_history: int = 0, tile: int = 0, threads: int = 1, stream: bool = False,
                      max_ids_per_event: int = 0) -> int:
        """The bytes that such a session needs, for any number of candidates. Raises InvalidArgument."""
        options = SessionOptions(max_history, tile, threads, stream, max_ids_per_event).struct()
        with self._handle.lock:
            size = abi.library().augur_session_bytes(self._pointer(), ctypes.byref(options))
        if not size:
            raise InvalidArgument("the model cannot have a session with these options")
        return int(size)

    def candidates(self, values: Any) -> Columns:
        """Candidates, checked and converted once, for any number of Session.rank() calls of this model.

        values: as rank() takes them. Arrays of the right type are referred to: changing their values changes what is
        ranked. Strings are copied. Raises StatusError.
        """
        self._pointer()
        return self._candidates.prepared(values)

    def rank(self, requests: Any, *, threads: int | None = None, logits: bool = False,
             progress: Callable[[int], None] | None = None) -> Any:
        """Scores of whole requests, as docs/requests.md has them.

        requests  one request, a dict {"features": …, "history": …, "candidates": …}; or an iterable of them; or the
                  path of a .jsonl file. In place of a dict of columns there may be a frame
        threads   sessions that work at the same time; None: one for each core. From 5,000 requests on (of a file, or a
                  list or tuple of what can be pickled) these are processes, because Python runs one of its threads at a
                  time
        progress  called with the number of requests that are done, on the calling thread

        Returns float32 [candidates], or a list of them, in the requests' order; with logits=True pairs (scores,
        logits).
        Raises StatusError, which names the request by its id or its place.
        """
        self._pointer()

        from .worker import in_a_process, pays, sendable  # it imports this module

        one = functools.partial(_rank_one, logits=logits)
        if isinstance(requests, Mapping):
            return run_requests(self, [requests], one, 1, progress)[0]
        if pays(self, sendable(requests), threads):
            return run_requests(self, requests, one, threads, progress, in_a_process, 64)
        return run_requests(self, requests, one, threads, progress)

    def _inputs_of(self, stack: str | None) -> tuple[bytes | None, Inputs]:
        """The stack's name for C, and its columns. Raises NotFound."""
        if stack is None and len(self._stacks) == 1:
            return None, next(iter(self._stacks.values()))
        if stack is not None and stack in self._stacks:
            return stack.encode(), self._stacks[stack]
        names = ", ".join(f"'{name}'" for name in self._stacks) or "none"
        asked = "name one of its stacks" if stack is None else f"there is no stack {stack!r}"
        raise NotFound(f"history: {asked}; the model has {names}")


class _Verifier:
    """Calls a function of the user's from C, and keeps what it raises for the caller."""

    def __init__(self, verify: Verify) -> None:
        self._function = verify if callable(verify) else None
        self._error: BaseException | None = None
        self.callback = abi.VerifyContent(self._verify) if self._function else abi.VerifyContent()

    def __enter__(self) -> None:
        self._error = None

    def __exit__(self, *_: object) -> None:
        self._error = None

    def raise_its_error(self) -> None:
        if self._error is not None:
            raise self._error

    def _verify(self, _context: Any, pointer: Any) -> int:
        try:
            content = pointer.contents
            given = Content(content.file.decode("utf-8", "surrogateescape"), content.table.decode("utf-8", "replace"),
                            ctypes.string_at(content.data, content.bytes), bytes(content.model_id).hex(),
                            bytes(content.content_hash).hex())
            assert self._function is not None
            if self._function(given):
                return int(Status.OK)
            self._error = error_of(Status.BAD_MODEL, f"{given.file}: the function given as verify refused it")
        except BaseException as error:  # it goes to the caller of Model() or attach_…()
            self._error = error
        return int(Status.BAD_MODEL)


def _inspected(path: str) -> dict[str, Any]:
    done = subprocess.run([built.command("augur-inspect"), "--json", path], check=False, capture_output=True)
    if done.returncode:
        raise IoError(done.stderr.decode("utf-8", "replace").strip())
    return dict(json.loads(done.stdout).get("proof") or {"state": "unknown"})


def _absolute(source: Source) -> Source:
    """A path as one that is right in every folder; bytes as they are."""
    return source if isinstance(source, (bytes, bytearray, memoryview)) else os.path.abspath(source)


def _unchanged(source: Source, before: Identity) -> Identity:
    """The file's identity before it was opened, if that is still its identity."""
    return before if identity_of(source) == before else None


def _path(source: Any) -> bytes:
    path = os.fsencode(source)
    if b"\0" in path:
        raise InvalidArgument(f"{source!r} cannot be a file's path")
    with contextlib.suppress(OSError):  # if there is none, the C library says so
        if not stat.S_ISREG(os.stat(path).st_mode):  # opening a pipe would wait for its other end
            raise IoError(f"the file '{os.fspath(source)}' is not a regular file")
    return path
