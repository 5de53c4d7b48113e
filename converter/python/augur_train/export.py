"""Turns a PyTorch checkpoint (.pt, .pth) into a .safetensors that augur-convert reads.

    python3 -m augur_train.export checkpoint.pt weights.safetensors

The checkpoint is read with weights_only=True: nothing in it is executed. It may be a state dict, or a
dictionary that holds one under "state_dict", "model_state_dict" or "model"; --key names another place.
"module.", which DataParallel puts before every name, is taken off. A tensor with two names is written
under both.
"""

import argparse
import os
import pickle
import sys
from typing import Any, Dict, List, Optional, Tuple

import numpy as np
import torch

from augur_train import safetensors_file

USUAL_KEYS = ("state_dict", "model_state_dict", "model")
# PyTorch 1.13 cannot read a float (a learning rate, a loss) with weights_only=True; 2.0 can.
RESAVE = ('load it where the library is installed, and save the weights alone: '
          'torch.save(model.state_dict(), "weights.pt")')


class ExportError(Exception):
    """What is wrong with the checkpoint, and what to do."""


def load(path: str) -> Any:
    """What the file holds, tensors on the CPU."""
    if not os.path.isfile(path):
        raise ExportError(f"{path}: there is no such file")
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, KeyError, AttributeError,
            IndexError, TypeError, UnicodeDecodeError) as error:
        reason = str(error).strip().splitlines()
        raise ExportError(f"{path}: not a checkpoint of weights alone "
                          f"({reason[0] if reason else type(error).__name__}); {RESAVE}") from error


def is_tensors(value: Any) -> bool:
    return (isinstance(value, dict) and len(value) > 0
            and all(isinstance(tensor, torch.Tensor) for tensor in value.values()))


def find_state(content: Any, key: Optional[str], path: str) -> Dict[str, torch.Tensor]:
    """The state dict in what the file holds."""
    if key is not None:
        for part in key.split("."):
            if not isinstance(content, dict) or part not in content:
                known = ", ".join(map(str, content)) if isinstance(content, dict) else "no keys"
                raise ExportError(f"{path}: --key {key}: {part} is not there (there are: {known})")
            content = content[part]
        if not is_tensors(content):
            raise ExportError(f"{path}: --key {key}: not a dictionary of tensors alone")
        return content
    if is_tensors(content):
        return content
    if not isinstance(content, dict):
        raise ExportError(f"{path}: holds a {type(content).__name__}, not a state dict; {RESAVE}")
    found = [usual for usual in USUAL_KEYS if is_tensors(content.get(usual))]
    if len(found) != 1:
        known = ", ".join(str(name) for name in list(content)[:20])
        raise ExportError(f"{path}: which part is the state dict cannot be told; name it with --key "
                          f"(there are: {known})")
    return content[found[0]]


def to_array(name: str, tensor: torch.Tensor) -> np.ndarray:
    """The values in a type that .safetensors and augur-convert know; nothing is rounded."""
    if tensor.layout != torch.strided or tensor.is_quantized or tensor.is_complex():
        raise ExportError(f"tensor {name}: sparse, quantised and complex tensors are not supported")
    tensor = tensor.detach().cpu()
    if tensor.dtype == torch.bfloat16:
        tensor = tensor.float()  # every bfloat16 is a float32
    if tensor.dtype not in (torch.float16, torch.float32, torch.float64, torch.int32, torch.int64):
        tensor = tensor.long()
    return np.ascontiguousarray(tensor.numpy()).reshape(tuple(tensor.shape))


def export(source: str, target: str, key: Optional[str] = None) -> Tuple[int, int]:
    """Writes the .safetensors file. Returns the numbers of tensors and of values."""
    state = find_state(load(source), key, source)
    prefix = "module."
    if all(name.startswith(prefix) for name in state):
        state = {name[len(prefix):]: tensor for name, tensor in state.items()}
    arrays = {str(name): to_array(str(name), tensor) for name, tensor in state.items()}
    safetensors_file.save(target, arrays, {"format": "pt"})
    return len(arrays), sum(array.size for array in arrays.values())


def main(arguments: Optional[List[str]] = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python3 -m augur_train.export",
        description="Turns a PyTorch checkpoint into a .safetensors for augur-convert.")
    parser.add_argument("checkpoint", help="the .pt or .pth file")
    parser.add_argument("out", help="the .safetensors file to write")
    parser.add_argument("--key", help='where in it the state dict is, such as "ema.state_dict"')
    options = parser.parse_args(arguments)
    if not options.out.endswith(".safetensors"):
        parser.error(f"{options.out}: augur-convert knows the format by the ending .safetensors")
    try:
        tensors, values = export(options.checkpoint, options.out, options.key)
    except (ExportError, OSError) as error:
        print(f"export: {error}", file=sys.stderr)
        return 1
    print(f"{options.out}: {tensors} tensors, {values} values")
    return 0


if __name__ == "__main__":
    sys.exit(main())
