"""augur-convert for checkpoints of every kind.

The built command reads .safetensors, .npz and TensorFlow's bundles; for these this process becomes that command. Other
kinds are read here (augur_rank.checkpoints), handed over as a temporary .safetensors with what the file tells of the
model, and converted by the built command, whose messages name the user's file. The options are those of augur-convert,
and three more:

    --key PLACE      where in a PyTorch file the state dict is, such as "ema.state_dict"
    --candidate-features A,B
                     which features, besides those of the history, each candidate has its own value of, where the file
                     tells the model's columns (DeepCTR's in Keras)
    --average NAME   which averaged weights (EMA) are taken: a key beside the model's, or what their names begin or end
                     with
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from typing import Optional

from .. import built
from ..checkpoints import kinds
from ..checkpoints.checkpoint_error import CheckpointError
from ..errors import AugurError, printable
from .built_command import become
from .run import Stopped, end_by, run, stopping

NAME = "augur-convert"
OWN = ("--key", "--average", "--candidate-features")
OUTPUTS = ("--out", "--report", "--sidecar", "--ask", "--save-tensors")
# Kinds that the built command reads.
PASSED_ON = (kinds.SAFETENSORS, kinds.NUMPY, kinds.BUNDLE)


class Usage(ValueError):
    """A command line that cannot be meant."""


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """The console script. Returns the exit status: 0 done, 1 failed, 2 wrong usage."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if "--help" in given or "-h" in given:
        return _help(given)
    try:
        own, rest = _take(given, OWN)
        weights = _value(rest, "--weights")
        if weights is None or not os.path.exists(weights) and not own:
            become(NAME, rest)
        return _convert(weights, own, rest)
    except Usage as error:
        print(f"{NAME}: {error}\nRun {NAME} --help for the options.", file=sys.stderr)
        return 2
    except (AugurError, OSError) as error:
        print(printable(f"{NAME}: {error}"), file=sys.stderr)
        return 1


def _convert(weights: str, own: dict[str, str], rest: list[str]) -> int:
    found = kinds.find(weights)
    if found.kind == kinds.DUMP:
        raise CheckpointError(f"{weights}: is a dump that augur_dump.py wrote, which holds the answers, too: convert "
                              f"it in Python: augur_rank.export({weights!r}, \"model.augur\")")
    if found.kind in PASSED_ON and not own and not _needs_joining(found):
        become(NAME, _with_value(rest, "--weights", found.path))
    _refuse_same_file(weights, rest)
    status = 0
    try:
        with stopping(), tempfile.TemporaryDirectory(prefix="augur-") as folder:
            arguments = _load(weights, own, folder)
            status = run(NAME, _with_value(rest, "--weights", arguments[0]) + arguments[1:])
    except Stopped as stopped:
        end_by(stopped.number)
    if status < 0:
        end_by(-status)
    return status


def _load(weights: str, own: dict[str, str], folder: str) -> list[str]:
    """Writes the checkpoint as .safetensors; that path, and further arguments."""
    from ..checkpoints.load import load_checkpoint
    from ..vocabularies import as_vocabulary, vocabulary_arguments

    checkpoint = load_checkpoint(weights, key=own.get("--key"), average=own.get("--average"), keep_names=True)
    if "--candidate-features" in own:
        checkpoint.set_candidate_features([name for name in own["--candidate-features"].split(",") if name])
    for note in checkpoint.notes:
        print(printable(f"{NAME}: {weights}: {note}"), file=sys.stderr)
    sys.stderr.flush()
    path = os.path.join(folder, "tensors.safetensors")
    checkpoint.save(path, as_original=True)
    tables = {name: as_vocabulary(vocabulary["keys"]) for name, vocabulary in checkpoint.vocabularies.items()}
    return [path, *vocabulary_arguments(tables, folder)]


def _needs_joining(found: kinds.Found) -> bool:
    """Whether the file has variables in parts, or tables with keys, which are joined here."""
    names: Sequence[str] = found.names
    if found.kind == kinds.BUNDLE:
        from ..checkpoints import bundle

        names = bundle.names(found.path)
    elif found.kind == kinds.SAFETENSORS:
        return False  # it is read only for parts' names; the built command refuses parts, and says what to do
    if not any(name.endswith("-keys") or "/part_" in name for name in names):
        return False
    from ..checkpoints.names import need_joining

    return need_joining(names)


# ------------------------------------------------------------------------------------- the command line


def _take(given: Sequence[str], options: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """These options' values, and the other arguments."""
    values: dict[str, str] = {}
    rest: list[str] = []
    arguments = iter(given)
    for argument in arguments:
        name, equals, value = argument.partition("=")
        if name not in options:
            rest.append(argument)
            continue
        if name in values:
            raise Usage(f"{name} is given twice")
        if not equals:
            following = next(arguments, None)
            if following is None:
                raise Usage(f"{name} needs a value")
            value = following
        values[name] = value
    return values, rest


def _value(arguments: Sequence[str], option: str) -> Optional[str]:
    """The option's value; None if it is not given, or not in a form that is known."""
    for at, argument in enumerate(arguments):
        if argument == option:
            return arguments[at + 1] if at + 1 < len(arguments) else None
        if argument.startswith(option + "="):
            return argument[len(option) + 1:]
    return None


def _with_value(arguments: Sequence[str], option: str, value: str) -> list[str]:
    """The arguments with another value of an option that is among them."""
    changed = list(arguments)
    for at, argument in enumerate(changed):
        if argument == option:
            changed[at + 1] = value
            break
        if argument.startswith(option + "="):
            changed[at] = f"{option}={value}"
            break
    return changed


def _refuse_same_file(weights: str, arguments: Sequence[str]) -> None:
    """The built command sees a copy of the checkpoint, and would let an output replace the user's file."""
    for option in OUTPUTS:
        for at, argument in enumerate(arguments):
            if argument == option and at + 1 < len(arguments):
                value = arguments[at + 1]
            elif argument.startswith(option + "="):
                value = argument[len(option) + 1:]
            else:
                continue
            path = value.partition("=")[2] if option == "--sidecar" else value
            if os.path.exists(path) and os.path.exists(weights) and os.path.samefile(path, weights):
                raise Usage(f"{option} {value}: is the file of --weights, which would be replaced")


def _help(given: Sequence[str]) -> int:
    done = subprocess.run([built.command(NAME), *given], check=False)
    if done.returncode == 0 and __doc__:
        print("\nIn the Python package, --weights also reads PyTorch's and Keras' files and SavedModel folders, and "
              "there are:\n" + __doc__.split("three more:\n\n", 1)[1].rstrip())
    return done.returncode
