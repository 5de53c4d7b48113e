"""Runs augur-convert, augur-rank and augur-inspect over a model that lies in a temporary folder."""

import json
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Optional

import numpy as np

from .. import built
from ..arrays import Array
from ..errors import AugurError
from ..files import safetensors_file
from ..vocabularies import Vocabulary, vocabulary_arguments
from .proof import Proof, ProofFiles, read_lines, write_lines


class CommandFailed(AugurError):
    """What a command said when it failed."""


class Conversion:
    """The files of one model, and the runs of the commands over them."""

    def __init__(self, folder: Path, save: Callable[[Path], None], layout: Optional[str], answers: Mapping[str, Any],
                 files: Mapping[str, bytes]):
        """Writes the weights with `save`, and the answers, in which paths of `files` lead to copies of these.

        layout: None converts by a description, which `answers` then is.
        """
        self.folder = folder
        self.weights, self.answers = folder / "weights.safetensors", folder / "answers.json"
        save(self.weights)
        found = _with_files(folder, files, answers)
        try:
            self.answers.write_text(json.dumps(found, ensure_ascii=False, indent=1), encoding="utf-8")
        except (TypeError, ValueError) as error:
            raise AugurError(f"answers: they cannot be written as JSON: {error}") from error
        self.input = ["--weights", str(self.weights), "--model", str(self.answers)]
        self.input += [] if layout is None else ["--layout", layout]
        self.more: list[str] = []  # options of every run from now on

    def add_vocabularies(self, vocabularies: Mapping[str, Vocabulary]) -> None:
        """Takes the keys of tables along in every run from now on."""
        self.more += vocabulary_arguments(vocabularies, self.folder)

    def convert(self, out: Path, proof: Optional[ProofFiles] = None, tolerance: float = 0.0,
                options: Sequence[str] = ()) -> dict[str, Any]:
        """Writes the model file, and returns the report of augur-convert. Raises CommandFailed."""
        report = self.folder / "report.json"
        arguments = ["augur-convert", *self.input, "--out", str(out), "--report", str(report), *self.more, *options]
        if proof is not None:
            arguments += ["--validate", str(proof.requests), "--expect", str(proof.scores)]
            arguments += ["--tolerance", repr(tolerance)]
        self._run(arguments)
        found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
        return found

    def ask(self) -> dict[str, Any]:
        """The questions that need an answer, as JSON to fill in; {} if there are none."""
        questions = self.folder / "questions.json"
        try:
            self._run(["augur-convert", *self.input, "--ask", str(questions)])
        except CommandFailed:
            if questions.is_file():
                found: dict[str, Any] = json.loads(questions.read_text(encoding="utf-8"))
                return found
        return {}

    def rank(self, model: Path, proof: Proof, tables: Mapping[str, str]) -> tuple[list[Array], list[Array]]:
        """The scores and the logits of a model file, an array a request."""
        requests, answers = self.folder / "rank.requests.jsonl", self.folder / "rank.answers.jsonl"
        write_lines(requests, proof.requests)
        sidecars = [text for name, path in tables.items() for text in ("--table", f"{name}={path}")]
        self._run(["augur-rank", str(model), "--requests", str(requests), "--out", str(answers), *sidecars])
        lines = read_lines(answers)
        return ([np.asarray(line["scores"], np.float64) for line in lines],
                [np.asarray(line["logits"], np.float64) for line in lines])

    def trace(self, model: Path, requests: Path) -> list[dict[str, Any]]:
        """The intermediate values of the float64 evaluation, a request a line."""
        text = self._run(["augur-inspect", str(model), "--trace", str(requests)])
        return [json.loads(line) for line in text.splitlines() if line.strip()]

    def _run(self, arguments: Sequence[str]) -> str:
        name = arguments[0]
        try:
            done = subprocess.run([built.command(name), *arguments[1:]], check=False, stdin=subprocess.DEVNULL,
                                  capture_output=True)
        except OSError as error:
            raise AugurError(f"{name} cannot be run: {error}") from error
        if done.returncode != 0:
            raise CommandFailed(self._readable(name, done.returncode, done.stderr.decode("utf-8", "replace")))
        return done.stdout.decode("utf-8", "replace")

    def _readable(self, name: str, status: int, text: str) -> str:
        """A command's message in the words of the caller, who knows nothing of the temporary files."""
        lines = [line for line in text.strip().splitlines() if ": warning: " not in line]
        lines = [line[len(name) + 2:] if line.startswith(f"{name}: ") else line for line in lines]
        found = "\n".join(lines) or f"{name} ended with status {status}"
        for path, words in ((self.weights, "the model"), (self.answers, "answers")):
            found = found.replace(str(path), words)
        return found.replace(f"{self.folder}/", "")


def save_tensors(tensors: Mapping[str, Any], path: Path) -> None:
    """Writes tensors in their own order, which the file tells. Raises AugurError for one that holds no numbers."""
    stored = {name: _storable(name, tensor) for name, tensor in tensors.items()}
    safetensors_file.save(str(path), stored, {"augur.order": json.dumps(list(stored))})


def _with_files(folder: Path, files: Mapping[str, bytes], answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers, in which the paths of files that a dump brought lead to copies of these."""
    copies = {}
    for at, (path, content) in enumerate(files.items()):
        copies[path] = folder / f"file{at}-{Path(path).name}"
        copies[path].write_bytes(content)

    def renamed(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: renamed(one) for key, one in value.items()}
        if isinstance(value, (list, tuple)):
            return [renamed(one) for one in value]
        return str(copies[value]) if isinstance(value, str) and value in copies else value

    return {key: renamed(value) for key, value in answers.items()}


def _storable(name: str, tensor: Any) -> Array:
    """The tensor in a type that .safetensors files have here."""
    array: Array = np.asarray(tensor)
    if array.dtype == np.bool_ or array.dtype.kind in "iu":
        return array.astype(np.int64)
    if array.dtype.kind == "f":
        return array if array.dtype.itemsize in (2, 4, 8) else array.astype(np.float64)
    raise AugurError(f"tensor {name!r}: expected numbers, but it is of type {array.dtype}")
