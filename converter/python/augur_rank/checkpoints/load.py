"""load_checkpoint: a checkpoint of any kind, in memory."""

import os
from pathlib import Path
from typing import Callable, Optional, Union

from . import bundle, hdf5_file, keras_archive, kinds, npz_file, safetensors, saved_model, torch_file
from . import names as spelling
from .checkpoint import Checkpoint
from .checkpoint_error import CheckpointError


def load_checkpoint(path: Union[str, Path], *, key: Optional[str] = None, average: Optional[str] = None,
                    keep_names: bool = False) -> Checkpoint:
    """The checkpoint at `path`, a file or a folder, whatever wrote it; its kind is found by content.

    PyTorch (torch.save: state dicts, training checkpoints, whole models), .safetensors (also in shards), .npz, Keras'
    .h5, .weights.h5 and .keras (these need h5py), TensorFlow checkpoints (a prefix, or a folder with the file
    `checkpoint`) and SavedModel folders. No code in a file is executed, and no other file is read because a file names
    it, but for the shards and data files that belong to it.

    key: where in a PyTorch file the state dict is ("ema.state_dict"), if it is not where it is usually.
    average: which averaged weights (EMA) are taken: a key of a PyTorch file beside the model's ("ema_state_dict"), or
    what the averages' names begin or end with ("ema_model.", "/ExponentialMovingAverage"); "" takes the others.
    keep_names: leave prefixes of wrappers (module., _orig_mod., model.) where they are.

    What was done, and what the user should know, is in Checkpoint.notes. Raises CheckpointError, which names the file,
    what was expected and what to do.
    """
    name = os.fspath(path)
    found = kinds.find(name)
    if key is not None and found.kind != kinds.PYTORCH:
        raise CheckpointError(f"{name}: key names a place in a PyTorch file, but this is {found.kind}")
    checkpoint, is_chosen = _read(name, found, key, average)
    tensors = spelling.without_training(checkpoint.tensors, checkpoint.notes)
    tensors = spelling.join_parts(name, tensors, checkpoint.notes)
    tensors, vocabularies = spelling.join_keys(name, tensors, checkpoint.notes)
    checkpoint.vocabularies.update(vocabularies)
    if not is_chosen:
        tensors = spelling.choose_average(name, tensors, average, [] if keep_names else checkpoint.notes)
    checkpoint.tensors = tensors if keep_names else spelling.take_off_wrappers(tensors, checkpoint.notes)
    return checkpoint


def _read(name: str, found: kinds.Found, key: Optional[str], average: Optional[str]) -> tuple[Checkpoint, bool]:
    """The checkpoint, and whether its reader has taken the average."""
    if found.kind == kinds.DUMP:
        raise CheckpointError(f"{name}: is a dump that augur_dump.py wrote: augur_rank.export converts it, and "
                              "augur_rank.dump.read_dump reads it")
    try:
        if found.kind == kinds.PYTORCH:
            return torch_file.read(found.path, key, average)
        readers: dict[str, Callable[[str], Checkpoint]] = {
            kinds.HDF5: hdf5_file.read, kinds.KERAS: keras_archive.read, kinds.NUMPY: npz_file.read,
            kinds.SAFETENSORS: safetensors.read, kinds.SHARDS: safetensors.read_shards}
        if found.kind in (kinds.BUNDLE, kinds.SAVED_MODEL):
            checkpoint = bundle.read(found.path, name)
            if found.kind == kinds.SAVED_MODEL:
                saved_model.take_answers(checkpoint, name)
            return checkpoint, False
        return readers[found.kind](found.path), False
    except OSError as error:
        raise CheckpointError(f"{name}: cannot be read: {error}") from error
