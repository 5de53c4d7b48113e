"""Reads an HDF5 file with h5py, in a process of its own: damaged files make libhdf5 crash, not only fail.

    python3 -m augur_rank.checkpoints.hdf5_child FILE OUT.safetensors

writes all datasets that hold numbers, and in OUT's metadata under "hdf5" a JSON object:

    idle        names of the groups that hold nothing: Keras' layers without weights
    config      the attribute model_config, "" if there is none
    left_out    [name, why] of every dataset that holds no numbers

Only hard links are followed; data in other files is refused; a size must be backed by bytes in the file before
anything is allocated for it. Status 0: done; 3: the error's text is on stderr.
"""

import json
import os
import resource
import sys
from collections.abc import Iterator
from typing import Any

import h5py
import numpy as np

from ..arrays import Array
from ..files import safetensors_file

DEEPEST = 100
MOST_NAME_BYTES = 256 << 20
UNSUSPICIOUS = 256 << 20
SUSPICIOUS_RATIO = 200
MOST_SECONDS = 300  # of computing; reading the largest tables takes far less
MOST_MEMORY = 4 << 30  # beside twice the file
# Roots that only training needs.
TRAINING = ("optimizer_weights", "optimizer", "metrics")


class Refused(ValueError):
    """What is wrong with the file."""


def walk(file: h5py.File) -> tuple[list[str], list[str]]:
    """The paths of the datasets that hard links lead to, and the last names of empty groups.

    Each group is entered once.
    """
    datasets: list[str] = []
    idle: list[str] = []
    todo: list[tuple[str, h5py.Group, int]] = [("", file["/"], 0)]
    entered: set[int] = set()
    name_bytes = 0
    while todo:
        path, group, depth = todo.pop()
        address = h5py.h5o.get_info(group.id).addr
        if address in entered:
            continue
        entered.add(address)
        names = list(_hard_links(group))
        if not names and path:
            idle.append(path.rsplit("/", 1)[-1])
        for name in names:
            inner = f"{path}/{name}" if path else name
            name_bytes += len(inner)
            if name_bytes > MOST_NAME_BYTES:
                raise Refused("has more than 256 MiB of names")
            kind = h5py.h5o.get_info(group.id, name.encode()).type
            if kind == h5py.h5o.TYPE_DATASET:
                datasets.append(inner)
            elif kind == h5py.h5o.TYPE_GROUP:
                if depth == DEEPEST:
                    raise Refused(f"group /{path} is nested too deeply: the file is damaged")
                todo.append((inner, group[name], depth + 1))
    return sorted(datasets), idle


def _hard_links(group: h5py.Group) -> list[str]:
    names: list[str] = []
    for raw in group.id:
        if group.id.links.get_info(raw).type == h5py.h5l.TYPE_HARD:
            try:
                names.append(raw.decode("utf-8"))
            except UnicodeDecodeError as error:
                raise Refused(f"a name in the group {group.name} is not UTF-8") from error
    return names


def target_type(dataset: h5py.Dataset) -> "np.dtype[Any]":
    """The type in which the values are written. Raises TypeError for what holds no numbers."""
    dtype = dataset.dtype
    if dtype.kind == "c":
        raise TypeError("complex")
    if dtype.kind in "OSUV" or dtype.kind not in "fiub":
        raise TypeError("string" if h5py.check_string_dtype(dtype) or dtype.kind in "SU" else "record")
    if dtype.kind == "f" and dtype.itemsize > 8:
        raise TypeError(f"float{8 * dtype.itemsize}")
    return np.dtype(dtype.newbyteorder("="))


