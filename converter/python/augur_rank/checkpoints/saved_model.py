"""What a SavedModel folder of Keras tells of the model: keras_metadata.pb holds the layers' arguments as JSON."""

import json
import os
from collections.abc import Iterator
from typing import Optional

from .checkpoint import Checkpoint, Keras
from .keras_answers import keras_answers
from .keras_names import idle_layers

METADATA = "keras_metadata.pb"
_MOST_BYTES = 256 << 20
# Of the message SavedMetadata: nodes = 1; of a node: node_path = 3, metadata = 5.
_NODES, _PATH, _JSON = 1, 3, 5


def take_answers(checkpoint: Checkpoint, folder: str) -> None:
    """Adds what keras_metadata.pb tells, if it is there; a note says where it is damaged."""
    path = os.path.join(folder, METADATA)
    if not os.path.isfile(path) or os.path.getsize(path) > _MOST_BYTES:
        return
    with open(path, "rb") as file:
        config = _root_config(file.read())
    if config is None:
        checkpoint.notes.append(f"{METADATA} is damaged, and answers no question")
        return
    checkpoint.keras = Keras(idle_layers(config, checkpoint.tensors), config)
    checkpoint.answers = keras_answers(config, checkpoint.notes)
    checkpoint.layout = "deepctr-keras" if checkpoint.answers else None
    checkpoint.told_by = f"its {METADATA}"


def _root_config(data: bytes) -> Optional[str]:
    """{"config": …} of the model at the root; None if there is none."""
    try:
        for field, node in _fields(data):
            parts = dict(_fields(node)) if field == _NODES else {}
            if parts.get(_PATH) == b"root":
                config = json.loads(parts[_JSON])["config"]
                return json.dumps({"config": config}) if isinstance(config["layers"], list) else None
    except (ValueError, KeyError, TypeError, IndexError, RecursionError):
        pass
    return None


def _fields(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The length-delimited fields of a protobuf message. Raises IndexError and ValueError."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        kind = key & 7
        if kind == 2:
            size, at = _varint(data, at)
            if size > len(data) - at:
                raise ValueError("a field ends behind the message")
            yield key >> 3, data[at:at + size]
            at += size
        elif kind == 0:
            _, at = _varint(data, at)
        elif kind in (1, 5):
            at += 8 if kind == 1 else 4
        else:
            raise ValueError(f"a field of the wire type {kind}")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        value |= (data[at] & 0x7F) << shift
        at += 1
        if data[at - 1] < 0x80:
            return value, at
    raise ValueError("a number of more than ten bytes")
