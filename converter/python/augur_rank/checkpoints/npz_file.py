"""NumPy's archives (.npz): every entry is a tensor. Pickled objects are refused."""

import tokenize
import zipfile
import zlib
from typing import Optional

import numpy as np
from numpy.lib import format as npy

from ..arrays import Array
from .checkpoint import Checkpoint
from .checkpoint_error import CheckpointError

_UNSUSPICIOUS = 256 << 20
_SUSPICIOUS_RATIO = 200


def read(path: str) -> Checkpoint:
    """The checkpoint in the file, its tensors in the order of the entries. Raises CheckpointError and OSError."""
    checkpoint = Checkpoint(path, "NumPy", {}, ordered=True)
    try:
        with zipfile.ZipFile(path) as archive:
            _check_expansion(path, archive.infolist())
            for info in archive.infolist():
                if info.filename.endswith("/"):
                    continue
                name = info.filename[:-len(".npy")] if info.filename.endswith(".npy") else ""
                if not name or name in checkpoint.tensors:
                    raise CheckpointError(f"{path}: the entry {info.filename} "
                                          + ("occurs twice" if name else "is no array (.npy)"))
                array = _read(path, archive, info)
                if array is None:
                    checkpoint.notes.append(f"tensor {name!r} holds texts; it is left out")
                else:
                    checkpoint.tensors[name] = array
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        raise CheckpointError(f"{path}: a damaged zip file ({error})") from error
    return checkpoint


def _check_expansion(where: str, entries: list[zipfile.ZipInfo]) -> None:
    """Raises CheckpointError for a file that is many times as large when it is unpacked."""
    packed, size = sum(info.compress_size for info in entries), sum(info.file_size for info in entries)
    if size > _UNSUSPICIOUS and size // _SUSPICIOUS_RATIO > packed:
        raise CheckpointError(f"{where}: expands from {packed} to {size} bytes, which looks like a decompression bomb; "
                              "if it is not, save the file with numpy.savez")


def _read(path: str, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Optional[Array]:
    """The array; None if it holds texts. The header's size is compared with the entry's before it is allocated."""
    where = f"{path}: tensor {info.filename[:-len('.npy')]}"
    _check_expansion(where, [info])
    try:
        with archive.open(info) as file:
            version = npy.read_magic(file)
            if version not in ((1, 0), (2, 0), (3, 0)):
                raise CheckpointError(f"{where}: its format {version} is not known")
            if version == (1, 0):
                shape, column_major, dtype = npy.read_array_header_1_0(file)
            else:
                shape, column_major, dtype = npy.read_array_header_2_0(file)
            if dtype.kind == "O":
                raise CheckpointError(f"{where} holds pickled objects, which are not run; save numbers")
            size = dtype.itemsize
            for extent in shape:
                size *= extent
            if size > info.file_size or any(extent < 0 for extent in shape):
                raise CheckpointError(f"{where}: its shape {list(shape)} needs {size} bytes, the entry has "
                                      f"{info.file_size}: it is damaged")
            data = file.read(size)
    except (ValueError, SyntaxError, tokenize.TokenError, TypeError, MemoryError, OverflowError) as error:
        raise CheckpointError(f"{where}: damaged ({error})") from error
    if len(data) != size:
        raise CheckpointError(f"{where}: its data ends early")
    if dtype.kind in "SU":
        return None
    if dtype.kind not in "fiub":
        raise CheckpointError(f"{where} has the type {dtype}, which holds no numbers that Augur reads")
    try:
        array: Array = np.frombuffer(data, dtype).reshape(shape, order="F" if column_major else "C")
    except ValueError as error:  # no values, but a shape that no array can have
        raise CheckpointError(f"{where}: damaged ({error})") from error
    return np.ascontiguousarray(array).reshape(shape)
