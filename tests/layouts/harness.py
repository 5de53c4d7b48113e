"""Converts checkpoints through a layout, ranks with the result, and compares with a float64 reference.

    Case                 a checkpoint, the answers to the layout's questions, requests, the reference
    LayoutTest           a unittest.TestCase with the checks that every library's tests share:
        check(case)            the scores equal the reference's
        check_keys(case, ...)  so they do with keys in place of rows
        check_swap(case, ...)  with one choice of the description changed, they do not
        refused(case, ...)     the conversion fails and says why

AUGUR_CONVERT and AUGUR_RANK name the built commands; without them the tests are skipped.
"""

import copy
import json
import os
import struct
import subprocess
import sys
import tempfile
import unittest
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "converter" / "python"))

from augur_rank.checkpoints import CheckpointError, load_checkpoint  # noqa: E402

Tensors = Dict[str, np.ndarray]
Request = Dict[str, Any]
# From a column's name and a value in it to the key that the app would give.
ToKey = Callable[[str, Any], Any]

PROBABILITY_TOLERANCE = 1e-5
LOGIT_TOLERANCE = 2e-5  # times max(1, |logit|)
# A changed choice counts as seen when some probability is off by twice the tolerance.
SEEN = 2 * PROBABILITY_TOLERANCE


def write_safetensors(path: Path, tensors: Tensors) -> None:
    """float32 tensors: the header's length, the header in JSON, the bytes."""
    header, blocks, offset = {}, [], 0
    for name, tensor in tensors.items():
        block = np.ascontiguousarray(tensor, dtype="<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape),
                        "data_offsets": [offset, offset + len(block)]}
        blocks.append(block)
        offset += len(block)
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(blocks))


def write_npz(path: Path, tensors: Tensors) -> None:
    np.savez(path, **{name: np.asarray(tensor, np.float32) for name, tensor in tensors.items()})


WRITERS = {".safetensors": write_safetensors, ".npz": write_npz}
# What augur-convert reads itself. Other files reach it as `python3 -m augur_rank convert` hands them over.
READ_DIRECTLY = (".safetensors", ".npz", ".index")


@dataclass
class Case:
    """A checkpoint and what the library would answer."""

    name: str
    layout: str
    tensors: Tensors
    answers: Dict[str, Any]
    requests: List[Request]
    # The logits of a request's candidates, computed from the tensors in float64.
    reference: Callable[[Tensors, Request], np.ndarray]
    suffix: str = ".safetensors"
    # Further tensors of the checkpoint: given to the converter, but not part of the reference.
    beside: Tensors = field(default_factory=dict)

    def expected(self) -> List[np.ndarray]:
        wide = {name: np.asarray(np.float32(tensor), np.float64)
                for name, tensor in self.tensors.items()}
        return [self.reference(wide, request) for request in self.requests]


@dataclass
class Answer:
    scores: np.ndarray
    logits: np.ndarray


class Weights:
    """Random weights from a fixed seed, large enough that every part of the model matters."""

    def __init__(self, seed: int):
        self.random = np.random.default_rng(seed)
        self.tensors: Tensors = {}

    def normal(self, name: str, *shape: int, scale: Optional[float] = None) -> None:
        """Normal values, scaled by a matrix's number of inputs so that its outputs are of the order of 1."""
        if scale is None:
            scale = 1.2 / np.sqrt(shape[-1]) if len(shape) > 1 else 0.4
        self.tensors[name] = np.float32(self.random.normal(0, scale, shape))

    def uniform(self, name: str, low: float, high: float, *shape: int) -> None:
        self.tensors[name] = np.float32(self.random.uniform(low, high, shape))

    def table(self, name: str, rows: int, dim: int, padding: bool = True) -> None:
        """An embedding table; row 0 is zero where it is the library's padding_idx."""
        self.normal(name, rows, dim, scale=0.9)
        if padding:
            self.tensors[name][0] = 0

    def linear(self, name: str, outputs: int, inputs: int, bias: bool = True) -> None:
        self.normal(f"{name}.weight", outputs, inputs)
        if bias:
            self.normal(f"{name}.bias", outputs)

    def batch_norm(self, name: str, units: int, affine: bool = True) -> None:
        if affine:
            self.uniform(f"{name}.weight", 0.6, 1.5, units)
            self.normal(f"{name}.bias", units)
        self.normal(f"{name}.running_mean", units)
        self.uniform(f"{name}.running_var", 0.3, 1.8, units)
        self.tensors[f"{name}.num_batches_tracked"] = np.float32(7)

    def torch_gru(self, name: str, units: int, inputs: int) -> None:
        self.normal(f"{name}.weight_ih_l0", 3 * units, inputs)
        self.normal(f"{name}.weight_hh_l0", 3 * units, units)
        self.normal(f"{name}.bias_ih_l0", 3 * units)
        self.normal(f"{name}.bias_hh_l0", 3 * units)


