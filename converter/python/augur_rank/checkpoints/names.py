"""What the names in a checkpoint tell: variables in parts, tables with keys, averages, wrappers, an optimizer's.

Each function takes the tensors and the notes, changes names as its docstring says, and adds a sentence for the user.
augur-convert knows which names a layout's model has (converter/src/checkpoint/wrappers.cc), so that the front command
leaves wrappers and averages to it; take_off_wrappers and choose_average are for those who use the tensors in Python.
"""

import re
from typing import Any, Optional

import numpy as np

from ..arrays import Array
from .checkpoint_error import CheckpointError

Tensors = dict[str, Array]

_PART = re.compile(r"^(.+)/part_(\d+)$")
# What DeepRec's EmbeddingVariable saves for a table NAME: NAME-keys, NAME-values, and statistics.
_KEYS, _VALUES = "-keys", "-values"
_STATISTICS = ("-freqs", "-versions", "-partition_offset", "-keys_filtered", "-freqs_filtered", "-versions_filtered",
               "-partition_filter_offset", "-global_step")
_WRAPPERS = ("module.", "_orig_mod.", "model.", "net.", "network.", "_forward_module.")
_AVERAGE_SUFFIXES = ("/ExponentialMovingAverage", "_ema", ".ema", "_average", "_avg")
_AVERAGE_PREFIXES = ("ema.", "ema_model.", "model_ema.", "module_ema.", "ema_module.", "ema_net.", "net_ema.",
                     "shadow.", "averaged_model.", "swa_model.", "swa.", "avg_model.", "teacher.", "average_model.")
_TRAINING = re.compile(r"(?:optimizer|optimizer_weights|optimizer_state_dict|optimizer_state)[/.]|metrics/.+/vars/\d+$")


def need_joining(names: Any) -> bool:
    """Whether some of the names are parts of a variable, or a table with keys: join_parts or join_keys has work."""
    known = set(names)
    return any((match := _PART.match(name)) and match.group(2) != "0"
               or name.endswith(_KEYS) and name[:-len(_KEYS)] + _VALUES in known for name in known)


def without_training(tensors: Tensors, notes: list[str]) -> Tensors:
    """Leaves out what only training needs, as Keras and others save it: under optimizer_weights, metrics, …."""
    kept = {name: tensor for name, tensor in tensors.items() if not _TRAINING.match(name)}
    if len(kept) < len(tensors):
        notes.append(f"{len(tensors) - len(kept)} tensors that serve training alone are left out")
    return kept


def join_parts(file: str, tensors: Tensors, notes: list[str]) -> Tensors:
    """Joins NAME/part_0, NAME/part_1, … into NAME: along the axis in which their shapes differ, else along the rows."""
    parts: dict[str, dict[int, Array]] = {}
    for name, tensor in tensors.items():
        match = _PART.match(name)
        if match:
            parts.setdefault(match.group(1), {})[int(match.group(2))] = tensor
    joined: Tensors = {}
    for name, tensor in tensors.items():
        match = _PART.match(name)
        whole = match.group(1) if match else name
        if match is None or whole in tensors:
            joined[name] = tensor
        elif whole not in joined:
            joined[whole] = _joined(file, whole, parts[whole])
    count = len(set(parts) - set(tensors))
    if count:
        notes.append(f"{count} variables in parts are joined (NAME/part_0, NAME/part_1, … into NAME)")
    return joined


def _joined(file: str, name: str, parts: dict[int, Array]) -> Array:
    missing = [number for number in range(max(parts) + 1) if number not in parts]
    if missing:
        raise CheckpointError(f"{file}: the variable {name} is in parts, but {name}/part_{missing[0]} is missing")
    arrays = [parts[number] for number in range(len(parts))]
    shapes = {array.shape for array in arrays}
    axes = [axis for axis in range(arrays[0].ndim) if len({shape[axis:axis + 1] for shape in shapes}) > 1]
    if len({array.ndim for array in arrays}) > 1 or arrays[0].ndim == 0 or len(axes) > 1:
        raise CheckpointError(f"{file}: the parts of the variable {name} have the shapes "
                              f"{', '.join(str(list(array.shape)) for array in arrays)}, which join along no axis")
    return np.concatenate(arrays, axis=axes[0] if axes else 0)


