"""python3 -m augur_rank weights: the tensors of any checkpoint as .safetensors."""

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Optional

from ..errors import AugurError, printable

NAME = "augur_rank weights"


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Returns the exit status: 0 done, 1 failed; argparse ends the process with 2 for a wrong command line."""
    parser = argparse.ArgumentParser(
        prog=f"python3 -m {NAME}",
        description="Writes a checkpoint's tensors as .safetensors, with the model's order and what the file tells of "
                    "the layout's questions in its metadata. augur-convert reads it.")
    parser.add_argument("checkpoint", help="a PyTorch, Keras, TensorFlow, NumPy or safetensors checkpoint")
    parser.add_argument("out", help="the .safetensors file to write")
    parser.add_argument("--key", help='where in a PyTorch file the state dict is, such as "ema.state_dict"')
    parser.add_argument("--average", help="which averaged weights (EMA) are taken: a key beside the model's, or what "
                                          "their names begin or end with")
    parser.add_argument("--keep-names", action="store_true",
                        help="leave what wrappers put before names: module., _orig_mod., model.")
    options = parser.parse_args(arguments)
    if not options.out.endswith(".safetensors"):
        parser.error(f"{options.out}: augur-convert knows the format by the ending .safetensors")
    if os.path.exists(options.out) and os.path.exists(options.checkpoint) and os.path.samefile(
            options.out, options.checkpoint):
        parser.error(f"{options.out}: is the checkpoint itself, which would be replaced")
    from ..checkpoints.load import load_checkpoint

    try:
        checkpoint = load_checkpoint(options.checkpoint, key=options.key, average=options.average,
                                     keep_names=options.keep_names)
        checkpoint.save(options.out)
    except (AugurError, OSError) as error:
        print(printable(f"{NAME}: {error}"), file=sys.stderr)
        return 1
    for note in checkpoint.notes:
        print(printable(f"{NAME}: {options.checkpoint}: {note}"), file=sys.stderr)
    if checkpoint.vocabularies:
        print(f"{NAME}: the keys of {', '.join(checkpoint.vocabularies)} are not in a .safetensors; augur_rank.export "
              "and python3 -m augur_rank convert take them along", file=sys.stderr)
    values = sum(tensor.size for tensor in checkpoint.tensors.values())
    print(f"{options.out}: {len(checkpoint.tensors)} tensors, {values} values")
    return 0