def lengths_up_to(longest: int) -> List[int]:
    """Every history length from none to one more than the model keeps."""
    return list(range(longest + 2))


def rewritten(request: Request, to_key: ToKey) -> Request:
    """The request with every value of its columns through to_key."""
    def walk(name: str, value: Any) -> Any:
        if isinstance(value, dict):
            return {inner: walk(inner, values) for inner, values in value.items()}
        return [walk(name, v) for v in value] if isinstance(value, list) else to_key(name, value)

    parts = {part: walk("", request[part]) for part in ("features", "history", "candidates")}
    return {**request, **parts}


class LayoutTest(unittest.TestCase):
    """Runs the commands in a temporary folder, which is removed with the class."""

    folder: Path

    @classmethod
    def setUpClass(cls) -> None:
        cls.convert_command = os.environ.get("AUGUR_CONVERT", "")
        cls.rank_command = os.environ.get("AUGUR_RANK", "")
        if not cls.convert_command or not cls.rank_command:
            raise unittest.SkipTest("AUGUR_CONVERT and AUGUR_RANK do not name the built commands")
        cls._temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls._temporary.cleanup)
        cls.folder = Path(cls._temporary.name)
        # By id(case); the case is kept too, so that no other object can get its id.
        cls._descriptions: Dict[int, Tuple[Case, Dict[str, Any]]] = {}

    # ------------------------------------------------------------------------------- the commands

    def run_command(self, *arguments: Any) -> "subprocess.CompletedProcess[str]":
        return subprocess.run([str(a) for a in arguments], capture_output=True, text=True,
                              timeout=120, check=False)

    def run_package(self, *arguments: Any) -> "subprocess.CompletedProcess[str]":
        """python3 -m augur_rank …, which finds the built commands where AUGUR_CONVERT is."""
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "converter" / "python"),
                       "AUGUR_BUILD": str(Path(self.convert_command).resolve().parents[1])}
        return subprocess.run([sys.executable, "-B", "-m", "augur_rank", *map(str, arguments)], capture_output=True,
                              text=True, timeout=120, check=False, env=environment)

    def run_convert(self, weights: Path, *arguments: Any) -> "subprocess.CompletedProcess[str]":
        """augur-convert on a checkpoint of any kind."""
        if weights.suffix in READ_DIRECTLY or not weights.exists():  # a bundle's prefix
            return self.run_command(self.convert_command, "--weights", weights, *arguments)
        return self.run_package("convert", "--weights", weights, *arguments)

    def write(self, case: Case) -> Path:
        path = self.folder / f"checkpoint{case.suffix}"
        WRITERS[case.suffix](path, {**case.tensors, **case.beside})
        return path

    def try_convert(self, case: Case, layout: Optional[str] = None,
                    description: Optional[Dict[str, Any]] = None,
                    options: Sequence[Any] = ()) -> "subprocess.CompletedProcess[str]":
        """Converts with the case's layout and answers, or with a description."""
        model = self.folder / "model.json"
        model.write_text(json.dumps(case.answers if description is None else description))
        try:
            weights, notes = self.handed_over(self.write(case))
        except CheckpointError as error:
            return subprocess.CompletedProcess([], 1, "", f"augur-convert: {error}\n")
        arguments = ["--weights", weights, "--model", model,
                     "--out", self.folder / "model.augur", "--report", self.folder / "report.json",
                     *options]
        if description is None:
            arguments += ["--layout", layout or case.layout]
        done = self.run_command(self.convert_command, *arguments)
        done.stderr = notes + done.stderr
        return done

    def handed_over(self, weights: Path) -> Tuple[Path, str]:
        """The file that augur-convert reads in the place of this one, and what the user is told."""
        if not weights.exists() or weights.suffix in READ_DIRECTLY:
            return weights, ""
        checkpoint = load_checkpoint(weights, keep_names=True)
        path = self.folder / "handed-over.safetensors"
        checkpoint.save(path, as_original=True)
        return path, "".join(f"{note}\n" for note in checkpoint.notes)

    def convert(self, case: Case, **options: Any) -> Dict[str, Any]:
        """Converts; returns the report."""
        done = self.try_convert(case, **options)
        self.assertEqual(done.returncode, 0, f"{case.name}: {done.stderr}")
        return json.loads((self.folder / "report.json").read_text())

    def rank(self, requests: Sequence[Request]) -> List[Answer]:
        lines = "".join(json.dumps({"id": str(i), **request}) + "\n"
                        for i, request in enumerate(requests))
        path = self.folder / "requests.jsonl"
        path.write_text(lines)
        done = self.run_command(self.rank_command, self.folder / "model.augur", "--requests", path)
        self.assertEqual(done.returncode, 0, done.stderr)
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual(len(answers), len(requests))
        return [Answer(np.array(a["scores"]), np.array(a["logits"])) for a in answers]

    # ------------------------------------------------------------------------------------- checks

    def compare(self, case: Case, answers: Sequence[Answer]) -> None:
        for request, logits, answer in zip(case.requests, case.expected(), answers):
            what = f"{case.name}, request {json.dumps(request)}"
            self.assertTrue(np.isfinite(logits).all(), f"{what}: the reference is not finite")
            self.assertEqual(answer.logits.shape, logits.shape, what)
            scores = 1 / (1 + np.exp(-logits))
            np.testing.assert_array_less(np.abs(answer.scores - scores), PROBABILITY_TOLERANCE,
                                         what)
            np.testing.assert_array_less(np.abs(answer.logits - logits),
                                         LOGIT_TOLERANCE * np.maximum(1, np.abs(logits)), what)

    def check(self, case: Case, layout: Optional[str] = None) -> Dict[str, Any]:
        """The converted model's scores equal the reference's. Returns the report."""
        report = self.convert(case, layout=layout)
        self.assertEqual(report["layout"], case.layout)
        self.compare(case, self.rank(case.requests))
        return report

    def check_keys(self, case: Case, to_key: ToKey, *options: Any, **answers: Any) -> Dict[str, Any]:
        """With keys in place of the requests' rows the scores are the same. Returns the report."""
        report = self.convert(replace(case, answers={**case.answers, **answers}), options=options)
        self.compare(case, self.rank([rewritten(request, to_key) for request in case.requests]))
        return report

    def check_swap(self, case: Case, what: str, edit: Callable[[Dict[str, Any]], None]) -> None:
        """With the edited description the scores differ, so the tests would notice such a mistake."""
        if id(case) not in self._descriptions:
            self._descriptions[id(case)] = (case, self.convert(case)["description"])
        original = self._descriptions[id(case)][1]
        description = copy.deepcopy(original)
        edit(description)
        self.assertNotEqual(description, original, f"{what}: edits nothing")
        self.convert(case, description=description)
        answers = self.rank(case.requests)
        furthest = max(float(np.abs(answer.scores - 1 / (1 + np.exp(-logits))).max())
                       for logits, answer in zip(case.expected(), answers))
        self.assertGreater(furthest, SEEN, f"{case.name}: {what} changes no score")

    def refused(self, case: Case, *words: str, layout: Optional[str] = None,
                **answers: Any) -> None:
        """The conversion fails with status 1 and a message that holds every word."""
        given = {**case.answers, **answers}
        given = {key: value for key, value in given.items() if value is not None}
        done = self.try_convert(replace(case, answers=given), layout=layout)
        self.assertEqual(done.returncode, 1, f"{case.name}: converted, but must be refused")
        for word in words:
            self.assertIn(word, done.stderr)
