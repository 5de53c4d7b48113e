"""Dumps that the libraries wrote (tests/layouts/libraries): exported, and no wrong answer passes.

augur_dump.py read every answer from the model, so that nothing is asked. An answer that contradicts the model is
refused when it is given, and a dump whose answers were wrong would be refused by its own scores.
"""

import copy
import json
import subprocess
import tempfile
import unittest
from pathlib import Path
from typing import Any, Callable
from unittest import mock

import numpy as np

import augur_rank as augur
from augur_rank import built
from augur_rank.dump import STAGES, Dump, read_dump
from augur_rank.exporting.trace import compare

LIBRARIES = Path(__file__).resolve().parents[4] / "tests" / "layouts" / "libraries"
AIGRU, VOCABULARY = (LIBRARIES / "deepctr-keras-dump" / name for name in ("aigru.npz", "augru-vocabulary.npz"))
AUTHORS = LIBRARIES / "dien-tf1-dump" / "augru.npz"


class DumpTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "model.augur"

    def refused(self, source: Any, **more: Any) -> str:
        self.path.write_bytes(b"the old one")
        with self.assertRaises(augur.AugurError) as caught:
            augur.export(source, self.path, **more)
        self.assertEqual(self.path.read_bytes(), b"the old one")
        return str(caught.exception)


class Exports(DumpTest):
    def check(self, path: Path, title: str, rows: int) -> None:
        report = augur.export(path, self.path)
        assert report.f32 is not None and report.f32.logit is not None and report.library_auc is not None
        self.assertLessEqual(report.f32.score, 1e-5)
        self.assertLessEqual(report.f32.logit, 1e-4)
        self.assertEqual((report.title, report.rows), (title, rows))
        scores = np.asarray(read_dump(path).scores)
        self.assertGreater(scores.max() - scores.min(), 0.2, "the library's scores tell nothing apart")

    def test_deepctr(self) -> None:
        self.check(AIGRU, "DeepCTR 0.9.4 DIEN, gru_type AIGRU, 2 history features", 40)

    def test_deepctr_with_a_vocabulary(self) -> None:
        """The file that vocabulary_path names came in the dump; requests have its keys, known and unknown ones."""
        self.check(VOCABULARY, "DeepCTR 0.9.4 DIEN, gru_type AUGRU, 2 history features", 40)

    def test_authors(self) -> None:
        """Dice has the batch's statistics: the sample is also what is calibrated on."""
        self.check(AUTHORS, "The DIEN authors' TensorFlow 1 code, Model_DIN_V2_Gru_Vec_attGru (augru)", 36)
        self.assertIn("calibrate", self.refused(AUTHORS, calibrate=False))

    def test_calibration_for_use(self) -> None:
        """The proof has the batch's statistics, the file those of other requests."""
        augur.export(AUTHORS, self.path)
        batch = self.path.read_bytes()
        typical = self.path.with_suffix(".jsonl")
        requests = read_dump(AUTHORS).requests
        typical.write_text("".join(json.dumps(request) + "\n" for request in requests[:20]))
        for weights in ("f32", "int8"):
            report = augur.export(AUTHORS, self.path, calibrate=typical, weights=weights)
            assert report.f32 is not None
            self.assertLessEqual(report.f32.score, 1e-5)
            self.assertEqual((report.rows, report.quantised is None), (36, weights == "f32"))
            self.assertIn(f"the file has those of {typical}", "\n".join(report.notes))
            self.assertNotEqual(self.path.read_bytes(), batch)
        typical.write_text("{}\n")
        self.assertIn(str(typical), self.refused(AUTHORS, calibrate=typical))

    def test_authors_with_keys(self) -> None:
        """The sample's rows become keys, also those that are calibrated on."""
        dump = read_dump(AUTHORS)
        tables = {name: len(dump.tensors[f"{short}_embedding_var"]) for name, short in (
            ("user", "uid"), ("item", "mid"), ("category", "cat"))}
        keys = {name: {f"{name}-{row}": row for row in range(rows)} for name, rows in tables.items()}
        report = augur.export(dump, self.path, vocabularies=keys)
        assert report.f32 is not None
        self.assertLessEqual(report.f32.score, 1e-5)
        self.assertEqual(report.rows, 36)


