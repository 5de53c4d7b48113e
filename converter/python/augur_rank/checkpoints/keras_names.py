"""Names for Keras' numbered variables.

.keras and .weights.h5 files call a variable by its layer's class and its number in the layer: "layers/dense_1/vars/0". The
model's configuration has the layers in the same order with their names, so that this becomes "head/kernel", as Keras'
v.path has it.
"""

import json
import re
from typing import Any, Optional

from .checkpoint import Checkpoint

_NUMBERED = re.compile(r"^(?:layers|_layer_checkpoint_dependencies)/([^/]+)/(?:(.+)/)?vars/(\d+)$")
_VARIABLES = {
    "Embedding": ("embeddings",), "Dense": ("kernel", "bias"), "PReLU": ("alpha",),
    "Conv1D": ("kernel", "bias"), "LayerNormalization": ("gamma", "beta"),
    "BatchNormalization": ("gamma", "beta", "moving_mean", "moving_variance"),
}
_CELL = ("kernel", "recurrent_kernel", "bias")  # of GRU and LSTM


def with_layer_names(checkpoint: Checkpoint) -> None:
    """Renames the numbered variables of a checkpoint whose configuration is known; a note says so."""
    keras = checkpoint.keras
    if keras is None or not any(_NUMBERED.match(name) for name in checkpoint.tensors):
        return
    layers = _layers(keras.model_config)
    if layers is None:
        return
    names = {name: _named(name, layers) for name in checkpoint.tensors}
    if len(set(names.values())) != len(names):
        return
    changed = sum(names[name] != name for name in names)
    if changed:
        checkpoint.tensors = {names[name]: tensor for name, tensor in checkpoint.tensors.items()}
        checkpoint.notes.append(f"{changed} variables have the names of their layers in the model's configuration")
        keras.names = False


def _layers(text: str) -> Optional[dict[str, dict[str, Any]]]:
    """The configuration's layers by what the file calls them; None if it has none."""
    try:
        layers = json.loads(text)["config"]["layers"]
        used: dict[str, int] = {}
        found = {}
        for layer in layers:
            name = _snake_case(layer["class_name"])
            used[name] = used.get(name, -1) + 1
            found[f"{name}_{used[name]}" if used[name] else name] = {"name": layer["config"]["name"], **layer}
        return found
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _snake_case(name: str) -> str:
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


def _named(name: str, layers: dict[str, dict[str, Any]]) -> str:
    match = _NUMBERED.match(name)
    layer = layers.get(match.group(1)) if match else None
    if match is None or layer is None:
        return name
    inside, number = match.group(2), int(match.group(3))
    config = layer["config"]
    variables = _VARIABLES.get(layer["class_name"], ())
    if inside == "cell" and layer["class_name"] in ("GRU", "LSTM"):
        inside, variables = f"{layer['class_name'].lower()}_cell", _CELL
    elif inside is not None:
        variables = ()
    if layer["class_name"] in ("BatchNormalization", "LayerNormalization"):
        dropped = {"gamma": config.get("scale") is False, "beta": config.get("center") is False}
        variables = tuple(variable for variable in variables if not dropped.get(variable))
    variable = variables[number] if number < len(variables) else f"vars/{number}"
    return "/".join(part for part in (config["name"], inside, variable) if part)
