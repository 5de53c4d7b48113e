"""The layers of a Keras model, as Keras writes them as JSON: their arguments, and which layer reads which."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Optional


class GraphError(ValueError):
    """What in the configuration is not as expected."""


class Ref(NamedTuple):
    """The result of a layer's call; a layer that is used several times has several nodes."""

    name: str
    node: int


@dataclass(eq=False)
class Layer:
    """One layer."""

    kind: str  # its class
    name: str
    config: dict[str, Any]
    nodes: list[list[Ref]] = field(default_factory=list)  # what each call reads

    def reads(self, node: int) -> list[Ref]:
        """What the call reads. Raises GraphError if there is no such call, or if it reads nothing."""
        if not 0 <= node < len(self.nodes) or not self.nodes[node]:
            raise GraphError(f"the layer {self.name} has no call {node}")
        return self.nodes[node]

    def width(self) -> Optional[int]:
        """Of an input: how many values a row has; None if any number."""
        shape = self.config.get("batch_input_shape", self.config.get("batch_shape"))
        if isinstance(shape, dict):  # {"class_name": "__tuple__", "items": [null, 8]}
            shape = shape.get("items")
        return shape[1] if isinstance(shape, list) and len(shape) == 2 and type(shape[1]) is int else None


class Graph:
    """A model's layers by name."""

    def __init__(self, document: Any):
        config = document.get("config") if isinstance(document, dict) else None
        layers = config.get("layers") if isinstance(config, dict) else None
        if not isinstance(layers, list):
            raise GraphError("it has no list of layers")
        self._config = config
        self._layers: dict[str, Layer] = {}
        for entry in layers:
            name = entry.get("name", entry["config"]["name"])
            calls = entry.get("inbound_nodes") or []
            nodes = [list(_references(call)) for call in calls]
            self._layers[name] = Layer(entry["class_name"], name, entry["config"], nodes)

    def named(self, name: str) -> Layer:
        """The layer of that name."""
        if name not in self._layers:
            raise GraphError(f"it has no layer {name}")
        return self._layers[name]

    def layer(self, ref: Ref) -> Layer:
        """The layer whose result it is."""
        return self.named(ref.name)

    def layers_of(self, kind: str) -> list[Layer]:
        """All layers of a class, in the model's order."""
        return [layer for layer in self._layers.values() if layer.kind == kind]

    def inputs(self) -> list[str]:
        """The inputs, in the order in which the model was given them."""
        assert isinstance(self._config, dict)
        return [ref.name for ref in _references(self._config["input_layers"])]


def _references(value: Any) -> Iterator[Ref]:
    """Keras 2 writes ["name", node, output, {…}], Keras 3 {"keras_history": ["name", node, output]}, both in lists."""
    if isinstance(value, dict):
        if "keras_history" in value:
            yield from _references(value["keras_history"])
        else:
            for inner in value.values():
                yield from _references(inner)
    elif isinstance(value, list):
        if len(value) >= 3 and isinstance(value[0], str) and type(value[1]) is int and type(value[2]) is int:
            yield Ref(value[0], value[1])
            for argument in value[3:]:  # other tensors of the call
                yield from _references(argument)
        else:
            for inner in value:
                yield from _references(inner)
