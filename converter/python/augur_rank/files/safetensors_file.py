"""Reads and writes .safetensors: a header in JSON, then the tensors' bytes, little-endian.

The header's length comes first, as an unsigned 64-bit integer. It needs only NumPy.
"""

import json
import struct

import numpy as np

from ..arrays import Array, Json

_TYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4"}
_NAMES = {np.dtype(value): key for key, value in _TYPES.items()}


def save(path: str, tensors: dict[str, Array], metadata: dict[str, str]) -> None:
    """Writes the tensors in the order of the dictionary; equal input gives equal bytes."""
    header: Json = {"__metadata__": metadata}
    blocks, offset = [], 0
    for name, tensor in tensors.items():
        tensor = np.asarray(tensor)
        block = tensor.astype(tensor.dtype.newbyteorder("<")).tobytes()
        header[name] = {
            "dtype": _NAMES[tensor.dtype.newbyteorder("<")],
            "shape": list(tensor.shape),
            "data_offsets": [offset, offset + len(block)],
        }
        blocks.append(block)
        offset += len(block)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(blocks))


def load(path: str) -> tuple[dict[str, Array], dict[str, str]]:
    """Returns the tensors, and the file's metadata. Raises ValueError for a malformed file."""
    with open(path, "rb") as file:
        data = file.read()
    if len(data) < 8:
        raise ValueError(f"{path}: {len(data)} bytes, too short for a safetensors file")
    (length,) = struct.unpack_from("<Q", data)
    if length > len(data) - 8:
        raise ValueError(f"{path}: the header claims {length} bytes, the file has {len(data) - 8}")
    header = json.loads(data[8:8 + length])
    body = memoryview(data)[8 + length:]
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        if entry["dtype"] not in _TYPES:
            raise ValueError(f"{path}: tensor {name} has the unsupported type {entry['dtype']}")
        dtype = np.dtype(_TYPES[entry["dtype"]])
        count = int(np.prod(entry["shape"], dtype=np.int64))
        if not 0 <= begin <= end <= len(body) or end - begin != count * dtype.itemsize:
            raise ValueError(
                f"{path}: tensor {name} of shape {entry['shape']} does not fit {begin}:{end}")
        tensors[name] = np.frombuffer(body[begin:end], dtype=dtype).reshape(entry["shape"])
    return tensors, metadata