def require_data(dataset: h5py.Dataset, file_bytes: int) -> None:
    """The declared size must be backed by bytes in this file before anything is allocated for it."""
    itemsize = dataset.id.get_type().get_size()
    size = itemsize
    for extent in dataset.shape or (0,):
        size *= extent
    if size >= 1 << 62:
        raise Refused(f"has the shape {list(dataset.shape)}, whose size overflows: the file is damaged")
    if size == 0:
        return
    if dataset.is_virtual or dataset.external:
        raise Refused("has its data in another file, which is not followed; save the weights into one file")
    stored = dataset.id.get_storage_size()
    if stored > file_bytes:
        raise Refused(f"claims {stored} bytes of data in a file of {file_bytes}: it is cut short, or damaged")
    unpacked = size
    if dataset.chunks is not None:
        chunk = itemsize
        for extent in dataset.chunks:
            chunk *= extent
        unpacked = max(size, chunk)
    if not (stored > 0 if dataset.chunks is not None else stored >= size):
        raise Refused(f"holds {stored} of {size} bytes: it was never written, or is damaged")
    if unpacked > UNSUSPICIOUS and unpacked // SUSPICIOUS_RATIO > stored:
        raise Refused(f"expands from {stored} to {unpacked} bytes, which looks like a decompression bomb; if it is "
                      "not, save the file without compression")


def text_attribute(file: h5py.File, name: str) -> str:
    """A text of one value; "" where the file has no such attribute."""
    if name not in file.attrs:
        return ""
    identifier = file.attrs.get_id(name)
    if identifier.get_type().get_class() != h5py.h5t.STRING or identifier.get_space().get_simple_extent_npoints() != 1:
        return ""
    value = file.attrs[name]
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    return value.rstrip("\0") if isinstance(value, str) else ""


def export(path: str, out: str) -> None:
    """Writes OUT. Raises Refused and whatever h5py raises."""
    file_bytes = os.path.getsize(path)
    with h5py.File(path, "r") as file:
        names, idle = walk(file)
        specs: list[safetensors_file.Spec] = []
        left_out: list[tuple[str, str]] = []
        for name in names:
            if name.split("/", 1)[0] in TRAINING:
                left_out.append((name, "training"))
                continue
            dataset = _dataset(file, name)
            try:
                dtype = target_type(dataset)
            except TypeError as error:
                left_out.append((name, f"has type '{error}'"))
                continue
            try:
                require_data(dataset, file_bytes)
            except Refused as error:
                raise Refused(f"tensor '{name}' {error}") from error
            shape = (0,) if dataset.shape is None else tuple(int(extent) for extent in dataset.shape)
            specs.append(safetensors_file.Spec(name, dtype, shape))
        about = {"idle": idle, "config": text_attribute(file, "model_config"), "left_out": left_out}
        safetensors_file.save_each(out, specs, _values(file, specs), {"hdf5": json.dumps(about)})


def _dataset(file: h5py.File, name: str) -> h5py.Dataset:
    try:
        return file[name]
    except (KeyError, OSError, RuntimeError, ValueError, TypeError) as error:
        raise Refused(f"tensor '{name}' cannot be opened ({error})") from error


def _values(file: h5py.File, specs: list[safetensors_file.Spec]) -> Iterator[Array]:
    for spec in specs:
        try:
            array = np.empty(spec.shape, spec.dtype)
            if array.size:
                file[spec.name].read_direct(array)
        except (KeyError, OSError, RuntimeError, ValueError, TypeError, MemoryError) as error:
            raise Refused(f"tensor '{spec.name}' cannot be read ({error})") from error
        yield array


def _limit(resource_kind: int, most: int) -> None:
    """Lowers a limit of this process; one that is lower already, such as by ulimit -v, stays."""
    _, hard = resource.getrlimit(resource_kind)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(resource_kind, (most, most))


def main() -> int:
    """Reads the file that the command line names."""
    path, out = sys.argv[1:]
    _limit(resource.RLIMIT_CPU, MOST_SECONDS)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_AS, MOST_MEMORY + 2 * os.path.getsize(path))
    try:
        export(path, out)
    except Refused as error:
        message = str(error)
    except MemoryError:
        message = "needs more memory than its size explains: it is damaged"
    except Exception as error:  # h5py raises many kinds for damaged files
        message = f"is not a readable HDF5 file ({error}): it is truncated or damaged"
    else:
        return 0
    print(message, file=sys.stderr)
    return 3


if __name__ == "__main__":
    sys.exit(main())