class Stages(DumpTest):
    """The values between the layers, which tell where a model departs, are those of the same places in the file."""

    def test_all_agree(self) -> None:
        for path in (AIGRU, VOCABULARY, AUTHORS):
            with self.subTest(path.name):
                augur.export(path, self.path)
                dump, requests = read_dump(path), self.path.with_suffix(".jsonl")
                requests.write_text("".join(json.dumps(request) + "\n" for request in dump.requests))
                said = subprocess.run([built.command("augur-inspect"), self.path, "--trace", requests],
                                      capture_output=True,
                                      text=True, check=True).stdout
                stages = compare(dump.trace, [json.loads(line) for line in said.splitlines()],
                                 [request["id"] for request in dump.requests])
                self.assertEqual([stage.name for stage in stages], list(STAGES))
                self.assertEqual([stage for stage in stages if not stage.agrees], [])

    def test_the_first_that_departs_is_named(self) -> None:
        for tensor, stage in (("gru1/gru_cell/gates/kernel", "interests"), ("gru2/gru_cell/gates/kernel", "result"),
                              ("sparse_seq_emb_hist_item/embeddings", "query"), ("sparse_emb_user/embeddings",
                                                                                 "head_input")):
            with self.subTest(tensor):
                dump = read_dump(AIGRU)
                dump.tensors[tensor] = dump.tensors[tensor] * np.float32(1.5)
                self.assertIn(f"It departs first at {stage}, ", self.refused(dump))


def put(key: str, value: Any) -> Callable[[dict[str, Any]], None]:
    return lambda answers: answers.__setitem__(key, value)


def of(key: str, at: int, **members: Any) -> Callable[[dict[str, Any]], None]:
    return lambda answers: answers[key][at].update(members)


def swapped(key: str, one: int, other: int) -> Callable[[dict[str, Any]], None]:
    def swap(answers: dict[str, Any]) -> None:
        answers[key][one], answers[key][other] = answers[key][other], answers[key][one]
    return swap


def without(key: str, at: int) -> Callable[[dict[str, Any]], None]:
    return lambda answers: answers[key].pop(at)


# Columns: gender, cate, user, shop (the candidate's), item; dense score, image[3], price; a bag genres by its mean.
WRONG: dict[str, Callable[[dict[str, Any]], Any]] = {
    "gru_type GRU": put("gru_type", "GRU"),
    "gru_type AGRU": put("gru_type", "AGRU"),
    "gru_type AUGRU": put("gru_type", "AUGRU"),
    "scores as weights": put("att_weight_normalization", False),
    "att_activation though Dice": put("att_activation", "relu"),
    "dnn_activation sigmoid": put("dnn_activation", "sigmoid"),
    "dnn_activation linear": put("dnn_activation", "linear"),
    "dnn_activation Dice": put("dnn_activation", "dice"),
    "dnn_activation PReLU": put("dnn_activation", "prelu"),
    "regression": put("task", "regression"),
    "order of columns of one width": swapped("sparse", 0, 1),
    "order of columns": swapped("sparse", 0, 2),
    "order of the query's columns": swapped("sparse", 1, 4),
    "order of the history's columns": swapped("history", 0, 1),
    "a column forgotten": without("sparse", 0),
    "the history's second column forgotten": without("history", 1),
    "a column's name misspelt": of("sparse", 0, name="sex"),
    "the history's name as in the inputs": of("history", 0, name="hist_item"),
    "a bag by its sum": of("pooled", 0, combiner="sum"),
    "a bag by its maximum": of("pooled", 0, combiner="max"),
    "a bag forgotten": without("pooled", 0),
    "order of dense values": swapped("dense", 0, 2),
    "a dense value forgotten": without("dense", 0),
    "a dense value's dimension": of("dense", 1, dimension=1),
    "a table of its own": of("history", 0, embedding="hist_item"),
    "another table": of("pooled", 0, embedding="user"),
    "a group": of("sparse", 3, group_name="another"),
    "a hash": of("sparse", 2, use_hash=True, dtype="int32"),
    "half of the history": put("max_history", 4),
    "an unknown answer": put("embedding_dim", 4),
    "gru_type misspelt": put("gru_type", "AIGRUU"),
}


class WrongAnswers(DumpTest):
    def setUp(self) -> None:
        super().setUp()
        self.dump = read_dump(AIGRU)

    def test_every_wrong_answer(self) -> None:
        for what, change in WRONG.items():
            with self.subTest(what):
                dump: Dump = copy.deepcopy(self.dump)
                change(dump.answers)
                self.assertNotEqual(dump.answers, self.dump.answers)
                self.refused(dump)
                told = {key: value for key, value in dump.answers.items() if self.dump.answers.get(key) != value}
                if set(told) <= set(self.dump.answers):
                    self.assertRegex(self.refused(AIGRU, answers=told), "answers: .* is .*, but .*aigru.npz says")
                else:
                    self.refused(AIGRU, answers=told)

    def test_a_wrong_sample(self) -> None:
        """Rows whose scores come from another model."""
        with mock.patch.object(self.dump, "scores", np.asarray(self.dump.scores)[::-1]):
            self.assertIn("the f32 file does not give the library's scores", self.refused(self.dump))

    def test_whose_is_asked(self) -> None:
        """A candidate's column as the user's passes a sample of one candidate each: live models need the answer."""
        self.assertEqual([column["name"] for key in ("sparse", "dense") for column in self.dump.answers[key]
                          if column.get("of") == "candidate"], ["shop", "price"])


if __name__ == "__main__":
    unittest.main()
