"""Names for Keras' numbered variables.

.keras and .weights.h5 files call a variable by its layer's class and its number in the layer: "layers/dense_1/vars/0".
The model's configuration has the layers in the same order with their names, so that this becomes "head/kernel", as
Keras' v.path has it.
"""

import json
import re
from collections.abc import Iterable
from typing import Any, NamedTuple, Optional

from .checkpoint import Checkpoint

_NUMBERED = re.compile(r"^(layers|_layer_checkpoint_dependencies)/([^/]+)/(?:(.+)/)?vars/(\d+)$")
_COUNT = re.compile(r"^(.+?)(?:_(\d+))?$")
_VARIABLES = {
    "Embedding": ("embeddings",), "Dense": ("kernel", "bias"), "PReLU": ("alpha",), "Conv1D": ("kernel", "bias"),
    "LayerNormalization": ("gamma", "beta"),
    "BatchNormalization": ("gamma", "beta", "moving_mean", "moving_variance"),
    "PredictionLayer": ("global_bias",),  # of DeepCTR
}
_CELL = ("kernel", "recurrent_kernel", "bias")  # of GRU and LSTM
# Layers within DeepCTR's layers: the file's words for them, and the variables'. None: not a part of names.
_INSIDE: dict[str, Optional[str]] = {"local_att": "local_activation_unit", "bn": "batch_normalization",
                                     "activation_layers": None, "bn_layers": None}


class _Place(NamedTuple):
    """A numbered variable: where its layer stands, what is inside of that, and its number."""

    layer: str
    inside: str
    number: int


def with_layer_names(checkpoint: Checkpoint) -> None:
    """Renames the numbered variables of a checkpoint whose configuration is known; a note says so."""
    keras = checkpoint.keras
    if keras is None:
        return
    places = {name: _Place(match.group(2), match.group(3) or "", int(match.group(4)))
              for name in checkpoint.tensors if (match := _NUMBERED.match(name))}
    layers = _layers(keras.model_config, {place.layer for place in places.values()})
    names = {name: _named(places[name], layers[places[name].layer], list(places.values()))
             if name in places and places[name].layer in layers else name for name in checkpoint.tensors}
    changed = sum(names[name] != name for name in names)
    if changed and len(set(names.values())) == len(names):
        checkpoint.tensors = {names[name]: tensor for name, tensor in checkpoint.tensors.items()}
        checkpoint.notes.append(f"{changed} variables have the names of their layers in the model's configuration")
        keras.names = False
        keras.idle_layers = idle_layers(keras.model_config, checkpoint.tensors)


def idle_layers(model_config: str, tensors: Iterable[str]) -> list[str]:
    """The configuration's layers of which no tensor has the name; none if it cannot be read."""
    known = {name.split("/", 1)[0] for name in tensors}
    try:
        names = [layer["config"]["name"] for layer in json.loads(model_config)["config"]["layers"]]
    except (ValueError, KeyError, TypeError, RecursionError):
        return []
    return [name for name in names if isinstance(name, str) and name not in known]


def _layers(text: str, found: set[str]) -> dict[str, dict[str, Any]]:
    """The configuration's layers by what the file calls them: by class, in the model's order.

    Keras counts some layers twice, so that only the order of the numbers counts; and where there are as many of a class
    in the file as in the model.
    """
    by_class: dict[str, list[dict[str, Any]]] = {}
    try:
        for layer in json.loads(text)["config"]["layers"]:
            by_class.setdefault(_snake_case(layer["class_name"]), []).append(
                {"name": layer["config"]["name"], "class_name": layer["class_name"], "config": layer["config"]})
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}
    in_file: dict[str, list[tuple[int, str]]] = {}
    for name in found:
        match = _COUNT.match(name)
        if match and name not in by_class and match.group(1) in by_class:
            in_file.setdefault(match.group(1), []).append((int(match.group(2)), name))
        else:
            in_file.setdefault(name, []).append((-1, name))
    return {name: layer for kind, numbered in in_file.items() if len(numbered) == len(by_class.get(kind, ()))
            for (_, name), layer in zip(sorted(numbered), by_class[kind])}


def _snake_case(name: str) -> str:
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


def _named(place: _Place, layer: dict[str, Any], all_places: list[_Place]) -> str:
    kind, config = layer["class_name"], layer["config"]
    beside = sum(other[:2] == place[:2] for other in all_places)  # how many variables stand where this one does
    inside = place.inside
    variables: tuple[str, ...] = ()
    if inside == "cell" and kind in ("GRU", "LSTM"):
        inside, variables = f"{kind.lower()}_cell", _CELL
    elif kind in ("DNN", "AttentionSequencePoolingLayer"):
        parts = [_INSIDE.get(part, part) for part in inside.split("/") if part]
        inside = "/".join(part for part in parts if part)
        variables = _of_deepctr(parts[-1] or "dnn" if parts else "dnn", beside)
    elif not inside:
        dropped = {"gamma": config.get("scale") is False, "beta": config.get("center") is False}
        variables = tuple(name for name in _VARIABLES.get(kind, ()) if not dropped.get(name))
    variable = variables[place.number] if place.number < len(variables) else f"vars/{place.number}"
    return "/".join(part for part in (layer["name"], inside, variable) if part)


def _of_deepctr(part: str, count: int) -> tuple[str, ...]:
    """The variables of a layer within DeepCTR's layers, of which there are `count`."""
    if part.startswith("dnn"):  # kernels, then biases
        return tuple(f"{name}{number}" for name in ("kernel", "bias") for number in range(count // 2))
    if part.startswith("dice"):
        return ("dice_alpha",)
    if part.startswith("batch_normalization"):
        return _VARIABLES["BatchNormalization"][4 - count:]
    return ("kernel", "bias") if part == "local_activation_unit" else ()
