"""Reads what torch.save wrote, with NumPy alone and without executing what is in it.

    read(path)        the file's content: plain values, tensors as Tensor, anything else as Made
    parameters(made)  the tensors of a module that was saved whole, under its state dict's names

Both of PyTorch's formats are read: the zip file (1.6 and later), and the sequence of pickles before it.
"""

import contextlib
import errno
import io
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, Callable, Optional

import numpy as np

from ..arrays import Array
from .torch_pickle import Global, Made, PickleError, as_key, load

# The NumPy type of the bytes, by a storage's class or a dtype. bfloat16 has no NumPy type.
_BFLOAT16 = "bfloat16"
_DTYPES = {"Double": "f8", "Float": "f4", "Half": "f2", "BFloat16": _BFLOAT16, "Long": "i8",
           "Int": "i4", "Short": "i2", "Char": "i1", "Byte": "u1", "Bool": "?",
           "ComplexFloat": "c8", "ComplexDouble": "c16", "Untyped": "u1"}
_NAMED_DTYPES = {"uint16": "u2", "uint32": "u4", "uint64": "u8"}
_LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
_LEGACY_PROTOCOL = 1001
_MAX_MODULES = 100_000
_MAX_DEPTH = 200
_EXPANDED = 1 << 20  # values that a tensor may have beyond its storage's


class ReadError(ValueError):
    """What is wrong with the file."""


@contextlib.contextmanager
def _errors_of_files() -> Iterator[None]:
    """Turns every exception that zipfile or a pickle raises on a damaged file into a ReadError."""
    try:
        yield
    except (ReadError, PickleError) as error:
        raise ReadError(str(error)) from error
    except zipfile.BadZipFile as error:
        raise ReadError(f"the zip file is damaged, or was saved without checksums: {error}") from error
    except (ValueError, LookupError, RuntimeError, EOFError, OverflowError, struct.error) as error:
        raise ReadError(f"the file is damaged: {error}") from error
    except OSError as error:
        if error.errno != errno.EINVAL:  # a damaged directory makes zipfile seek outside of the file
            raise
        raise ReadError("the file is damaged: a place in it lies before its beginning") from error


@dataclass(eq=False)
class Storage:
    """A block of values of one type; its bytes are read when a tensor needs them."""

    dtype: str
    numel: int
    read: Optional[Callable[[], bytes]] = None  # None until a legacy file's end is reached
    order: str = "<"

    def values(self) -> Array:
        """All of them, flat. Raises ReadError if the file has fewer."""
        kind = "u2" if self.dtype == _BFLOAT16 else self.dtype
        data = self.read() if self.read is not None else b""
        dtype = np.dtype(self.order + kind)
        if len(data) < self.numel * dtype.itemsize:
            raise ReadError(f"its storage of {self.numel} values has {len(data)} bytes")
        return np.frombuffer(data, dtype, self.numel)


@dataclass(eq=False)
class Tensor:
    """A view of a storage, by its offset, shape and strides in values."""

    storage: Optional[Storage]
    offset: int = 0
    shape: tuple[int, ...] = ()
    stride: tuple[int, ...] = ()
    unsupported: str = ""  # why it cannot be read

    @property
    def dtype(self) -> str:
        """The storage's; "" if it has none."""
        return self.storage.dtype if self.storage is not None else ""

    def array(self) -> Array:
        """The values, bfloat16 as float32. Raises ReadError."""
        if self.unsupported or self.storage is None:
            raise ReadError(self.unsupported)
        size = 1
        for extent in self.shape:
            size *= extent
        last = self.offset + sum((n - 1) * step for n, step in zip(self.shape, self.stride))
        if size and not 0 <= self.offset <= last < self.storage.numel:
            raise ReadError(f"shape {list(self.shape)} and stride {list(self.stride)} from value "
                            f"{self.offset} on do not fit a storage of {self.storage.numel} values")
        if size > self.storage.numel + _EXPANDED:
            raise ReadError(f"shape {list(self.shape)} repeats the {self.storage.numel} values of its "
                            "storage; save it contiguous")
        values = self.storage.values()
        if size:
            steps = [step * values.itemsize for step in self.stride]
            values = np.lib.stride_tricks.as_strided(values[self.offset:], self.shape, steps)
        else:
            values = values[:0].reshape(self.shape)
        if self.storage.dtype == _BFLOAT16:  # every bfloat16 is a float32
            wide = np.ascontiguousarray(values).astype(np.uint32) << 16
            return wide.view(np.float32).reshape(self.shape)
        return np.ascontiguousarray(values).astype(values.dtype.newbyteorder("=")).reshape(self.shape)


