"""Checkpoints of every kind: their tensors, and what else the file tells of the model.

    from augur_rank.checkpoints import load_checkpoint

    checkpoint = load_checkpoint("dien.h5")       # PyTorch, safetensors, NumPy, Keras, TensorFlow
    checkpoint.tensors["gru1/gru1/gru_cell/gates/kernel:0"]
    checkpoint.answers                            # what the file tells of the layout's questions
    checkpoint.save("dien.safetensors")           # what augur-convert reads
"""

from typing import TYPE_CHECKING, Any

from .checkpoint_error import CheckpointError

if TYPE_CHECKING:
    from .checkpoint import Checkpoint
    from .load import load_checkpoint

__all__ = ["Checkpoint", "CheckpointError", "load_checkpoint"]


def __getattr__(name: str) -> Any:
    """Imports what needs NumPy only when it is used, so that commands that need none start at once."""
    if name == "Checkpoint":
        from .checkpoint import Checkpoint

        return Checkpoint
    if name == "load_checkpoint":
        from .load import load_checkpoint

        return load_checkpoint
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
