"""What an export starts from: a live model, a dump, or a checkpoint."""

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Optional

from .. import libraries
from ..arrays import Array
from ..dump import Dump, is_dump, read_dump
from ..errors import AugurError, ExportError
from .conversion import save_tensors
from .proof import Proof, labels_of, proof_of_dump, proof_of_sample


@dataclass
class Source:
    """What was read, and the rows that prove it."""

    name: str  # for people: "the model", or a file
    title: str
    layout: Optional[str]  # None: augur-convert chooses by the tensors' names
    save: Callable[[Path], None]  # writes the weights as .safetensors
    answers: dict[str, Any]  # that it tells; a checkpoint's are in its weights' file
    proof: Optional[Proof]
    trace: dict[str, Array] = field(default_factory=dict)  # as a Dump has it
    vocabularies: dict[str, Any] = field(default_factory=dict)  # by tables, fields, or names of tensors
    notes: list[str] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)  # by the paths that the answers have
    calibrate: bool = False  # the proof's requests are also what a Dice is calibrated on
    of_sample: frozenset[str] = frozenset()  # answers that the sample told: the caller's own take their place


def read_source(source: Any, sample: Any, labels: Any, candidate_features: Optional[Sequence[str]],
                layout: Optional[str]) -> Source:
    """Reads any source. Raises AugurError."""
    is_path = isinstance(source, (str, Path))
    if isinstance(source, Dump) or (is_path and is_dump(source)):
        dump = read_dump(source) if is_path else source
        found = _of_dump(dump, str(source) if is_path else "a dump", layout)
        if sample is not None:
            found.proof, found.trace = proof_of_sample(sample, labels), {}
    elif is_path or type(source).__name__ == "Checkpoint":
        found = _of_checkpoint(source, candidate_features, layout)
        if sample is not None:
            found.proof = proof_of_sample(sample, labels)
    else:
        module = libraries.module_of(source)
        dump = module.read(source, candidate_features)
        if layout is not None and layout != dump.library:
            raise ExportError(f"layout: {layout!r} was given, but the model is one of {dump.library}; leave it out")
        told = dict(dump.answers)
        if sample is not None:
            _observe(module, source, dump, sample, labels)
        found = _of_dump(dump, "the model", layout)
        found.of_sample = frozenset(name for name, value in dump.answers.items() if told.get(name) != value)
    if labels is not None:
        if found.proof is None:
            raise ExportError("labels: they belong to a sample, which is missing")
        if found.proof.labels is None:
            found.proof.labels = labels_of(labels, found.proof)
    return found


def _observe(module: Any, model: Any, dump: Dump, sample: Any, labels: Any) -> None:
    """Has the library score the sample. Whatever it raises on rows that it does not take becomes an ExportError."""
    try:
        module.observe(model, dump, sample, labels)
    except AugurError:
        raise
    except Exception as error:
        raise ExportError(f"sample: the model's own forward pass does not take it ({type(error).__name__}: {error}). "
                          "Give a batch as the model takes it in training, with rows of its tables") from error


def _of_dump(dump: Dump, name: str, layout: Optional[str]) -> Source:
    return Source(name, dump.title, layout or dump.library, lambda path: save_tensors(dump.tensors, path),
                  dict(dump.answers), proof_of_dump(dump), dump.trace, dump.vocabularies, list(dump.notes), dump.files,
                  dump.calibrate)


def _of_checkpoint(source: Any, candidate_features: Optional[Sequence[str]], layout: Optional[str]) -> Source:
    from ..checkpoints import Checkpoint, CheckpointError, load_checkpoint
    checkpoint: Checkpoint = load_checkpoint(source) if isinstance(source, (str, Path)) else source
    if candidate_features is not None:
        checkpoint = copy.deepcopy(checkpoint)
        try:
            checkpoint.set_candidate_features(candidate_features)
        except CheckpointError as error:
            raise ExportError(str(error)) from error
    return Source(checkpoint.file, f"{checkpoint.kind} checkpoint", layout or checkpoint.layout,
                  lambda path: checkpoint.save(path, as_original=True), {}, None,
                  vocabularies=checkpoint.vocabularies, notes=list(checkpoint.notes))


def merged_answers(source: Source, given: Mapping[str, Any]) -> dict[str, Any]:
    """What the source tells, and what the caller adds. Raises ExportError where they contradict each other."""
    answers = dict(source.answers)
    for key, value in given.items():
        told = source.answers.get(key)
        if key not in source.answers or key in source.of_sample:
            answers[key] = value  # questions ("?…") and what is still open (null) are augur-convert's matter
        elif value is not None and not _equal(told, value):
            raise ExportError(f"answers: {key} is {value!r}, but {source.name} says {told!r}; leave it out")
    return answers


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return one.lower() == other.lower()
    return bool(one == other)