def _whole_numbers(values: Any) -> tuple[int, ...]:
    if not isinstance(values, (tuple, list)) or len(values) > 64:
        raise PickleError("a tensor's shape is not a list of numbers")
    if not all(type(value) is int and value >= 0 for value in values):
        raise PickleError(f"a tensor has the shape or stride {str(values)[:80]}")
    return tuple(values)


def _strided(storage: Any, offset: Any, shape: Any, stride: Any) -> Tensor:
    if not isinstance(storage, Storage):
        return Tensor(None, unsupported="its storage is of a kind that cannot be read")
    shape, stride = _whole_numbers(shape), _whole_numbers(stride)
    if len(shape) != len(stride) or type(offset) is not int or offset < 0:
        raise PickleError("a tensor's shape, stride and offset do not belong together")
    return Tensor(storage, offset, shape, stride)


def _with_dtype(arguments: tuple[Any, ...]) -> Tensor:
    """A tensor whose storage is untyped: (storage, offset, shape, stride, grad, hooks, dtype, …)."""
    dtype = arguments[6].name if isinstance(arguments[6], Global) else "no type"
    if dtype not in _NAMED_DTYPES or not isinstance(arguments[0], Storage):
        return Tensor(None, unsupported=f"type {dtype} is not supported")
    storage = arguments[0]
    typed = Storage(_NAMED_DTYPES[dtype],
                    storage.numel // np.dtype(_NAMED_DTYPES[dtype]).itemsize, storage.read,
                    storage.order)
    return _strided(typed, *arguments[1:4])


def resolve(function: Any, arguments: Any) -> Any:
    """The value of a call that a checkpoint makes: a tensor, a dictionary, a record of anything else."""
    if not isinstance(function, Global) or not isinstance(arguments, tuple):
        return Made(function, arguments)
    name, count = str(function), len(arguments)
    if name == "collections.OrderedDict" and count <= 1:
        pairs = arguments[0] if arguments else []
        if isinstance(pairs, list) and all(isinstance(pair, (list, tuple)) and len(pair) == 2
                                           and isinstance(pair[0], str) for pair in pairs):
            return dict(pairs)
    elif name in ("__builtin__.set", "builtins.set") and count == 1 and isinstance(arguments[0], list):
        return set(map(as_key, arguments[0]))
    elif name == "collections.defaultdict" and count <= 1:
        return {}
    elif name == "torch.Size" and count == 1:
        return arguments[0]
    elif name in ("torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor") and count >= 4:
        return _strided(*arguments[:4])
    elif name == "torch._utils._rebuild_tensor_v3" and count >= 7:
        return _with_dtype(arguments)
    elif name in ("torch._utils._rebuild_parameter",
                  "torch._utils._rebuild_parameter_with_state") and count >= 1:
        return arguments[0]
    elif name == "torch._tensor._rebuild_from_type_v2" and count >= 3:
        return resolve(arguments[0], arguments[2])
    elif function.module == "torch._utils" and function.name.startswith("_rebuild"):
        return Tensor(None, unsupported="sparse, quantised and nested tensors are not supported")
    return Made(function, arguments)


def _storage_of(key: Any) -> tuple[str, str, int]:
    """(dtype, name, number of values) of a reference ('storage', class, name, device, numel, …)."""
    if not isinstance(key, tuple) or len(key) < 5 or key[0] != "storage":
        raise PickleError("the pickle refers to something outside that is not a storage")
    _, kind, name, _, numel = key[:5]
    if not isinstance(kind, Global) or not isinstance(name, str) or type(numel) is not int:
        raise PickleError("the pickle refers to a storage of no kind or name")
    dtype = _DTYPES.get(kind.name[:-len("Storage")] if kind.name.endswith("Storage") else "")
    if dtype is None or numel < 0:
        raise PickleError(f"storage {name} is of the unknown kind {kind}")
    return dtype, name, numel


# ------------------------------------------------------------------------------------- the zip file


