"""Reads and writes .safetensors: a header in JSON, then the tensors' bytes, little-endian.

The header's length comes first, as an unsigned 64-bit integer. It needs only NumPy.
"""

import json
import os
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple, Union

import numpy as np

from ..arrays import Array, Json

_TYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "|i1",
          "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "|u1", "BOOL": "|b1"}
_NAMES = {np.dtype(value).newbyteorder("="): key for key, value in _TYPES.items()}
_BFLOAT16 = "BF16"  # NumPy has no such type; read as float32
_LONGEST_HEADER = 100_000_000  # the format's own limit


class Entry(NamedTuple):
    """A tensor in a header: bytes begin to end of the data behind it."""

    dtype: str
    shape: tuple[int, ...]
    begin: int
    end: int


class Spec(NamedTuple):
    """A tensor that is to be written."""

    name: str
    dtype: "np.dtype[Any]"
    shape: tuple[int, ...]


def save(path: Union[str, Path], tensors: dict[str, Array], metadata: dict[str, str]) -> None:
    """Writes the tensors in the order of the dictionary; equal input gives equal bytes.

    Raises ValueError for a type that the format does not have, and OSError.
    """
    arrays = [np.asarray(tensor) for tensor in tensors.values()]
    save_each(path, [Spec(name, array.dtype, array.shape) for name, array in zip(tensors, arrays)], arrays, metadata)


def save_each(path: Union[str, Path], specs: list[Spec], arrays: Iterable[Array], metadata: dict[str, str]) -> None:
    """Writes tensors that come one by one, each as its spec says, so that one is in memory at a time."""
    header: Json = {"__metadata__": metadata}
    offset = 0
    for spec in specs:
        dtype = _NAMES.get(spec.dtype.newbyteorder("="))
        if dtype is None:
            raise ValueError(f"tensor {spec.name}: safetensors has no type {spec.dtype}")
        size = spec.dtype.itemsize * _count(spec.shape)
        header[spec.name] = {"dtype": dtype, "shape": list(spec.shape), "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for spec, array in zip(specs, arrays):
            if array.shape != spec.shape:
                raise ValueError(f"tensor {spec.name} has the shape {array.shape}, not {spec.shape}")
            file.write(array.astype(spec.dtype.newbyteorder("<")).tobytes())


def load(path: Union[str, Path]) -> tuple[dict[str, Array], dict[str, str]]:
    """The tensors, bfloat16 as float32, and the metadata. Raises ValueError for a malformed file, and OSError."""
    entries, metadata, start = read_header(path)
    with open(path, "rb") as file:
        file.seek(start)
        body = memoryview(file.read())
    return {name: _array(path, name, entry, body) for name, entry in entries.items()}, metadata


def read_header(path: Union[str, Path]) -> tuple[dict[str, Entry], dict[str, str], int]:
    """The tensors' entries, the metadata, and where the data begins. Every size is checked against the file's."""
    size = os.path.getsize(path)
    with open(path, "rb") as file:
        begin = file.read(8)
        if len(begin) < 8:
            raise ValueError(f"{path}: {size} bytes, too short for a safetensors file")
        (length,) = struct.unpack("<Q", begin)
        if length > size - 8 or length > _LONGEST_HEADER:
            raise ValueError(f"{path}: the header claims {length} bytes, the file has {size - 8}: it is truncated, "
                             "damaged or of another format")
        text = file.read(length)
    try:
        header = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path}: the safetensors header is damaged: {error}") from error
    if not isinstance(header, dict):
        raise ValueError(f"{path}: the safetensors header is no JSON object")
    metadata = header.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise ValueError(f"{path}: __metadata__ is not an object of texts")
    return {name: _entry(path, name, entry, size - 8 - length) for name, entry in header.items()}, metadata, 8 + length


def _count(shape: tuple[int, ...]) -> int:
    count = 1
    for extent in shape:
        count *= extent
    return count


def _entry(path: Union[str, Path], name: str, entry: Any, room: int) -> Entry:
    try:
        dtype, shape, (begin, end) = entry["dtype"], tuple(entry["shape"]), entry["data_offsets"]
        whole = all(type(number) is int and number >= 0 for number in (*shape, begin, end))
    except (TypeError, KeyError, ValueError) as error:
        raise ValueError(f"{path}: tensor {name}: its entry in the header is damaged") from error
    if not whole:
        raise ValueError(f"{path}: tensor {name}: its shape and offsets are not whole numbers")
    if dtype != _BFLOAT16 and dtype not in _TYPES:
        raise ValueError(f"{path}: tensor {name} has the unsupported type {dtype}")
    itemsize = 2 if dtype == _BFLOAT16 else np.dtype(_TYPES[dtype]).itemsize
    if not begin <= end <= room or end - begin != _count(shape) * itemsize:
        raise ValueError(f"{path}: tensor {name} of shape {list(shape)} does not fit {begin}:{end}")
    return Entry(dtype, shape, begin, end)


def _array(path: Union[str, Path], name: str, entry: Entry, body: memoryview) -> Array:
    data = body[entry.begin:entry.end]
    try:
        if entry.dtype != _BFLOAT16:
            return np.frombuffer(data, dtype=np.dtype(_TYPES[entry.dtype])).reshape(entry.shape)
        wide = np.frombuffer(data, dtype="<u2").astype(np.uint32) << 16
        return wide.view(np.float32).reshape(entry.shape)
    except ValueError as error:  # more extents than NumPy has, or larger ones beside a 0
        raise ValueError(f"{path}: tensor {name} of shape {list(entry.shape)}: {error}") from error
