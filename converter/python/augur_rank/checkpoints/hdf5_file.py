"""Keras' HDF5 files (.h5, .weights.h5): the tensors by their paths, and what Keras notes of the model."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Optional

from ..child import options_to_run
from ..files import safetensors_file
from .checkpoint import Checkpoint, Keras
from .checkpoint_error import CheckpointError
from .keras_answers import keras_answers
from .keras_names import with_layer_names

_PACKAGE = Path(__file__).resolve().parents[2]
SECONDS = 1200
CHILD = options_to_run("augur_rank.checkpoints.hdf5_child")


def read(path: str, *, shown: Optional[str] = None, config: str = "", kind: str = "Keras HDF5") -> Checkpoint:
    """The checkpoint in the file.

    shown: the name in messages. config: Keras' JSON of the model, where the file itself has none. Raises
    CheckpointError.
    """
    name = shown or path
    if find_spec("h5py") is None:
        raise CheckpointError(f"{name}: is Keras' HDF5, which needs h5py: pip install h5py (Debian: "
                              "apt-get install python3-h5py)")
    with tempfile.TemporaryDirectory(prefix="augur-") as folder:
        out = os.path.join(folder, "tensors.safetensors")
        _run_child(path, out, name)
        try:
            tensors, metadata = safetensors_file.load(out)
        except ValueError as error:
            raise CheckpointError(f"{name}: cannot be read; the file is damaged ({error})") from error
    about = json.loads(metadata["hdf5"])
    if not tensors:
        raise CheckpointError(f"{name}: has no tensors")
    checkpoint = Checkpoint(name, kind, tensors)
    left_out = [entry for entry in about["left_out"] if entry[1] != "training"]
    if len(left_out) < len(about["left_out"]):
        count = len(about["left_out"]) - len(left_out)
        checkpoint.notes.append(f"{count} tensors that serve training alone are left out")
    checkpoint.notes += [f"tensor '{tensor}' {why}, which is no number; it is left out" for tensor, why in left_out]
    checkpoint.keras = Keras(about["idle"], about["config"] or config, names=True)
    if checkpoint.keras.model_config:
        checkpoint.answers = keras_answers(checkpoint.keras.model_config, checkpoint.notes)
        checkpoint.told_by = "its model_config"
        checkpoint.layout = "deepctr-keras" if checkpoint.answers else None
        with_layer_names(checkpoint)
    return checkpoint


def child_environment() -> dict[str, str]:
    """The environment of a process that imports this package."""
    places = [str(_PACKAGE), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, places)),
            "HDF5_PLUGIN_PRELOAD": "::"}  # a file must not make libhdf5 load filter plugins


def _run_child(path: str, out: str, name: str) -> None:
    try:
        done = subprocess.run([sys.executable, *CHILD, os.path.abspath(path), out], env=child_environment(),
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                              timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise CheckpointError(f"{name}: takes longer than {SECONDS} seconds to read; the file is damaged") from error
    if done.returncode == 0:
        return
    said = done.stderr.decode("utf-8", "replace").strip()
    if done.returncode == 3:
        raise CheckpointError(f"{name}: {said}")
    if done.returncode < 0:
        said = f"libhdf5 was ended by {signal.Signals(-done.returncode).name}"
    raise CheckpointError(f"{name}: cannot be read; the file is damaged ({said[-300:]})")
