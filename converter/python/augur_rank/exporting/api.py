"""augur_rank.export: one call from a trained model to a file for the phone, with its proof."""

import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Callable, Optional, Union

import numpy as np

from ..errors import AugurError, ExportError
from .job import Job, PathText
from .report import Report
from .source import read_source

TYPES = ("f32", "fp16", "int8", "int4")


def export(source: Any, path: PathText, *, sample: Any = None, labels: Any = None,
           candidate_features: Optional[Sequence[str]] = None, answers: Union[None, Mapping[str, Any], PathText] = None,
           vocabularies: Union[None, bool, Mapping[str, Any]] = None, layout: Optional[str] = None,
           weights: str = "f32", embeddings: Optional[str] = None, keep_f32: Sequence[str] = (),
           calibrate: Union[None, bool, PathText] = None,
           tolerance: float = 1e-5, quantised_tolerance: float = 0.05,
           sidecars: Optional[Mapping[str, PathText]] = None, dry_run: bool = False,
           progress: Union[None, bool, Callable[[str], None]] = None) -> Report:
    """Writes a trained model as the file that libaugur ranks with, and proves it on your own rows.

    source              a live model (DeepCTR, DeepCTR-Torch, FuxiCTR, RecBole, torch-rechub, the DIEN authors' graph,
                        augur_rank.training); or a Dump, a Checkpoint, or the path of a dump or of a checkpoint
    path                the model file to write. An existing file stays as it is if anything fails
    sample              rows to prove the file on. Of a live model: a batch as the model takes it; its own forward
                        pass, in evaluation mode, scores it, and the file must give the same. Of a checkpoint:
                        (requests, scores), each a list or the path of a JSON-lines file. None: unproven
    labels              0 or 1 for each row of the sample, for the AUC
    candidate_features  the features, besides those of the history, that each candidate has its own value of. Needed
                        only where the library does not tell; the error then lists the names
    answers             a dictionary or a JSON file: answers to the layout's questions that the source does not tell,
                        such as "calibration", "out_of_table" or "name". One that contradicts the source is an error.
                        Of a checkpoint of your own network: its description (docs/description.md)
    vocabularies        table -> {key: row}, a list of keys by row, a column, or a file: the app then gives keys. None:
                        those that the library knows; False: none, so that the app gives rows
    layout              the library, as augur-convert calls it, where a checkpoint does not show it
    weights, embeddings the types in which they are stored: f32, fp16, int8, int4. Without `embeddings`, the tables
                        have the type of the weights, but int8 where these are int4
    keep_f32            parts that stay f32 in a smaller file, such as "head", "attention" or "tables.item"
    calibrate           requests (JSON lines) on which a Dice by batch statistics is measured; True: the sample, which
                        is the default where the library scores a batch by its own statistics. Its scores are then
                        compared with those statistics, also where the file gets others
    tolerance           the largest difference between the f32 file and the library that is let pass. Logits beyond 1
                        are compared in proportion to their size
    quantised_tolerance the same for the scores of fp16, int8 and int4
    sidecars            table -> file: the table's rows go there, and the app attaches it
    dry_run             does all of it, and writes nothing
    progress            True prints what is being done; or a function that takes such a line

    Returns the Report; print it. Raises ExportError if the model cannot be exported, or if the file would not give the
    library's scores: the message then names the first stage that departs. AugurError: a file or an argument is wrong.
    """
    say = progress if callable(progress) else print if progress else lambda text: None
    _check_types(weights, embeddings)
    tolerance = _checked_tolerance("tolerance", tolerance)
    quantised_tolerance = _checked_tolerance("quantised_tolerance", quantised_tolerance)
    if isinstance(keep_f32, str):
        raise ExportError(f"keep_f32: expected a list of parts, such as [{keep_f32!r}], but it is a text")
    stored = embeddings or ("int8" if weights == "int4" else weights)
    say("reading the model")
    read = read_source(source, sample, labels, candidate_features, layout)
    given = _answers_of(answers)
    with tempfile.TemporaryDirectory(prefix="augur-export-") as folder:
        job = Job(read, given, Path(folder), say, tolerance, quantised_tolerance, keep_f32)
        job.calibrate(calibrate)
        job.take_keys(vocabularies)
        tables = {name: str(_absolute(file)) for name, file in (sidecars or {}).items()}
        return job.write(_absolute(path), weights, stored, tables, dry_run)


def _absolute(path: PathText) -> Path:
    return Path(os.fsdecode(path)).absolute()


def _checked_tolerance(name: str, value: Any) -> float:
    """A plain float, whatever number of NumPy it was. Raises ExportError."""
    if not isinstance(value, (int, float, np.number)) or not 0 <= value < float("inf"):
        raise ExportError(f"{name}: expected a number from 0, but it is {value!r}")
    return float(value)


def _check_types(weights: str, embeddings: Optional[str]) -> None:
    for name, value in (("weights", weights), ("embeddings", embeddings)):
        if value is not None and value not in TYPES:
            raise ExportError(f"{name}: expected one of {', '.join(TYPES)}, but it is {value!r}")


def _answers_of(answers: Union[None, Mapping[str, Any], PathText]) -> dict[str, Any]:
    if answers is None:
        return {}
    if isinstance(answers, Mapping):
        return dict(answers)
    try:
        document = json.loads(Path(os.fspath(answers)).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise AugurError(f"answers: {os.fspath(answers)}: {error}") from error
    if not isinstance(document, dict):
        raise AugurError(f"answers: {os.fspath(answers)}: expected a JSON object, but it is a "
                         f"{type(document).__name__}")
    return document
