"""The tensors of a PyTorch checkpoint (.pt, .pth, .ckpt, .bin, or any other name).

Nothing in the checkpoint is executed, and neither PyTorch nor the library that made it is needed: everything but
tensors and plain values is skipped (torch_pickle). The checkpoint may be a state dict, a dictionary that holds one
under "state_dict", "model_state_dict" or "model" (`key` names another place), or a module that was saved whole. A
tensor with two names is there under both.
"""

from typing import Any, Optional

import numpy as np

from ..arrays import Array
from . import torch_reader
from .checkpoint import Checkpoint
from .checkpoint_error import CheckpointError
from .recbole_config import recbole_answers
from .torch_pickle import Global, Made
from .torch_reader import ReadError, Tensor

USUAL_KEYS = ("state_dict", "model_state_dict", "model", "model_state", "net", "network", "weights")
RESAVE = ('load it where the library is installed, and save the weights alone: '
          'torch.save(model.state_dict(), "weights.pt")')
HALF_TYPES = {"f2": "float16", "bfloat16": "bfloat16"}
AVERAGED = ("ema", "average", "averaged", "swa", "shadow")


def read(path: str, key: Optional[str], average: Optional[str]) -> tuple[Checkpoint, bool]:
    """The checkpoint in the file, and whether `average` was a key of it. Raises CheckpointError and OSError."""
    try:
        content = torch_reader.read(path)
    except ReadError as error:
        raise CheckpointError(f"{path}: cannot be read as a PyTorch checkpoint ({error}); {RESAVE}") from error
    notes: list[str] = []
    state, is_average = _find_state(content, key, average, path, notes)
    tensors = {name: _to_array(name, tensor, path) for name, tensor in state.items()}
    notes += _half_precision(state)
    checkpoint = Checkpoint(path, "PyTorch", tensors, ordered=True, notes=notes)
    checkpoint.answers = recbole_answers(content)
    if checkpoint.answers:
        checkpoint.layout, checkpoint.told_by = "recbole", "RecBole's configuration in the file"
        said = ", ".join(f"{name} is {value!r}" for name, value in checkpoint.answers.items())
        notes.append(f"RecBole's configuration in this file answers: {said}")
    return checkpoint, is_average


def _as_state(value: Any) -> Optional[dict[str, Tensor]]:
    """The tensors of a state dict or of a module saved whole; None for anything else."""
    if torch_reader.is_module(value):
        return torch_reader.parameters(value) or None
    if not isinstance(value, dict) or not all(isinstance(name, (str, int)) for name in value):
        return None
    state = {str(name): tensor for name, tensor in value.items()
             if not str(name).endswith("_extra_state")}  # what a module keeps beside its tensors
    return state if state and all(isinstance(t, Tensor) for t in state.values()) else None


def _described(value: Any) -> str:
    """A value's type in a message."""
    if not isinstance(value, Made):
        return type(value).__name__
    return str(value.of) if isinstance(value.of, Global) else "made object"


def _listed(content: Any) -> str:
    """The keys of a dictionary in a message."""
    if not isinstance(content, dict):
        return "no keys"
    return ", ".join(name if isinstance(name, str) else type(name).__name__
                     for name in list(content)[:20])


def _at_key(content: Any, key: str, path: str) -> dict[str, Tensor]:
    for part in key.split("."):
        if not isinstance(content, dict) or part not in content:
            raise CheckpointError(f"{path}: key {key}: {part} is not there (there are: {_listed(content)})")
        content = content[part]
    state = _as_state(content)
    if state is None:
        raise CheckpointError(f"{path}: key {key}: not a dictionary of tensors alone")
    return state


def _averages(content: dict[Any, Any], state: dict[str, Tensor]) -> list[str]:
    """Keys of other weights of the same model that were averaged while it was trained."""
    found = []
    for name, value in content.items():
        if not isinstance(name, str) or not any(word in AVERAGED for word in name.lower().split("_")):
            continue
        inner = value if isinstance(value, dict) else {}
        found += [key for key, candidate in [(name, value)] + [(f"{name}.{k}", v) for k, v in inner.items()]
                  if len(_as_state(candidate) or {}) >= len(state)]
    return found


def _find_state(content: Any, key: Optional[str], average: Optional[str], path: str,
                notes: list[str]) -> tuple[dict[str, Tensor], bool]:
    """The state dict in what the file holds, and whether it is the average."""
    if key is not None:
        state = _at_key(content, key, path)
        notes.append(f"the tensors under {key} are taken")
        return state, False
    whole = _as_state(content)
    if whole is not None:
        return whole, False
    if not isinstance(content, dict):
        raise CheckpointError(f"{path}: holds a {_described(content)}, not a state dict; {RESAVE}")
    found: dict[str, dict[str, Tensor]] = {}
    for usual in USUAL_KEYS:
        inner = _as_state(content.get(usual))
        if inner is not None:
            found[usual] = inner
    if len(found) != 1:
        raise CheckpointError(f"{path}: which part is the state dict cannot be told; name it with --key (in Python: "
                              f"key=), there are: {_listed(content)}")
    name, state = next(iter(found.items()))
    averaged = _averages(content, state)
    if average is not None and average in averaged:
        notes.append(f"the averaged weights under {average} are taken")
        return _at_key(content, average, path), True
    if averaged and average is None:
        raise CheckpointError(f"{path}: beside {name} there are averaged weights, which are usually the ones to "
                              f"score with: --average {averaged[0]} (in Python: average=) takes them, --key {name} the "
                              "others")
    others = [str(other) for other in content if other != name]
    notes.append(f"the tensors under {name} are taken"
                 + (f"; left out: {', '.join(others[:8])}{', …' if len(others) > 8 else ''}" if others else ""))
    return state, False


def _to_array(name: str, tensor: Tensor, path: str) -> Array:
    """The values in a type that .safetensors and augur-convert know; nothing is rounded."""
    try:
        array = tensor.array()
    except ReadError as error:
        raise CheckpointError(f"{path}: tensor {name}: {error}") from error
    if array.dtype.kind == "c":
        raise CheckpointError(f"{path}: tensor {name}: complex tensors are not supported")
    if array.dtype == np.uint64 and array.size and array.max() > np.iinfo(np.int64).max:
        raise CheckpointError(f"{path}: tensor {name}: its values do not fit 64 bits with a sign")
    if array.dtype not in (np.float16, np.float32, np.float64, np.int32, np.int64):
        array = array.astype(np.int64)
    return array


def _half_precision(state: dict[str, Tensor]) -> list[str]:
    counts = {word: sum(tensor.dtype == dtype for tensor in state.values())
              for dtype, word in HALF_TYPES.items()}
    return [f"{count} of {len(state)} tensors are {word}: the library made its own scores in half precision, and "
            "they can differ from Augur's by more than 1e-5; compare with scores of the model in float32 "
            "(model.float())" for word, count in counts.items() if count]
