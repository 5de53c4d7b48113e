"""Turns a PyTorch checkpoint (.pt, .pth, .ckpt) into a .safetensors that augur-convert reads.

    python3 -m augur_rank.checkpoints.torch_export checkpoint.pt weights.safetensors

Nothing in the checkpoint is executed, and neither PyTorch nor the library that made it is needed: everything
but tensors and plain values is skipped (export_pickle). The checkpoint may be a state dict, a dictionary that
holds one under "state_dict", "model_state_dict" or "model" (--key names another place), or a module
that was saved whole. Names stay as they are; augur-convert takes off what wrappers put before them. A
tensor with two names is written under both.

The order of the names is kept in __metadata__ as "augur.order", a JSON list: .safetensors files are read
in any order, and for several libraries the order of a state dict is that of the model's columns.
"""

import argparse
import json
import os
import sys
from dataclasses import dataclass
from typing import Any, Dict, List, Optional

import numpy as np

from augur_rank.checkpoints import torch_reader
from augur_rank.files import safetensors_file
from augur_rank.checkpoints.torch_pickle import Global, Made
from augur_rank.checkpoints.torch_reader import ReadError, Tensor

ORDER = "augur.order"
USUAL_KEYS = ("state_dict", "model_state_dict", "model")
RESAVE = ('load it where the library is installed, and save the weights alone: '
          'torch.save(model.state_dict(), "weights.pt")')
HALF_TYPES = {"f2": "float16", "bfloat16": "bfloat16"}
# RecBole's settings, by the questions of the layout recbole.
RECBOLE_ANSWERS = {"gru_type": "gru_type", "pooling_mode": "pooling_mode", "MAX_ITEM_LIST_LENGTH": "max_history"}
AVERAGED = ("ema", "average", "averaged", "swa", "shadow")


class ExportError(Exception):
    """What is wrong with the checkpoint, and what to do."""


@dataclass(frozen=True)
class Summary:
    tensors: int
    values: int
    notes: List[str]  # what the user should know, one sentence each


def load(path: str) -> Any:
    """What the file holds."""
    if not os.path.isfile(path):
        raise ExportError(f"{path}: there is no such file")
    try:
        return torch_reader.read(path)
    except ReadError as error:
        raise ExportError(f"{path}: cannot be read as a checkpoint ({error}); {RESAVE}") from error


def as_state(value: Any) -> Optional[Dict[str, Tensor]]:
    """The tensors of a state dict or of a module saved whole; None for anything else."""
    if torch_reader.is_module(value):
        return torch_reader.parameters(value) or None
    if not isinstance(value, dict) or not all(isinstance(name, (str, int)) for name in value):
        return None
    state = {str(name): tensor for name, tensor in value.items()
             if not str(name).endswith("_extra_state")}  # what a module keeps beside its tensors
    return state if state and all(isinstance(t, Tensor) for t in state.values()) else None


def described(value: Any) -> str:
    """A value's type in a message."""
    if not isinstance(value, Made):
        return type(value).__name__
    return str(value.of) if isinstance(value.of, Global) else "made object"


def listed(content: Any) -> str:
    """The keys of a dictionary in a message."""
    if not isinstance(content, dict):
        return "no keys"
    return ", ".join(name if isinstance(name, str) else type(name).__name__
                     for name in list(content)[:20])


def at_key(content: Any, key: str, path: str) -> Dict[str, Tensor]:
    for part in key.split("."):
        if not isinstance(content, dict) or part not in content:
            raise ExportError(f"{path}: --key {key}: {part} is not there (there are: {listed(content)})")
        content = content[part]
    state = as_state(content)
    if state is None:
        raise ExportError(f"{path}: --key {key}: not a dictionary of tensors alone")
    return state


def averages(content: Dict[Any, Any], state: Dict[str, Tensor]) -> List[str]:
    """Keys of other weights of the same model that were averaged while it was trained."""
    found = []
    for name, value in content.items():
        if not isinstance(name, str) or not any(word in AVERAGED for word in name.lower().split("_")):
            continue
        inner = value if isinstance(value, dict) else {}
        found += [key for key, candidate in [(name, value)] + [(f"{name}.{k}", v) for k, v in inner.items()]
                  if len(as_state(candidate) or {}) >= len(state)]
    return found


