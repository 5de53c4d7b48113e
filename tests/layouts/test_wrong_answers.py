"""No wrong answer gives a wrong model without a word: each of wrong_answers.py is refused by the checkpoint, or by the
library's scores, or it gives these scores."""

import json
import unittest
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
TOLERANCE = "1e-5"
UNPROVEN = "nothing shows that its scores are those of the trained model"
GRU = Model("GRU", sparse=(("user", "user"), ("city", "city"), ("item", "item"), ("cate", "cate")), dense=(("score", 1),))


def keras_cases() -> Dict[str, Case]:
    return {
        "keras-gru": make_case(GRU),
        "keras-aigru": make_case(Model("AIGRU")),
        "keras-augru": make_case(Model("AUGRU")),
        "keras-nonorm": make_case(Model("GRU", normalise=False, att_activation="sigmoid")),
        "keras-bn-dice": make_case(Model("GRU", use_bn=True, dnn_activation="dice")),
        "keras-rich": make_case(replace(RICH, gru_type="AIGRU", pooled=RICH.pooled[:1])),
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
        layout, weights = ("deepctr-keras", "dien.ckpt") if name == "deepctr-keras-saver" else (name, "dien.safetensors")
        return Proven(layout, folder / weights, answers, folder / "requests.jsonl", folder / "scores.jsonl")

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
        if wrong.outcome is Outcome.HARMLESS:
            self.assertEqual(shown.returncode, 0, shown.stderr)
            self.assertNotIn("unproven", shown.stdout)
            return
        self.assertEqual(shown.returncode, 1, "converts, and gives other scores")
        differs = "the converted model's answers are not those expected: they differ by"
        self.assertIn(differs if wrong.outcome is Outcome.PROVEN else "has no field", shown.stderr)

    def check_list(self, cases: Dict[str, Case], answers: List[Wrong]) -> None:
        checkpoints = {name: self.written(name, case) for name, case in cases.items()}
        for name in {wrong.checkpoint for wrong in answers} - set(cases):
            checkpoints[name] = self.library(name)
        for name, proven in checkpoints.items():
            with self.subTest("the right answers", checkpoint=name):
                done = self.convert_answers(proven, proven.answers, "--validate", proven.requests, "--expect",
                                            proven.scores, "--tolerance", TOLERANCE)
                self.assertEqual(done.returncode, 0, done.stderr)
        for wrong in answers:
            with self.subTest(wrong.what, checkpoint=wrong.checkpoint):
                self.check_wrong(checkpoints[wrong.checkpoint], wrong)

    def test_deepctr(self) -> None:
        self.check_list(keras_cases(), DEEPCTR)

    def test_torch_libraries(self) -> None:
        self.check_list(torch_cases(), TORCH)


if __name__ == "__main__":
    unittest.main()
