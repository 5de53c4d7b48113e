"""What the exporters of PyTorch models share: tensors, evaluation mode, hooks.

Who has a model has imported PyTorch; nothing here does.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import metadata
from typing import Any, Callable, Optional

import numpy as np

from ..arrays import Array
from ..errors import ExportError

MOST_ROWS = 1000  # of a sample
_WRAPPERS = {"DataParallel": "module", "DistributedDataParallel": "module", "OptimizedModule": "_orig_mod"}


def unwrapped(model: Any) -> Any:
    """The model inside of DataParallel, DistributedDataParallel and torch.compile."""
    while type(model).__name__ in _WRAPPERS and type(model).__module__.startswith("torch."):
        model = getattr(model, _WRAPPERS[type(model).__name__])
    return model


def is_of(model: Any, packages: Sequence[str], names: Sequence[str]) -> bool:
    """Whether the model is a torch.nn.Module of a class, or derived from one, of these names in these packages."""
    classes = type(unwrapped(model)).__mro__
    if not any(one.__module__.startswith("torch.nn") and one.__name__ == "Module" for one in classes):
        return False
    return any(one.__name__ in names and one.__module__.split(".")[0] in packages for one in classes)


def version_of(distribution: str) -> str:
    """The version of an installed distribution, with a space before it; "" if it is not known."""
    try:
        return " " + metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return ""


def tensors_of(model: Any, notes: list[str]) -> dict[str, Array]:
    """The state dict as arrays, in its order. A note says if the weights are of half precision."""
    found, halves = {}, 0
    for name, tensor in model.state_dict().items():
        tensor = tensor.detach().cpu()
        kind = str(tensor.dtype)
        halves += kind in ("torch.float16", "torch.bfloat16")
        found[name] = (tensor.float() if kind == "torch.bfloat16" else tensor).numpy().copy()
    if halves:
        notes.append(f"{halves} tensors are in half precision: the library's own scores were made with less precision")
    return found


def array(values: Any) -> Array:
    """A tensor, an array, a list or a column of a frame as an array."""
    if hasattr(values, "detach"):
        values = values.detach().cpu().numpy()
    result: Array = np.asarray(values)
    return result


def device_of(model: Any) -> Any:
    """Where the model's weights are."""
    return next(iter(model.parameters())).device


def to_device(values: Any, model: Any) -> Any:
    """An array or a tensor as a tensor where the model is."""
    torch = sys.modules["torch"]
    tensor = values if hasattr(values, "detach") else torch.as_tensor(np.asarray(values))
    return tensor.to(device_of(model))


@contextmanager
def evaluating(model: Any) -> Iterator["Hooks"]:
    """Evaluation mode without gradients, and hooks. Afterwards, also on an error, the model is as it was."""
    torch = sys.modules["torch"]
    modes = [(module, module.training) for module in model.modules()]
    hooks = Hooks()
    try:
        model.eval()
        with torch.no_grad():
            yield hooks
    finally:
        hooks.remove()
        for module, training in modes:
            module.training = training


class Hooks:
    """Forward hooks that are taken off again."""

    def __init__(self) -> None:
        self._handles: list[Any] = []

    def on(self, module: Any, function: Callable[[Any, Any], None]) -> None:
        """Calls function(inputs, output) whenever the module has run."""
        def call(_: Any, inputs: Any, output: Any) -> None:
            function(inputs, output)
        self._handles.append(module.register_forward_hook(call))

    def before(self, module: Any, function: Callable[[Any], None]) -> None:
        """Calls function(inputs) before the module runs."""
        def call(_: Any, inputs: Any) -> None:
            function(inputs)
        self._handles.append(module.register_forward_pre_hook(call))

    def remove(self) -> None:
        """Takes all of them off."""
        for handle in self._handles:
            handle.remove()
        self._handles.clear()


