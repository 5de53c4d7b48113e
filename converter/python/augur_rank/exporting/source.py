"""What an export starts from: a live model, a dump, or a checkpoint."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

from .. import libraries
from ..dump import Dump, is_dump, read_dump
from ..errors import ExportError
from .proof import Proof, labels_of, proof_of_dump, proof_of_sample


@dataclass
class Source:
    """What was read, and the rows that prove it."""

    dump: Dump
    layout: Optional[str]  # None: augur-convert chooses by the tensors' names
    name: str  # for people: "the model", or a file
    proof: Optional[Proof]


def read_source(source: Any, sample: Any, labels: Any, candidate_features: Optional[Sequence[str]],
                layout: Optional[str]) -> Source:
    """Reads any source. Raises AugurError."""
    if isinstance(source, (str, Path)) and is_dump(source):
        return _of_dump(read_dump(source), str(source), sample, labels, layout)
    if isinstance(source, Dump):
        return _of_dump(source, "a dump", sample, labels, layout)
    if isinstance(source, (str, Path)):
        from ..checkpoints import load_checkpoint
        return _of_checkpoint(load_checkpoint(source), str(source), sample, labels, candidate_features, layout)
    if type(source).__name__ == "Checkpoint" and hasattr(source, "tensors"):
        return _of_checkpoint(source, "the checkpoint", sample, labels, candidate_features, layout)
    module = libraries.module_of(source)
    dump: Dump = module.read(source, candidate_features)
    if layout is not None and layout != dump.library:
        raise ExportError(f"layout: {layout!r} was given, but the model is one of {dump.library}; leave it out")
    if sample is not None:
        module.observe(source, dump, sample, labels)
    elif labels is not None:
        raise ExportError("labels: they belong to a sample, which is missing")
    return Source(dump, dump.library, "the model", proof_of_dump(dump))


def _of_dump(dump: Dump, name: str, sample: Any, labels: Any, layout: Optional[str]) -> Source:
    proof = proof_of_dump(dump) if sample is None else proof_of_sample(sample, labels)
    if sample is None and labels is not None:
        if proof is None:
            raise ExportError("labels: they belong to a sample, and this dump has none")
        proof.labels = labels_of(labels, proof)
    return Source(dump, layout or dump.library, name, proof)


def _of_checkpoint(checkpoint: Any, name: str, sample: Any, labels: Any, candidate_features: Optional[Sequence[str]],
                   layout: Optional[str]) -> Source:
    if candidate_features is not None:
        raise ExportError("candidate_features: a checkpoint does not hold the features' names; say whose they are in "
                          "answers "
                          "(\"of\": \"candidate\"; augur-convert --explain-layout shows where)")
    if sample is None and labels is not None:
        raise ExportError("labels: they belong to a sample, which is missing")
    chosen = layout or checkpoint.layout
    dump = Dump(library=chosen or "auto", title=f"{chosen or 'a'} checkpoint", tensors=dict(checkpoint.tensors),
                answers=dict(checkpoint.answers), vocabularies=dict(getattr(checkpoint, "vocabularies", None) or {}),
                notes=list(checkpoint.notes))
    return Source(dump, chosen, name, None if sample is None else proof_of_sample(sample, labels))


def merged_answers(told: Mapping[str, Any], given: Optional[Mapping[str, Any]], name: str) -> dict[str, Any]:
    """What the source tells, and what the caller adds. Raises ExportError where they contradict each other."""
    answers = dict(told)
    for key, value in (given or {}).items():
        if key.startswith("?"):
            continue
        if key in answers and not _equal(answers[key], value):
            raise ExportError(f"answers: {key} is {value!r}, but {name} says {answers[key]!r}; leave it out")
        answers.setdefault(key, value)
    return answers


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return one.lower() == other.lower()
    return bool(one == other)
