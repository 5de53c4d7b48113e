"""The error of everything that reads checkpoints."""

from ..errors import AugurError


class CheckpointError(AugurError):
    """What is wrong with a checkpoint: the file, what was expected, what came, and what to do."""
