"""Keras' archives (.keras): a zip file of config.json and model.weights.h5."""

import os
import shutil
import tempfile
import zipfile
import zlib

from . import hdf5_file
from .checkpoint import Checkpoint
from .checkpoint_error import CheckpointError

_MOST_CONFIG = 64 << 20
_UNSUSPICIOUS = 256 << 20
_SUSPICIOUS_RATIO = 200


def read(path: str) -> Checkpoint:
    """The checkpoint in the archive; nothing in it is executed. Raises CheckpointError and OSError."""
    try:
        with zipfile.ZipFile(path) as archive, tempfile.TemporaryDirectory(prefix="augur-") as folder:
            config = _config(path, archive)
            weights = os.path.join(folder, "model.weights.h5")
            info = archive.getinfo("model.weights.h5")
            if info.file_size > _UNSUSPICIOUS and info.file_size // _SUSPICIOUS_RATIO > info.compress_size:
                raise CheckpointError(f"{path}: model.weights.h5 expands from {info.compress_size} to {info.file_size} "
                                      "bytes, which looks like a decompression bomb")
            with archive.open(info) as packed, open(weights, "wb") as unpacked:
                shutil.copyfileobj(packed, unpacked)
            return hdf5_file.read(weights, shown=path, config=config, kind="Keras archive")
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, KeyError, ValueError) as error:
        raise CheckpointError(f"{path}: the archive is damaged: {error}") from error


def _config(path: str, archive: zipfile.ZipFile) -> str:
    if "config.json" not in archive.namelist():
        return ""
    info = archive.getinfo("config.json")
    if info.file_size > _MOST_CONFIG:
        raise CheckpointError(f"{path}: config.json claims {info.file_size} bytes: the archive is damaged")
    return archive.read(info).decode("utf-8", "replace")