def padded(packed: Any, total: int) -> Array:
    """A PackedSequence as an array [rows, total, width] in the rows' own order; 0 behind each row's last step."""
    rnn = sys.modules["torch"].nn.utils.rnn
    values, _ = rnn.pad_packed_sequence(packed, batch_first=True, total_length=total)
    return array(values)


def spread(values: Array, real: Array) -> Array:
    """Rows of the requests where `real` [R] is true, as rows of all requests; NaN in the others."""
    if len(values) == len(real):
        found: Array = np.asarray(values, np.float64)
        return found
    found = np.full((len(real), *values.shape[1:]), np.nan)
    found[real] = values
    return found


def by_step(values: Array, lengths: Array) -> Array:
    """[R, T, …] with NaN behind each row's last event."""
    found = np.array(values, np.float64)
    found[np.arange(found.shape[1]) >= lengths[:, None]] = np.nan
    return found


def doubles(values: Any) -> Array:
    """A flat copy in float64."""
    result: Array = array(values).astype(np.float64).reshape(-1).copy()
    return result


def chosen_rows(rows: int, labels: Any, notes: list[str], candidates: int = 1) -> tuple[Array, Optional[Array]]:
    """The rows of a sample that are compared, at most MOST_ROWS, evenly, and the labels of their candidates as float64.

    A note says if not all are. Raises ExportError if there are not as many labels as candidates.
    """
    chosen = np.unique(np.linspace(0, rows - 1, min(rows, MOST_ROWS)).astype(np.int64))
    if len(chosen) < rows:
        notes.append(f"{len(chosen)} of the {rows} rows of the sample were compared, taken evenly")
    if labels is None:
        return chosen, None
    found = doubles(labels)
    if found.size != rows * candidates:
        raise ExportError(f"labels: expected one for each of the {rows * candidates} rows of the sample, but there are "
                          f"{found.size}")
    return chosen, found.reshape(rows, candidates)[chosen].reshape(-1)


def checked_scores(scores: Any, rows: int) -> Array:
    """The scores as float64 [rows]. Raises ExportError if the library gave others, or some that are no numbers."""
    found = doubles(scores)
    if found.size != rows:
        raise ExportError(f"sample: the model gave {found.size} scores for {rows} rows")
    if not np.isfinite(found).all():
        raise ExportError(f"sample: the model's score of row {int(np.argmin(np.isfinite(found)))} is no number")
    return found


def activation_name(module: Any) -> str:
    """The class of an activation; every release calls it by the same name."""
    return type(module).__name__


def columns_of(sample: Any, names: Sequence[str], library: str) -> dict[str, Array]:
    """The sample's columns by name. Raises ExportError if one is missing, or has another number of rows."""
    if not hasattr(sample, "keys") or not hasattr(sample, "__getitem__"):
        raise ExportError(f"sample: expected a batch of {library}, a dictionary from a feature's name to an array, "
                          f"but it is of type {type(sample).__name__}")
    there = list(sample.keys())
    missing = [name for name in names if name not in there]
    if missing:
        raise ExportError(f"sample: expected the features {', '.join(names)}, but {', '.join(missing)} "
                          f"{'is' if len(missing) == 1 else 'are'} missing")
    found = {name: array(sample[name]) for name in names}
    rows = {name: len(values) if values.ndim else 0 for name, values in found.items()}
    if len(set(rows.values())) > 1 or 0 in rows.values():
        raise ExportError(f"sample: expected as many rows in every feature, and at least one, but there are {rows}")
    return found


def own_weights(attention: Any, inputs: Any, flag: str) -> Array:
    """The weights [r, T] that an attention layer gives to these inputs, by the layer itself.

    `flag` is the layer's attribute that makes it return its weights in place of their sum.
    """
    before = getattr(attention, flag)
    setattr(attention, flag, True)
    try:
        return array(attention.forward(*inputs))[:, 0]
    finally:
        setattr(attention, flag, before)


def counted(count: int, what: str) -> str:
    """A number of things, such as "2 history features"."""
    return f"{count} {what}{'' if count == 1 else 's'}"