def find_state(content: Any, key: Optional[str], path: str) -> Dict[str, Tensor]:
    """The state dict in what the file holds."""
    if key is not None:
        return at_key(content, key, path)
    state = as_state(content)
    if state is not None:
        return state
    if not isinstance(content, dict):
        raise ExportError(f"{path}: holds a {described(content)}, not a state dict; {RESAVE}")
    found = {usual: as_state(content.get(usual)) for usual in USUAL_KEYS}
    found = {usual: state for usual, state in found.items() if state is not None}
    if len(found) != 1:
        raise ExportError(f"{path}: which part is the state dict cannot be told; name it with --key "
                          f"(there are: {listed(content)})")
    ((name, state),) = found.items()
    averaged = averages(content, state)
    if averaged:
        raise ExportError(f"{path}: beside {name} there are averaged weights, which are usually the ones to "
                          f"score with: --key {averaged[0]} takes them, --key {name} the others")
    return state


def to_array(name: str, tensor: Tensor, path: str) -> np.ndarray:
    """The values in a type that .safetensors and augur-convert know; nothing is rounded."""
    try:
        array = tensor.array()
    except ReadError as error:
        raise ExportError(f"{path}: tensor {name}: {error}") from error
    if array.dtype.kind == "c":
        raise ExportError(f"{path}: tensor {name}: complex tensors are not supported")
    if array.dtype == np.uint64 and array.size and array.max() > np.iinfo(np.int64).max:
        raise ExportError(f"{path}: tensor {name}: its values do not fit 64 bits with a sign")
    if array.dtype not in (np.float16, np.float32, np.float64, np.int32, np.int64):
        array = array.astype(np.int64)
    return array


def half_precision(state: Dict[str, Tensor]) -> List[str]:
    counts = {word: sum(tensor.dtype == dtype for tensor in state.values())
              for dtype, word in HALF_TYPES.items()}
    return [f"{count} of {len(state)} tensors are {word}: the library made its own scores in half precision, and "
            "they can differ from Augur's by more than 1e-5; compare with scores of the model in float32 "
            "(model.float())" for word, count in counts.items() if count]


def recbole_settings(content: Any) -> List[str]:
    """The answers for the layout recbole that RecBole's configuration in the checkpoint gives."""
    config = content.get("config") if isinstance(content, dict) else None
    if not isinstance(config, Made) or str(config.of) != "recbole.config.configurator.Config":
        return []
    settings = config.attribute("final_config_dict")
    said = [f"{answer} is {json.dumps(settings[key])}" for key, answer in RECBOLE_ANSWERS.items()
            if isinstance(settings, dict) and isinstance(settings.get(key), (str, int))]
    return [f"RecBole's configuration in this file: {', '.join(said)}"] if said else []


def export(source: str, target: str, key: Optional[str] = None) -> Summary:
    """Writes the .safetensors file; on an error an older file stays as it was. Raises ExportError, OSError."""
    content = load(source)
    state = find_state(content, key, source)
    arrays = {name: to_array(name, tensor, source) for name, tensor in state.items()}
    metadata = {"format": "pt", ORDER: json.dumps(list(arrays))}
    target = os.path.realpath(target)
    part = f"{target}.{os.getpid()}.part"
    try:
        safetensors_file.save(part, arrays, metadata)
        os.replace(part, target)
    finally:
        if os.path.exists(part):
            os.remove(part)
    return Summary(len(arrays), sum(array.size for array in arrays.values()),
                   half_precision(state) + recbole_settings(content))


def main(arguments: Optional[List[str]] = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python3 -m augur_rank.checkpoints.torch_export",
        description="Turns a PyTorch checkpoint into a .safetensors for augur-convert.")
    parser.add_argument("checkpoint", help="the .pt, .pth or .ckpt file")
    parser.add_argument("out", help="the .safetensors file to write")
    parser.add_argument("--key", help='where in it the state dict is, such as "ema.state_dict"')
    options = parser.parse_args(arguments)
    if not options.out.endswith(".safetensors"):
        parser.error(f"{options.out}: augur-convert knows the format by the ending .safetensors")
    try:
        summary = export(options.checkpoint, options.out, options.key)
    except (ExportError, OSError) as error:
        print(f"export: {error}", file=sys.stderr)
        return 1
    for note in summary.notes:
        print(f"note: {note}", file=sys.stderr)
    print(f"{options.out}: {summary.tensors} tensors, {summary.values} values")
    return 0


if __name__ == "__main__":
    sys.exit(main())
