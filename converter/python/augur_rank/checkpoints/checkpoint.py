"""A checkpoint in memory, and how it is handed to augur-convert."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Optional, Union

from ..arrays import Array, Json
from ..files import safetensors_file
from ..files.whole_file import replacing
from .checkpoint_error import CheckpointError

ORDER = "augur.order"
_COLUMNS = ("sparse", "pooled", "dense")  # questions of the layout deepctr-keras
NOTES = "augur.notes"
WHOSE = "are taken for features of the user"  # of the note that set_candidate_features answers


@dataclass
class Keras:
    """What only Keras' files have."""

    idle_layers: list[str] = field(default_factory=list)  # layers without weights, inputs among them
    model_config: str = ""  # Keras' JSON: the layers and their arguments
    names: bool = False  # the tensors' names are those of Keras' HDF5: "gru1/gru1/kernel:0"


@dataclass
class Checkpoint:
    """The tensors of one model, with what the file tells beside them."""

    file: str  # as the user gave it
    kind: str  # "PyTorch", "safetensors", "NumPy", "Keras HDF5", "Keras archive", "TensorFlow bundle"
    tensors: dict[str, Array]
    ordered: bool = False  # the tensors stand in the model's own order
    layout: Optional[str] = None  # the layout whose questions `answers` answer
    answers: dict[str, Any] = field(default_factory=dict)  # as augur-convert --model takes them
    told_by: str = ""  # what in the file tells the answers
    notes: list[str] = field(default_factory=list)  # sentences that the user should read
    vocabularies: dict[str, dict[str, Any]] = field(default_factory=dict)  # tensor → {"keys": [...]}: key i has row i
    keras: Optional[Keras] = None

    def set_candidate_features(self, names: Sequence[str]) -> None:
        """Says which features, besides those of the history, each candidate has its own value of.

        Only where the file tells the model's columns (DeepCTR's in Keras). Raises CheckpointError, which lists them,
        for a name that is no column, and where the file does not tell.
        """
        columns = [column for part in _COLUMNS for column in self.answers.get(part, [])]
        if not columns:
            raise CheckpointError(f"{self.file}: candidate_features: the file does not hold the features' names; say "
                                  "whose they are in the answers (augur-convert --explain-layout shows where)")
        known = [column["name"] for column in columns]
        unknown = [name for name in names if name not in known]
        if unknown:
            raise CheckpointError(f"{self.file}: candidate_features: the model has no feature {unknown[0]!r}; it has "
                                  f"{', '.join(known)}")
        for column in columns:
            if column["name"] in names:
                column["of"] = "candidate"
        self.notes = [note for note in self.notes if WHOSE not in note]

    def save(self, path: Union[str, Path], *, as_original: bool = False) -> None:
        """Writes a .safetensors that augur-convert reads, with the order and the answers in its metadata.

        as_original: messages of augur-convert name this checkpoint's file instead of the one that is written.
        What stood at `path` before stays until the new file is whole. Raises CheckpointError and OSError.
        """
        try:
            with replacing(os.path.realpath(path)) as part:
                safetensors_file.save(part, self.tensors, self.metadata(as_original=as_original))
        except ValueError as error:
            raise CheckpointError(f"{self.file}: {error}") from error

    def metadata(self, *, as_original: bool = False) -> dict[str, str]:
        """What save writes into __metadata__: the model's order, and what the file tells."""
        metadata = {"format": "pt"} if self.kind == "PyTorch" else {}
        if self.ordered:
            metadata[ORDER] = json.dumps(list(self.tensors))
        notes = self._file_notes(as_original)
        if notes:
            metadata[NOTES] = json.dumps(notes)
        return metadata

    def _file_notes(self, as_original: bool) -> Json:
        """The members that converter/src/checkpoint/file_notes.h describes."""
        notes: Json = {"file": self.file} if as_original else {}
        if self.layout is not None and self.answers:
            notes.update(layout=self.layout, answers=self.answers, told_by=self.told_by)
        if self.keras is not None:
            notes.update(keras_names=self.keras.names, idle_layers=self.keras.idle_layers)
            if self.keras.model_config:
                notes["model_config"] = self.keras.model_config
        return notes
