"""TensorFlow's bundles (PREFIX.index and PREFIX.data-…), and the variables of a SavedModel.

augur-convert reads them without TensorFlow: partitioned variables joined, checksums verified, variables called by the
names in the object graph. Its option --save-tensors writes what it read.
"""

import os
import subprocess
import tempfile

from .. import built
from . import safetensors
from .checkpoint import Checkpoint
from .checkpoint_error import CheckpointError

_BEGIN = "augur-convert: "


def names(prefix: str) -> list[str]:
    """The tensors' names, without their values. Raises CheckpointError."""
    done = _run("--list-tensors", "--weights", prefix)
    return [line.split()[0] for line in done.splitlines() if line.strip()]


def read(prefix: str, shown: str) -> Checkpoint:
    """The checkpoint with this prefix; `shown` is its name in messages. Raises CheckpointError and OSError."""
    with tempfile.TemporaryDirectory(prefix="augur-") as folder:
        path = os.path.join(folder, "tensors.safetensors")
        _run("--save-tensors", path, "--weights", prefix)
        checkpoint = safetensors.read(path)
    checkpoint.file, checkpoint.kind = shown, "TensorFlow bundle"
    return checkpoint


def _run(*arguments: str) -> str:
    done = subprocess.run([built.command("augur-convert"), *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = done.stderr.strip()
        raise CheckpointError(said[len(_BEGIN):] if said.startswith(_BEGIN) else said)
    return done.stdout