def _entry(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        info = archive.getinfo(name)
    except KeyError:
        raise ReadError(f"the file has no part {name}: it is damaged") from None
    if info.compress_type != zipfile.ZIP_STORED:  # torch.save never compresses
        raise ReadError(f"part {name} is compressed; unpack the file, and save the weights again")
    return archive.read(info)


def _read_zip(file: BinaryIO) -> Any:
    with zipfile.ZipFile(file) as archive:
        names = archive.namelist()
        roots = [name[:-len("data.pkl")] for name in names
                 if name == "data.pkl" or name.endswith("/data.pkl")]
        if len(roots) != 1:
            raise ReadError("a zip file, but not one of torch.save: it has no data.pkl")
        root = roots[0]
        if f"{root}constants.pkl" in names:
            raise ReadError("a TorchScript archive; save its weights alone: "
                            "torch.save(torch.jit.load(path).state_dict(), \"weights.pt\")")
        order = _entry(archive, f"{root}byteorder") if f"{root}byteorder" in names else b"little"
        storages: dict[str, Storage] = {}

        def storage(key: Any) -> Storage:
            dtype, name, numel = _storage_of(key)
            if name not in storages:
                part = f"{root}data/{name}"
                storages[name] = Storage(dtype, numel, lambda: _reopened(file, part),
                                         ">" if order.strip() == b"big" else "<")
            return storages[name]

        return load(io.BytesIO(_entry(archive, f"{root}data.pkl")), resolve, storage)


def _reopened(file: BinaryIO, part: str) -> bytes:
    with _errors_of_files(), open(file.name, "rb") as again, zipfile.ZipFile(again) as archive:
        return _entry(archive, part)


# ------------------------------------------------------------- the sequence of pickles, before 1.6


def _read_legacy(file: BinaryIO) -> Any:
    if load(file) != _LEGACY_MAGIC or load(file) != _LEGACY_PROTOCOL:
        raise ReadError("not a file of torch.save")
    system = load(file)
    little = not isinstance(system, dict) or system.get("little_endian", True) is not False
    storages: dict[str, Storage] = {}

    def storage(key: Any) -> Any:
        if isinstance(key, tuple) and len(key) >= 2 and key[0] == "module":
            return key[1]  # a class, with its source code beside it
        dtype, name, numel = _storage_of(key)
        if len(key) > 5 and key[5] is not None:
            raise PickleError("storages that are views of others are not supported")
        return storages.setdefault(name, Storage(dtype, numel, order="<" if little else ">"))

    content, keys = load(file, resolve, storage), load(file)
    if not isinstance(keys, list):
        raise ReadError("the list of storages is missing: the file is damaged")
    for key in keys:
        found = storages.get(key) if isinstance(key, str) else None
        count = file.read(8)
        if found is None or len(count) != 8:
            raise ReadError("the storages do not follow their list: the file is damaged")
        if struct.unpack(found.order + "q", count)[0] != found.numel:
            raise ReadError(f"storage {key} has another size than its tensors say: damaged")
        size = found.numel * (2 if found.dtype == _BFLOAT16 else np.dtype(found.dtype).itemsize)
        found.read = _part(file.name, file.tell(), size)
        file.seek(size, io.SEEK_CUR)
    return content


def _part(path: str, begin: int, size: int) -> Callable[[], bytes]:
    def read() -> bytes:
        with open(path, "rb") as file:
            file.seek(begin)
            return file.read(size)
    return read


def read(path: str) -> Any:
    """Raises ReadError, which does not name the file, and OSError."""
    with _errors_of_files(), open(path, "rb") as file:
        begin = file.read(4)
        file.seek(0)
        if begin[:2] == b"PK":
            return _read_zip(file)
        if begin[:1] != b"\x80":
            raise ReadError("not a file of torch.save: it begins neither as a zip file nor as a pickle")
        return _read_legacy(file)


# ---------------------------------------------------------------------------- modules saved whole


def is_module(value: Any) -> bool:
    """Whether the value is a module that was saved whole."""
    return (isinstance(value, Made) and isinstance(value.attribute("_modules"), dict)
            and isinstance(value.attribute("_parameters"), dict))


def _named(module: Made, group: str) -> list[tuple[str, Any]]:
    values = module.attribute(group)
    pairs = values.items() if isinstance(values, dict) else ()
    return [(name, value) for name, value in pairs if isinstance(name, str)]


def parameters(module: Made) -> dict[str, Tensor]:
    """Its own parameters and buffers, then its children's, as state_dict() orders and names them."""
    found: dict[str, Tensor] = {}
    todo: list[tuple[str, Any, int]] = [("", module, 0)]
    seen = 0
    while todo:
        prefix, part, depth = todo.pop()
        seen += 1
        if seen > _MAX_MODULES or depth > _MAX_DEPTH:
            raise ReadError("its modules are nested without end")
        left_out = part.attribute("_non_persistent_buffers_set")
        for group in ("_parameters", "_buffers"):
            for name, tensor in _named(part, group):
                kept = group == "_parameters" or not isinstance(left_out, set) or name not in left_out
                if isinstance(tensor, Tensor) and kept:
                    found[f"{prefix}{name}"] = tensor
                    seen += 1
        for name, child in reversed(_named(part, "_modules")):
            if is_module(child):
                todo.append((f"{prefix}{name}.", child, depth + 1))
    return found
