"""Checkpoints in .safetensors: one file, or model.safetensors.index.json and its shards."""

import json
import os
from pathlib import Path
from typing import Any, Optional

from ..arrays import Array
from ..files import safetensors_file
from .checkpoint import NOTES, ORDER, Checkpoint, Keras
from .checkpoint_error import CheckpointError

_MOST_INDEX = 64 << 20


def read(path: str) -> Checkpoint:
    """The checkpoint in the file, with what augur_rank noted in its metadata. Raises CheckpointError and OSError."""
    tensors, metadata = _load(path)
    # torch.save_model() writes a tensor that has two names once, and {other name: kept name} into the metadata.
    for alias, kept in metadata.items():
        if alias not in ("format", NOTES) and alias not in tensors and kept in tensors:
            tensors[alias] = tensors[kept]
    checkpoint = Checkpoint(path, "safetensors", tensors)
    order = _json(path, metadata, ORDER)
    if isinstance(order, list) and len(order) == len(tensors) and set(map(str, order)) == set(tensors):
        checkpoint.tensors = {name: tensors[name] for name in order}
        checkpoint.ordered = True
    notes = _json(path, metadata, NOTES)
    if isinstance(notes, dict):
        _take_notes(checkpoint, notes)
    return checkpoint


def read_shards(index: str) -> Checkpoint:
    """The checkpoint whose tensors an index spreads over files beside it. Raises CheckpointError and OSError."""
    if os.path.getsize(index) > _MOST_INDEX:
        raise CheckpointError(f"{index}: is larger than an index of shards")
    try:
        document = json.loads(Path(index).read_bytes())
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"{index}: is no JSON: {error}") from error
    places = document.get("weight_map") if isinstance(document, dict) else None
    if not isinstance(places, dict) or not places or not all(isinstance(shard, str) for shard in places.values()):
        raise CheckpointError(f"{index}: expected an object weight_map, from tensors to files")
    shards: dict[str, dict[str, Array]] = {}
    tensors: dict[str, Array] = {}
    for name, shard in places.items():
        if shard != os.path.basename(shard) or shard in ("", ".", ".."):
            raise CheckpointError(f"{index}: tensor {name} is in {shard!r}, which is no file beside the index")
        if shard not in shards:
            path = os.path.join(os.path.dirname(index), shard)
            if not os.path.isfile(path):
                raise CheckpointError(f"{index}: tensor {name} is in {shard}, which is missing")
            shards[shard] = _load(path)[0]
        if name not in shards[shard]:
            raise CheckpointError(f"{index}: {shard} has no tensor {name}")
        tensors[name] = shards[shard][name]
    return Checkpoint(index, "safetensors", tensors)


def _load(path: str) -> tuple[dict[str, Array], dict[str, str]]:
    try:
        return safetensors_file.load(path)
    except ValueError as error:
        raise CheckpointError(str(error)) from error


def _json(path: str, metadata: dict[str, str], key: str) -> Optional[Any]:
    if key not in metadata:
        return None
    try:
        return json.loads(metadata[key])
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"{path}: '__metadata__' has under {key!r} what is no JSON; save the checkpoint again"
                              ) from error


def _take_notes(checkpoint: Checkpoint, notes: dict[str, Any]) -> None:
    layout, answers = notes.get("layout"), notes.get("answers")
    if isinstance(layout, str) and isinstance(answers, dict):
        checkpoint.layout, checkpoint.answers = layout, answers
        checkpoint.told_by = str(notes.get("told_by", ""))
    idle, config = notes.get("idle_layers"), notes.get("model_config", "")
    if isinstance(idle, list) and isinstance(config, str):
        checkpoint.keras = Keras([str(layer) for layer in idle], config, names=notes.get("keras_names") is True)
