"""Which kind of checkpoint a path is: by content first, by name only where the content tells nothing.

It imports only the standard library, so that a command can pass on at once what augur-convert reads itself.
"""

import os
import re
import struct
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Union

from .checkpoint_error import CheckpointError

PYTORCH = "PyTorch"
SAFETENSORS = "safetensors"
SHARDS = "safetensors in several files"
NUMPY = "NumPy"
DUMP = "dump"
HDF5 = "Keras HDF5"
KERAS = "Keras archive"
BUNDLE = "TensorFlow bundle"
SAVED_MODEL = "Keras SavedModel"  # whose metadata tell of the model; without them it is a bundle

_HDF5 = b"\x89HDF\r\n\x1a\n"
_DATA_FILE = re.compile(r"\.data-\d{5}-of-\d{5}$")
_LATEST = re.compile(rb'^model_checkpoint_path:\s*"((?:[^"\\]|\\.)*)"', re.M)
_LONGEST_NOTE = 1 << 20


@dataclass(frozen=True)
class Found:
    """A checkpoint: its kind, and the path at which its reader finds it."""

    kind: str
    path: str  # of a bundle its prefix
    names: tuple[str, ...] = ()  # of the tensors, for the kinds that have a list of them at hand


def find(path: Union[str, Path]) -> Found:
    """The kind of the checkpoint at `path`. Raises CheckpointError, which says what to do instead."""
    name = os.fspath(path)
    if os.path.isdir(name):
        return _in_folder(name)
    if _DATA_FILE.search(name):
        return Found(BUNDLE, _DATA_FILE.sub("", name))
    if not os.path.exists(name) and os.path.isfile(f"{name}.index"):
        return Found(BUNDLE, name)
    if os.path.exists(name) and not os.path.isfile(name):
        raise CheckpointError(f"{name}: is neither a file nor a folder")  # opening a FIFO would wait for ever
    try:
        with open(name, "rb") as file:
            return _by_content(name, file)
    except OSError as error:
        raise CheckpointError(f"{name}: cannot be opened: {error.strerror or error}") from error


def _by_content(name: str, file: BinaryIO) -> Found:
    begin = file.read(4096)
    if not begin:
        raise CheckpointError(f"{name}: is empty")
    if begin[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return _in_zip(name, begin)
    if any(begin[at:at + 8] == _HDF5 for at in (0, 512, 1024, 2048)):
        return Found(HDF5, name)
    if len(begin) > 8 and begin[8:9] == b"{" and struct.unpack("<Q", begin[:8])[0] <= os.path.getsize(name) - 8:
        return Found(SAFETENSORS, name)
    if begin[0] == 0x80 and len(begin) > 1 and 2 <= begin[1] <= 5:
        return Found(PYTORCH, name)
    if begin.startswith(b"model_checkpoint_path:"):
        return _latest(name, file, begin)
    if name.endswith(".safetensors.index.json"):
        return Found(SHARDS, name)
    if name.endswith(".index"):
        return Found(BUNDLE, name[:-len(".index")])
    by_name = {".pt": PYTORCH, ".pth": PYTORCH, ".ckpt": PYTORCH, ".bin": PYTORCH, ".h5": HDF5, ".hdf5": HDF5}
    kind = by_name.get(os.path.splitext(name)[1])
    if kind is None:  # augur-convert knows many files that are no checkpoints, and says what to do about them
        return Found(NUMPY if name.endswith(".npz") else SAFETENSORS, name)
    return Found(kind, name)


def _in_zip(name: str, begin: bytes) -> Found:
    """PyTorch's, Keras' and NumPy's files are zip files."""
    try:
        with zipfile.ZipFile(name) as archive:
            entries = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, OverflowError) as error:
        if b"/data.pkl" in begin or name.endswith((".pt", ".pth", ".ckpt", ".bin")):
            return Found(PYTORCH, name)  # whose reader says what is wrong
        raise CheckpointError(f"{name}: a damaged zip file ({error})") from error
    if any(entry == "data.pkl" or entry.endswith("/data.pkl") for entry in entries):
        return Found(PYTORCH, name)
    if "model.weights.h5" in entries:
        return Found(KERAS, name)
    if "augur.json.npy" in entries:
        return Found(DUMP, name)
    return Found(NUMPY, name, tuple(entry[:-len(".npy")] for entry in entries if entry.endswith(".npy")))


def _in_folder(name: str) -> Found:
    """A SavedModel, a folder of TensorFlow checkpoints, or one of safetensors in several files."""
    if os.path.isfile(os.path.join(name, "saved_model.pb")):
        prefix = os.path.join(name, "variables", "variables")
        if not os.path.isfile(f"{prefix}.index"):
            raise CheckpointError(f"{name}: a SavedModel without weights: it has no variables/variables.index")
        has_metadata = os.path.isfile(os.path.join(name, "keras_metadata.pb"))
        return Found(SAVED_MODEL if has_metadata else BUNDLE, prefix)
    shards = os.path.join(name, "model.safetensors.index.json")
    if os.path.isfile(shards):
        return Found(SHARDS, shards)
    latest = os.path.join(name, "checkpoint")
    if os.path.isfile(latest):
        return find(latest)
    known = sorted(entry for entry in os.listdir(name) if entry.endswith(
        (".index", ".safetensors", ".npz", ".pt", ".pth", ".ckpt", ".h5", ".keras", ".bin")))
    raise CheckpointError(f"{name}: is a folder; give a checkpoint in it"
                          + (f", such as {os.path.join(name, known[-1])}" if known else ""))


def _latest(name: str, file: BinaryIO, begin: bytes) -> Found:
    """TensorFlow's note of the latest checkpoint of a folder."""
    found = _LATEST.search(begin + file.read(_LONGEST_NOTE))
    if found is None:
        raise CheckpointError(f"{name}: TensorFlow's note of the latest checkpoint is damaged: give a prefix "
                              "(the name before .index)")
    latest = re.sub(rb"\\(.)", rb"\1", found.group(1)).decode("utf-8", "replace")
    folder = os.path.dirname(name)
    # A moved folder's note may still hold the path where it was. Out of the folder no path leads.
    is_inside = not os.path.isabs(latest) and ".." not in latest.split("/")
    prefixes = [os.path.join(folder, latest)] if is_inside else []
    prefixes.append(os.path.join(folder, os.path.basename(latest)))
    for prefix in prefixes:
        if os.path.isfile(f"{prefix}.index"):
            return Found(BUNDLE, prefix)
    raise CheckpointError(f"{name}: names the checkpoint {latest}, but there is no {prefixes[-1]}.index beside it")
