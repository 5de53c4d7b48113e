"""One real model: how it is trained, and what its export shows. The libraries' own packages make all models here.

A file of cases has a list CASES. Each case trains a small model for some seconds and returns a Trained; run_cases
exports it, compares the library's own scores with the file's, and prints a line. A line of results is a JSON object:

    library     "DeepCTR-Torch 0.3.0"
    mode        "AUGRU, softmax": what is special about this model
    given       what export was told besides the sample: "candidate_features", or ""
    rows        how many rows were compared
    range       the least and the greatest of the library's scores: a model whose scores are all alike shows nothing
    score       the largest difference of a score
    logit       the same of a logit, or null
    stages      the stages of the network whose values were compared, too, and agree
    error       what failed, or null
    seconds     of training and export
"""

import json
import tempfile
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable, Optional

import augur_rank
from augur_rank import libraries
from augur_rank.dump import read_dump
from augur_rank.exporting.conversion import Conversion, save_tensors
from augur_rank.exporting.proof import write_lines
from augur_rank.exporting.trace import compare

TOLERANCE = 1e-5  # of a score in f32


@dataclass
class Trained:
    """A trained model, and what is exported with it."""

    source: Any  # what augur_rank.export takes: a live model, or the path of a dump
    sample: Any = None
    labels: Any = None
    more: dict[str, Any] = field(default_factory=dict)  # further arguments of export


@dataclass
class Case:
    """A mode of a library."""

    library: str
    mode: str
    train: Callable[[], Trained]


def run_cases(cases: Sequence[Case], results: Path, only: Optional[str] = None) -> int:
    """Runs the cases whose names have `only` in them, and writes their results. Returns how many failed."""
    failed = 0
    results.parent.mkdir(parents=True, exist_ok=True)
    with open(results, "w", encoding="utf-8") as file:
        for case in cases:
            if only and only.lower() not in f"{case.library} {case.mode}".lower():
                continue
            row = _run(case, results.parent / "model.augur")
            failed += row["error"] is not None
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            file.flush()
            what = row["error"] or f"{row['rows']:5d} rows, score {row['score']:.1e}"
            word = "FAILED" if row["error"] else "ok"
            print(f"{word:6s} {case.library}, {case.mode}: {what} ({row['seconds']:.1f} s)", flush=True)
    return failed


def _run(case: Case, path: Path) -> dict[str, Any]:
    begin = time.monotonic()
    row: dict[str, Any] = {"library": case.library, "mode": case.mode, "given": "", "rows": 0, "score": None,
                           "logit": None, "stages": [], "error": None}
    try:
        trained = case.train()
        row["given"] = ", ".join(trained.more)
        report = augur_rank.export(trained.source, path, sample=trained.sample, labels=trained.labels,
                                   tolerance=TOLERANCE, **trained.more)
        if report.f32 is None:
            raise AssertionError("the export is unproven: no sample")
        row.update(rows=report.rows, score=report.f32.score, logit=report.f32.logit, range=report.score_range)
        if report.score_range is None or report.score_range[1] - report.score_range[0] < 0.05:
            raise AssertionError(f"the library's scores are all alike: {report.score_range}")
        row["stages"] = _compare_stages(trained)
        if not report.f32.score <= TOLERANCE:
            raise AssertionError(f"scores differ by {report.f32.score:.1e}")
    except Exception as error:  # a case must not end the run
        row["error"] = f"{type(error).__name__}: {error}".splitlines()[0]
        if not isinstance(error, augur_rank.AugurError):
            traceback.print_exc()
        else:
            print(error)
    row["seconds"] = round(time.monotonic() - begin, 2)
    return row


def _compare_stages(trained: Trained) -> list[str]:
    """The stages of the library's forward pass that agree with the file's. Raises AssertionError if one departs."""
    if isinstance(trained.source, (str, Path)):
        dump = read_dump(trained.source)
    else:
        module = libraries.module_of(trained.source)
        dump = module.read(trained.source, trained.more.get("candidate_features"))
        module.observe(trained.source, dump, trained.sample, trained.labels)
    with tempfile.TemporaryDirectory() as folder:
        conversion = Conversion(Path(folder), lambda path: save_tensors(dump.tensors, path), dump.library, dump.answers,
                                dump.files)
        plain = Path(folder) / "plain.augur"  # without keys, as the requests are by rows here
        requests = Path(folder) / "requests.jsonl"
        write_lines(requests, dump.requests)
        conversion.convert(plain, options=["--calibrate", str(requests)] if dump.calibrate else [])
        lines = conversion.trace(plain, requests)
    stages = compare(dump.trace, lines, [request["id"] for request in dump.requests])
    for stage in stages:
        if not stage.agrees:
            raise AssertionError(f"stage {stage.name}: {stage.what}")
    if not stages:
        raise AssertionError("no stage could be compared")
    return [stage.name for stage in stages]
