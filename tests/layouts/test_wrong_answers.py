"""No wrong answer gives a wrong model without a word: each of wrong_answers.py is refused by the checkpoint, or by the
library's scores, or it gives these scores."""

import json
import os
import subprocess
import sys
import unittest
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Dict, List

import deepctr_torch
import fuxictr
import recbole
from deepctr_keras import Model
from harness import WRITERS, Case, LayoutTest
from test_deepctr_keras import RICH, make_case
from wrong_answers import DEEPCTR, TORCH, Outcome, Wrong

LIBRARIES = Path(__file__).resolve().parent / "libraries"
ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / "converter" / "python"
TOLERANCE = "1e-5"
UNPROVEN = "nothing shows that its scores are those of the trained model"
KERAS_GRU = Model("GRU", sparse=(("user", "user"), ("gender", "city"), ("item", "item"), ("cate", "cate")),
                  dense=(("score", 1),))
KERAS_RICH = Model("AIGRU", sparse=(("gender", "city"), ("cate", "cate"), ("user", "user"), ("shop", "shop"),
                                    ("item", "item")), candidate=("item", "cate", "shop", "price"),
                   pooled=(("genres", "tag", "mean"),), dense=(("score", 1), ("image", 3), ("price", 1)))
# Checkpoints that the libraries trained, outside of the repository: which of the small ones they are like; folder and
# file; what their answers lack.
REAL = {
    "keras-gru": ("tf/deepctr-gru-defaults", "saver/dien.ckpt", {}),
    "keras-aigru": ("tf/deepctr-aigru-rich", "saver/dien.ckpt", {}),
    "keras-bn-dice": ("tf/deepctr-gru-bn-dice", "saver/dien.ckpt", {}),
    "keras-rich": ("tf/deepctr-aigru-rich", "saver/dien.ckpt", {}),
    "deepctr-torch": ("torch/deepctr-torch-augru-all-ways", "state.pt", {}),
    "recbole": ("torch/recbole-all-ways", "state.pt", {}),
    "fuxictr-rich": ("torch/pt-fuxictr-rich", "DIEN.model", {"padding": "post"}),
    "torch-rechub": ("torch/torch-rechub-tags-mean", "state.pt", {"padding": "after"}),
}


def keras_cases() -> Dict[str, Case]:
    return {
        "keras-gru": make_case(KERAS_GRU),
        "keras-aigru": make_case(Model("AIGRU")),
        "keras-augru": make_case(Model("AUGRU")),
        "keras-nonorm": make_case(Model("GRU", normalise=False, att_activation="sigmoid")),
        "keras-bn-dice": make_case(Model("GRU", use_bn=True, dnn_activation="dice")),
        "keras-rich": make_case(KERAS_RICH),
        "keras-renamed": make_case(replace(RICH, gru_type="AIGRU", pooled=RICH.pooled[:1])),
        "keras-shared-bag": make_case(replace(RICH, pooled=(("tags", "tag", "sum"), ("liked", "item", "mean")))),
        "keras-apart": make_case(replace(Model("AUGRU"), history=(("item", "other_item"), ("cate", "cate")))),
    }


def torch_cases() -> Dict[str, Case]:
    return {
        "torch-gru": deepctr_torch.case(deepctr_torch.Mode("GRU", suffix=".npz")),
        "torch-att-dice": deepctr_torch.case(deepctr_torch.Mode("AUGRU", att="dice", suffix=".npz")),
        "recbole-rich": recbole.case(recbole.Mode("AUGRU", extra=True)),
        "fuxictr-rich": fuxictr.case(fuxictr.Mode("AUGRU", suffix=".npz")),
        "fuxictr-relu": fuxictr.case(fuxictr.Mode("AUGRU", norm="none", suffix=".npz")),
        "fuxictr-shared": fuxictr.case(fuxictr.Mode("AUGRU", shared=True, suffix=".npz")),
    }


@dataclass
class Proven:
    """A checkpoint with its right answers, and the files that prove them."""

    layout: str
    weights: Path
    answers: Dict[str, Any]
    requests: Path
    scores: Path


