"""augur_rank.export of checkpoints: what their files tell, and wrong answers with the library's own scores."""

import json
import shutil
import tempfile
import unittest
from pathlib import Path
from typing import Any

import augur_rank as augur
from augur_rank.checkpoints import load_checkpoint

from .models import LIBRARIES


class CheckpointTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.path = self.folder / "model.augur"

    def sample(self, name: str) -> tuple[Path, Path]:
        return LIBRARIES / name / "requests.jsonl", LIBRARIES / name / "scores.jsonl"

    def answers(self, name: str, **changed: Any) -> dict[str, Any]:
        return {**json.loads((LIBRARIES / name / "answers.json").read_text()), **changed}

    def test_a_file_and_its_answers(self) -> None:
        report = augur.export(LIBRARIES / "deepctr-torch" / "whole_model.pt", self.path, layout="deepctr-torch",
                              answers=LIBRARIES / "deepctr-torch" / "answers.json", sample=self.sample("deepctr-torch"))
        self.assertTrue(report.proven)
        self.assertEqual(report.rows, 144)
        self.assertIn("whole_model.pt)", str(report))
        self.assertIn("PyTorch checkpoint", report.title)

    def test_a_checkpoint_object(self) -> None:
        checkpoint = load_checkpoint(LIBRARIES / "recbole-pth" / "DIEN.pth")
        answers = self.answers("recbole-pth")
        report = augur.export(checkpoint, self.path, answers=answers, sample=self.sample("recbole-pth"), weights="fp16",
                              vocabularies=False)
        self.assertTrue(report.proven)
        self.assertEqual(report.layout, "recbole")

    def test_open_questions(self) -> None:
        message = r"(?s)does not tell everything.*\n  max_history \(whole number\): "
        with self.assertRaisesRegex(augur.ExportError, message) as caught:
            augur.export(LIBRARIES / "deepctr-torch" / "dien.safetensors", self.path)
        questions = caught.exception.questions
        self.assertEqual(questions["layout"], "deepctr-torch")
        self.assertIn("maxlen", json.dumps(questions["?max_history"]))
        filled_in = {**questions, **self.answers("deepctr-torch")}
        report = augur.export(LIBRARIES / "deepctr-torch" / "dien.safetensors", self.path, answers=filled_in,
                              sample=self.sample("deepctr-torch"))
        self.assertTrue(report.proven)

    def test_wrong_answers_are_refused(self) -> None:
        """Each of these wrong answers once gave a wrong model without a word."""
        def swapped(names: list[Any], one: int, other: int) -> list[Any]:
            changed = list(names)
            changed[one], changed[other] = changed[other], changed[one]
            return changed

        deepctr, fuxictr = self.answers("deepctr-torch"), self.answers("fuxictr")
        rechub = self.answers("torch-rechub")
        cases: list[tuple[str, dict[str, Any]]] = [
            ("deepctr-torch", {"gru_type": "AGRU"}),
            ("deepctr-torch", {"gru_type": "GRU"}),
            ("deepctr-torch", {"gru_type": "AIGRU"}),
            ("deepctr-torch", {"att_weight_normalization": False}),
            ("deepctr-torch", {"att_activation": "sigmoid"}),
            ("deepctr-torch", {"dnn_activation": "sigmoid"}),
            ("deepctr-torch", {"dnn_activation": "linear"}),
            ("deepctr-torch", {"max_history": 3}),
            ("deepctr-torch", {"task": "regression"}),
            ("deepctr-torch", {"truncation": "oldest", "max_history": 4}),
            ("deepctr-torch", {"sparse": swapped(deepctr["sparse"], 0, 1)}),
            ("deepctr-torch", {"sparse": swapped(deepctr["sparse"], 0, 3)}),
            ("deepctr-torch", {"sparse": deepctr["sparse"][:4]}),
            ("deepctr-torch", {"dense": deepctr["dense"][::-1]}),
            ("deepctr-torch", {"dense": []}),
            ("deepctr-torch", {"history_feature_list": ["item"]}),
            ("recbole", {"gru_type": "AGRU"}),
            ("recbole", {"gru_type": "GRU"}),
            ("recbole", {"softmax": False}),
            ("recbole", {"max_history": 2}),
            ("recbole", {"item_fields": [{"name": "item_id", "rows": 45}]}),
            ("fuxictr", {"gru_type": "AGRU"}),
            ("fuxictr", {"gru_type": "GRU"}),
            ("fuxictr", {"use_attention_softmax": False}),
            ("fuxictr", {"enable_sum_pooling": True}),
            ("fuxictr", {"padding": "pre"}),
            ("fuxictr", {"max_history": 3}),
            ("fuxictr", {"features": swapped(fuxictr["features"], 1, 4)}),
            ("fuxictr", {"features": fuxictr["features"][:-1]}),
            ("torch-rechub", {"padding": "before"}),
            ("torch-rechub", {"padding_idx": -1}),
            ("torch-rechub", {"max_history": 3}),
            ("torch-rechub", {"features": rechub["features"][::-1]}),
            ("torch-rechub", {"target_features": swapped(rechub["target_features"], 0, 1)}),
        ]
        self.path.write_text("the old one")
        for name, change in cases:
            weights = LIBRARIES / name / ("dien.safetensors")
            with self.subTest(name, **change):
                with self.assertRaises(augur.AugurError) as caught:
                    augur.export(weights, self.path, layout=name, answers=self.answers(name, **change),
                                 sample=self.sample(name))
                self.assertGreater(len(str(caught.exception)), 30)
                self.assertEqual(self.path.read_text(), "the old one")
        for name in ("deepctr-torch", "recbole", "fuxictr", "torch-rechub"):  # and the right ones are not
            augur.export(LIBRARIES / name / "dien.safetensors", self.path, layout=name, answers=self.answers(name),
                         sample=self.sample(name))

    def test_a_description(self) -> None:
        """A network of one's own: the description in the place of answers."""
        description = self.folder / "description.json"
        name = "recbole"
        weights = self.folder / "own.safetensors"
        shutil.copy(LIBRARIES / name / "dien.safetensors", weights)
        import subprocess

        from augur_rank import built
        report = self.folder / "report.json"
        subprocess.run([built.command("augur-convert"), "--weights", str(weights), "--layout", name, "--model",
                        str(LIBRARIES / name / "answers.json"), "--out", str(self.path), "--report", str(report)],
                       check=True, capture_output=True)
        description.write_text(json.dumps(json.loads(report.read_text())["description"]))
        made = augur.export(weights, self.path, answers=description, sample=self.sample(name))
        self.assertTrue(made.proven)
        self.assertIsNone(made.layout)

    def test_candidate_features_of_a_checkpoint(self) -> None:
        with self.assertRaisesRegex(augur.AugurError, "does not hold the features' names"):
            augur.export(LIBRARIES / "recbole" / "dien.safetensors", self.path, candidate_features=["item_id"])


if __name__ == "__main__":
    unittest.main()