def join_keys(file: str, tensors: Tensors, notes: list[str]) -> tuple[Tensors, dict[str, dict[str, Any]]]:
    """Makes a table NAME of an EmbeddingVariable's NAME-keys and NAME-values, and its vocabulary of the keys.

    The vocabulary is {"keys": [...]} under the tensor's name: key i has row i.
    """
    tables = [name[:-len(_KEYS)] for name in tensors
              if name.endswith(_KEYS) and name[:-len(_KEYS)] + _VALUES in tensors]
    if not tables:
        return tensors, {}
    vocabularies: dict[str, dict[str, Any]] = {}
    dropped = {table + end for table in tables for end in (_KEYS, *_STATISTICS)}
    kept: Tensors = {}
    for name, tensor in tensors.items():
        table = name[:-len(_VALUES)] if name.endswith(_VALUES) else ""
        if table in tables:  # which takes the values' place in the model's order
            _check_keys(file, table, tensors)
            kept[table] = tensor
            vocabularies[table] = {"keys": [int(key) for key in tensors[table + _KEYS]]}
        elif name not in dropped:
            kept[name] = tensor
    notes.append(f"{', '.join(tables)}: tables with keys (EmbeddingVariable): row i belongs to the i-th key, and the "
                 "keys are their vocabularies")
    return kept, vocabularies


def _check_keys(file: str, table: str, tensors: Tensors) -> None:
    keys, values = tensors[table + _KEYS], tensors[table + _VALUES]
    if keys.ndim != 1 or keys.dtype.kind not in "iu" or values.ndim != 2 or len(keys) != len(values):
        raise CheckpointError(f"{file}: the table {table}: expected whole numbers {table}{_KEYS} [N] and "
                              f"{table}{_VALUES} [N, width]; found {list(keys.shape)} of {keys.dtype} and "
                              f"{list(values.shape)}")
    if len(np.unique(keys)) != len(keys):
        raise CheckpointError(f"{file}: the table {table}: a key occurs twice in {table}{_KEYS}")
    if table in tensors:
        raise CheckpointError(f"{file}: has both a tensor {table} and {table}{_KEYS}")


def averages_in(tensors: Tensors) -> list[str]:
    """Prefixes and suffixes under which averages of other tensors stand."""
    found = [end for end in _AVERAGE_SUFFIXES
             if any(name.endswith(end) and name[:-len(end)] in tensors for name in tensors)]
    for begin in _AVERAGE_PREFIXES:
        inner = [name[len(begin):] for name in tensors if name.startswith(begin)]
        if inner and all(_beside(name, tensors) for name in inner if not name.endswith("num_batches_tracked")):
            found.append(begin)
    return found


def _beside(name: str, tensors: Tensors) -> bool:
    return any(begin + name in tensors for begin in ("", *_WRAPPERS))


def choose_average(file: str, tensors: Tensors, average: Optional[str], notes: list[str]) -> Tensors:
    """The averaged weights in the place of the others. `average` is a prefix or a suffix of names.

    None: a note says which averages there are. "": the others, without a note.
    """
    found = averages_in(tensors)
    if average is None:
        if found:
            notes.append("averages (EMA) of other tensors are here, and are what is meant to score: "
                         + " or ".join(f"average={name!r}" for name in found) + " takes them")
        return tensors
    if average == "":
        begins = tuple(name for name in found if not name.startswith(("/", "_", ".")))
        ends = tuple(name for name in found if name not in begins)
        return {name: tensor for name, tensor in tensors.items()
                if not (begins and name.startswith(begins)) and not (ends and name.endswith(ends))}
    if average in _AVERAGE_SUFFIXES or average.startswith(("/", "_", ".")):
        taken = {name[:-len(average)]: tensor for name, tensor in tensors.items() if name.endswith(average)}
        rest = {name: tensor for name, tensor in tensors.items() if not name.endswith(average)}
        chosen = {**rest, **taken} if taken else {}
    else:
        begin = average if average.endswith((".", "/")) else average + "."
        chosen = {name[len(begin):]: tensor for name, tensor in tensors.items() if name.startswith(begin)}
    if not chosen:
        raise CheckpointError(f"{file}: average={average!r}: no tensor's name begins or ends so"
                              + (f"; there are {', '.join(map(repr, found))}" if found else
                                 ", and there are no averages that are known by their names"))
    notes.append(f"the averages {average!r} are taken")
    return chosen


def take_off_wrappers(tensors: Tensors, notes: list[str]) -> Tensors:
    """Takes module., _orig_mod., model. and the like off the names, where every name begins so."""
    taken = ""
    while tensors:
        prefix = next((begin for begin in _WRAPPERS if all(name.startswith(begin) and len(name) > len(begin)
                                                           for name in tensors)), None)
        if prefix is None:
            break
        taken += prefix
        tensors = {name[len(prefix):]: tensor for name, tensor in tensors.items()}
    if taken:
        notes.append(f"{taken!r} is taken off {len(tensors)} names")
    return tensors