class WrongAnswers(LayoutTest):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.checkpoints: Dict[str, Proven] = {}

    def library(self, name: str) -> Proven:
        folder = LIBRARIES / name
        answers = json.loads((folder / "answers.json").read_text(encoding="utf-8"))
        is_keras = name == "deepctr-keras-saver"
        weights = folder / ("dien.ckpt" if is_keras else "dien.safetensors")
        return Proven("deepctr-keras" if is_keras else name, weights, answers, folder / "requests.jsonl",
                      folder / "scores.jsonl")

    def written(self, name: str, case: Case) -> Proven:
        weights, requests, scores = (self.folder / f"{name}{end}" for end in (case.suffix, ".requests", ".scores"))
        WRITERS[case.suffix](weights, {**case.tensors, **case.beside})
        requests.write_text("".join(json.dumps({"id": str(i), **request}) + "\n"
                                    for i, request in enumerate(case.requests)))
        scores.write_text("".join(json.dumps({"id": str(i), "logits": logits.tolist()}) + "\n"
                                  for i, logits in enumerate(case.expected())))
        return Proven(case.layout, weights, case.answers, requests, scores)

    def convert_answers(self, proven: Proven, answers: Dict[str, Any], *options: Any) -> Any:
        file = self.folder / "answers.json"
        file.write_text(json.dumps(answers))
        return self.run_command(self.convert_command, "--weights", proven.weights, "--layout", proven.layout, "--model",
                                file, "--dry-run", *options)

    def check_wrong(self, proven: Proven, wrong: Wrong) -> None:
        answers = wrong.answers(proven.answers)
        evidence = ("--validate", proven.requests, "--expect", proven.scores, "--tolerance", TOLERANCE)
        alone, shown = (self.convert_answers(proven, answers, *options) for options in ((), evidence))
        if wrong.outcome is Outcome.REFUSED:
            for done in (alone, shown):
                self.assertEqual(done.returncode, 1, "converts, but the checkpoint contradicts it")
                for word in wrong.words:
                    self.assertIn(word, done.stderr)
            return
        self.assertEqual(alone.returncode, 0, alone.stderr)
        self.assertIn(UNPROVEN, alone.stdout)
        for word in wrong.words:
            self.assertIn(word, alone.stderr)
        if wrong.outcome is Outcome.HARMLESS:
            self.assertEqual(shown.returncode, 0, shown.stderr)
            self.assertNotIn("unproven", shown.stdout)
            return
        if wrong.outcome is Outcome.LONGER and shown.returncode == 0:
            self.assertIn("scores do not show whether max_history", shown.stderr)
            return
        self.assertEqual(shown.returncode, 1, "converts, and gives other scores")
        differs = "the converted model's answers are not those expected: they differ by"
        self.assertIn("has no field" if wrong.outcome is Outcome.OTHER else differs, shown.stderr)

    def real(self, folder: Path, checkpoint: str, missing: Dict[str, Any]) -> Proven:
        """A checkpoint of the external test data; PyTorch's become .safetensors."""
        layout = "deepctr-keras" if folder.parent.name == "tf" else next(
            name for name in ("deepctr-torch", "recbole", "fuxictr", "torch-rechub") if name in folder.name)
        weights, answers = folder / checkpoint, folder / "answers.json"
        if layout == "deepctr-keras":
            return Proven(layout, weights, json.loads((folder / "dien.json").read_text(encoding="utf-8")),
                          folder / "requests.jsonl", folder / "scores.jsonl")
        exported = self.folder / f"{folder.name}.safetensors"
        command = [sys.executable, "-B", "-m", "augur_rank", "weights", weights, exported]
        done = subprocess.run([str(word) for word in command], cwd=PYTHON, capture_output=True, text=True, timeout=120,
                              check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return Proven(layout, exported, {**json.loads(answers.read_text(encoding="utf-8")), **missing},
                      folder / "requests.jsonl", folder / "expected.jsonl")

    def check_list(self, cases: Dict[str, Case], answers: List[Wrong]) -> None:
        checkpoints = {name: self.written(name, case) for name, case in cases.items()}
        for name in {wrong.checkpoint for wrong in answers} - set(cases):
            checkpoints[name] = self.library(name)
        self.check_all(checkpoints, answers)

    def check_all(self, checkpoints: Dict[str, Proven], answers: List[Wrong]) -> None:
        for name, proven in checkpoints.items():
            with self.subTest("the right answers", checkpoint=name):
                done = self.convert_answers(proven, proven.answers, "--validate", proven.requests, "--expect",
                                            proven.scores, "--tolerance", TOLERANCE)
                self.assertEqual(done.returncode, 0, done.stderr)
        for wrong in answers:
            with self.subTest(wrong.what, checkpoint=wrong.checkpoint):
                self.check_wrong(checkpoints[wrong.checkpoint], wrong)

    def test_no_answer_gives_another_model_without_a_word(self) -> None:
        """How many there are of each kind; docs/layouts.md states the sums."""
        counts = Counter(wrong.outcome for wrong in DEEPCTR + TORCH)
        self.assertEqual(counts, {Outcome.REFUSED: 38, Outcome.PROVEN: 30, Outcome.LONGER: 1, Outcome.HARMLESS: 9,
                                  Outcome.OTHER: 3})
        text = (ROOT / "docs" / "layouts.md").read_text(encoding="utf-8")
        self.assertIn("81 wrong answers: 38 are refused by the checkpoint, 34 by scores or requests, and 9 change nothing",
                      " ".join(text.split()))

    def test_deepctr(self) -> None:
        self.check_list(keras_cases(), DEEPCTR)

    def test_torch_libraries(self) -> None:
        self.check_list(torch_cases(), TORCH)

    def test_checkpoints_that_the_libraries_trained(self) -> None:
        folder = Path(os.environ.get("AUGUR_TEST_DATA") or "missing").parent / "real"
        if not folder.is_dir():
            self.skipTest("AUGUR_TEST_DATA has no folder \"real\" beside it")
        checkpoints = {name: self.real(folder / of, checkpoint, missing)
                       for name, (of, checkpoint, missing) in REAL.items()}
        self.check_all(checkpoints, [wrong for wrong in DEEPCTR + TORCH if wrong.checkpoint in checkpoints])


if __name__ == "__main__":
    unittest.main()
