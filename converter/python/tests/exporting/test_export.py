"""augur_rank.export on models that libraries trained, with the libraries' own scores."""

import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

import augur_rank as augur
from augur_rank import built

from .models import LIBRARIES, dump_of


class ExportTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.path = self.folder / "model.augur"

    def refused(self, *arguments: Any, **named: Any) -> str:
        """The message of an export that must fail; a file that was there stays."""
        self.path.write_text("the old one")
        with self.assertRaises(augur.AugurError) as caught:
            augur.export(*arguments, **named)
        self.assertEqual(self.path.read_text(), "the old one")
        self.assertEqual([path.name for path in self.folder.iterdir()], ["model.augur"])
        return str(caught.exception)

    def test_report(self) -> None:
        dump = dump_of("deepctr-torch", "deepctr-torch")
        report = augur.export(dump, self.path, labels=np.arange(144) % 2)
        self.assertTrue(report.written and report.proven)
        self.assertEqual(report.rows, 144)
        assert report.f32 is not None and report.f32.logit is not None
        self.assertLess(report.f32.score, 1e-5)
        self.assertGreater(report.f32.score, 0)
        self.assertLess(report.f32.logit, 1e-4)
        self.assertEqual(report.bytes, os.path.getsize(self.path))
        self.assertRegex(str(report), r"^a trained deepctr-torch        \(read from a dump\)\n[\d.]+ kB; 144 of your "
                                       "rows: "
                                      r"scores agree within \d\.\de-0[78] \(f32\); AUC 0\.\d{4} → 0\.\d{4}$")
        self.assertEqual(json.loads(json.dumps(report.to_dict()))["f32"]["tolerance"], 1e-5)

    def test_quantised_by_way_of_f32(self) -> None:
        dump = dump_of("deepctr-torch", "deepctr-torch")
        report = augur.export(dump, self.path, weights="int8")
        assert report.f32 is not None and report.quantised is not None
        self.assertLess(report.f32.score, 1e-5)
        self.assertLess(report.quantised.score, 0.05)
        self.assertGreater(report.quantised.score, report.f32.score)
        self.assertEqual((report.weights, report.embeddings), ("int8", "int8"))
        self.assertLess(report.bytes, report.bytes_f32)
        self.assertRegex(str(report), r"\n[\d.]+ kB → [\d.]+ kB; 144 .* \(f32\), 0\.\d+ \(int8\)$")

    def test_quantised_too_far(self) -> None:
        dump = dump_of("deepctr-torch", "deepctr-torch")
        message = self.refused(dump, self.path, weights="int8", quantised_tolerance=1e-6)
        self.assertIn("the int8 file does not give the library's scores", message)
        self.assertIn("In f32 they agree", message)

    def test_parts_kept_in_f32(self) -> None:
        dump = dump_of("deepctr-torch", "deepctr-torch")
        whole = augur.export(dump, self.path, weights="int8")
        report = augur.export(dump, self.path, weights="int8", keep_f32=["head", "attention"])
        assert report.quantised is not None and whole.quantised is not None
        self.assertGreater(report.bytes, whole.bytes)
        self.assertLess(report.quantised.score, whole.quantised.score)
        self.assertIn("no part 'heads'", self.refused(dump, self.path, weights="int8", keep_f32=["heads"]))
        self.assertIn("such as ['head']", self.refused(dump, self.path, weights="int8", keep_f32="head"))

    def test_warnings_name_arguments_of_python(self) -> None:
        dump = dump_of("deepctr-torch", "deepctr-torch")
        table = next(name for name in dump.tensors if "item" in name)
        dump.tensors[table] = dump.tensors[table].copy()
        dump.tensors[table][-1] = 1e-11
        dump.requests, dump.scores, dump.logits, dump.labels = [], None, None, None
        warnings = augur.export(dump, self.path, weights="int8").warnings
        self.assertTrue(any('keep_f32=["tables.item"]' in text for text in warnings), warnings)
        self.assertFalse(any("--keep-f32" in text for text in warnings))

    def test_unproven(self) -> None:
        dump = dump_of("recbole", "recbole")
        dump.requests, dump.scores, dump.logits = [], None, None
        report = augur.export(dump, self.path)
        self.assertFalse(report.proven)
        self.assertIn("unproven: give sample=", str(report))

    def test_dry_run(self) -> None:
        report = augur.export(dump_of("recbole", "recbole"), self.path, weights="fp16", dry_run=True,
                              sidecars={"item.item_id": self.folder / "item.augurtable"})
        self.assertEqual(list(self.folder.iterdir()), [])
        self.assertFalse(report.written)
        self.assertIn("dry run: nothing was written", str(report))

    def test_sidecar(self) -> None:
        table = self.folder / "item.augurtable"
        report = augur.export(dump_of("recbole", "recbole"), self.path, sidecars={"item.item_id": table})
        self.assertEqual(report.bytes, os.path.getsize(table) + os.path.getsize(self.path))
        self.assertEqual(report.sidecars, {"item.item_id": str(table)})

    def test_a_wrong_weight(self) -> None:
        dump = dump_of("recbole", "recbole")
        dump.tensors["dnn_predict_layer.bias"] = dump.tensors["dnn_predict_layer.bias"] + 0.01
        message = self.refused(dump, self.path)
        self.assertIn("the f32 file does not give the library's scores", message)
        self.assertIn("of 144 requests differ by more than 1e-05", message)

    def test_logits_are_compared_too(self) -> None:
        dump = dump_of("recbole", "recbole")
        assert dump.logits is not None
        dump.logits[7] += 0.01
        self.assertIn("the logits of the f32 file differ from the library's", self.refused(dump, self.path))
        augur.export(dump, self.path, weights="int8", tolerance=0.1)  # of other types the scores alone

    def test_a_wrong_answer_of_a_checkpoint(self) -> None:
        dump = dump_of("recbole", "recbole")
        place = LIBRARIES / "recbole"
        dump.answers["softmax"] = False
        message = self.refused(dump, self.path, sample=(place / "requests.jsonl", place / "scores.jsonl"))
        self.assertIn("they agree within", message)  # augur-convert says which answer makes them agree
        self.assertIn("softmax", message)

    def test_answers(self) -> None:
        dump = dump_of("recbole", "recbole")
        self.assertIn("answers: softmax is False, but a dump says True",
                      self.refused(dump, self.path, answers={"softmax": False}))
        answers = self.folder / "answers.json"
        answers.write_text('{"gru_type": "augru", "name": "my own", "?softmax": {"question": "…"}}')
        augur.export(dump, self.path, answers=answers)
        del dump.answers["max_history"]
        answers.unlink()
        self.path.unlink()
        with self.assertRaisesRegex(augur.ExportError, "max_history") as caught:
            augur.export(dump, self.path)
        self.assertIsNone(caught.exception.questions["max_history"])
        self.assertIn("MAX_ITEM_LIST_LENGTH", caught.exception.questions["?max_history"]["question"])
        augur.export(dump, self.path, answers={**caught.exception.questions, "max_history": 8})

    def test_several_candidates_in_lists(self) -> None:
        dump = dump_of("recbole", "recbole")
        place = LIBRARIES / "recbole"
        scores = [json.loads(line)["scores"] for line in (place / "scores.jsonl").read_text().splitlines()]
        requests = [json.loads(line) for line in (place / "requests.jsonl").read_text().splitlines()]
        labels = [[1, 0, 0, 0]] * len(scores)
        report = augur.export(dump, self.path, sample={"requests": requests, "scores": scores, "labels": labels})
        self.assertEqual(report.rows, 144)
        self.assertIsNotNone(report.library_auc)
        report = augur.export(dump, self.path, sample=(requests, scores), labels=np.ravel(labels))
        self.assertIsNotNone(report.library_auc)

    def test_wrong_samples(self) -> None:
        dump = dump_of("recbole", "recbole")
        requests = [{"id": "a", "candidates": {"item_id": [1]}}, {"id": "a", "candidates": {"item_id": [1]}}]
        for sample, message in (
                (3, "expected (requests, scores)"),
                ((requests, [1, 2]), "requests[1] has the id 'a' of requests[0]"),
                ((requests[:1], [1, 2]), "expected scores for each of the 1 requests, but there are 2"),
                ((requests[:1], [[1, 2]]), "expected a finite number for each of its 1 candidates"),
                ((requests[:1], [float("nan")]), "expected a finite number"),
                ((self.folder / "none.jsonl", [1]), "none.jsonl"),
                (([5], [1]), "requests[0]: expected a dictionary")):
            with self.subTest(message):
                self.assertIn(message, self.refused(dump, self.path, sample=sample))
        self.assertIn("expected one for each of the 144 rows", self.refused(dump, self.path, labels=[1, 0]))
        self.assertIn("expected one of f32", self.refused(dump, self.path, weights="int16"))

    def test_keys(self) -> None:
        dump = dump_of("deepctr-torch", "deepctr-torch")
        vocabularies = {"item": {f"item-{row}": row for row in range(60)},
                        "cate": {7000 + row: row for row in range(9)}}
        report = augur.export(dump, self.path, vocabularies=vocabularies)
        self.assertTrue(report.proven)
        self.assertEqual(report.notes, [])
        self.assertEqual(report.rows, 144)
        done = subprocess.run([built.command("augur-inspect"), str(self.path), "--key", "item=item-7"],
                              check=True, capture_output=True, text=True)
        self.assertIn("row 7", done.stdout)
        del vocabularies["cate"][7003]
        report = augur.export(dump, self.path, vocabularies=vocabularies)
        self.assertRegex(report.notes[0], r"^\d+ of 144 requests have a row without a key")
        self.assertIn("the model has no table and no field 'goods' with a table",
                      self.refused(dump, self.path, vocabularies={"goods": ["a", "b"]}))

    def test_keys_that_begin_one_row_too_early(self) -> None:
        dump = dump_of("deepctr-torch", "deepctr-torch")
        shifted = [f"item-{row}" for row in range(1, 60)]  # item-1 belongs to row 1, and has row 0 here
        dump.requests = [{**request, "candidates": {**request["candidates"], "item": [max(1, one) for one in
                          request["candidates"]["item"]]}} for request in dump.requests]
        for request in dump.requests:
            request["history"] = {**request["history"], "item": [max(1, one) for one in request["history"]["item"]]}
        dump.scores = dump.logits = None
        rows = augur.export(dump, self.path, vocabularies=False)
        self.assertFalse(rows.proven)
        with augur.Model(self.path) as model:
            scores = model.rank(dump.requests)
        sample = (dump.requests, [one.tolist() for one in scores])
        self.assertIn("its key 'item-1' would have row 0, which pads",
                      self.refused(dump, self.path, sample=sample, vocabularies={"item": shifted}))
        right = augur.as_vocabulary(shifted, offset=1)
        self.assertTrue(augur.export(dump, self.path, sample=sample, vocabularies={"item": right}).proven)
        with augur.Model(self.path) as model:
            self.assertEqual(model.row("item", "item-7"), 7)

    def test_keys_that_cannot_be_read(self) -> None:
        dump = dump_of("deepctr-torch", "deepctr-torch")
        self.assertIn("vocabularies['item']: ", self.refused(dump, self.path, vocabularies={"item": "/none/keys.txt"}))
        self.assertIn("expected a dictionary from a table", self.refused(dump, self.path, vocabularies=["a"]))

    def test_labels_without_an_auc(self) -> None:
        dump = dump_of("deepctr-torch", "deepctr-torch")
        dump.labels = None
        self.assertIn("no AUC", augur.export(dump, self.path, labels=np.arange(144.0)).notes[0])
        self.assertIn("expected finite numbers, but the one of row 3 is nan",
                      self.refused(dump, self.path, labels=[0, 1, 0, np.nan] + [0] * 140))
        self.assertIn("expected a number for each row", self.refused(dump, self.path, labels=["a"] * 144))

    def test_keys_of_a_library(self) -> None:
        dump = dump_of("recbole", "recbole")
        dump.vocabularies = {"item_id": {"keys": ["[PAD]", *(f"i{row}" for row in range(1, 46))]},
                             "user_id": {"keys": ["[PAD]", *(f"u{row}" for row in range(1, 51))]}}
        report = augur.export(dump, self.path)
        self.assertTrue(report.proven)
        smaller = augur.export(dump, self.path, vocabularies=False)
        self.assertLess(smaller.bytes, report.bytes)

    def test_tensors_that_cannot_be_stored(self) -> None:
        dump = dump_of("recbole", "recbole")
        dump.tensors["text"] = np.array(["a"])
        self.assertIn("tensor 'text': expected numbers", self.refused(dump, self.path))

    def test_progress(self) -> None:
        said: list[str] = []
        augur.export(dump_of("recbole", "recbole"), self.path, weights="int8", progress=said.append)
        self.assertEqual(said, ["reading the model", "converting to f32, proving it on 144 rows",
                                "converting to int8, proving it on 144 rows"])

    def test_a_place_that_cannot_be_written_is_no_difference_of_scores(self) -> None:
        dump = dump_of("deepctr-torch", "deepctr-torch")
        for place in (self.folder / "none" / "model.augur", self.folder):
            for weights in ("f32", "int8"):
                said = self.refused(dump, place, weights=weights)
                self.assertIn(str(place), said)
                self.assertNotIn("differ", said)

    def test_arguments_that_cannot_be(self) -> None:
        dump = dump_of("deepctr-torch", "deepctr-torch")
        tolerance: Any
        for tolerance in (float("nan"), float("inf"), -1, "1e-5", None):
            self.assertIn("tolerance: expected a number", self.refused(dump, self.path, tolerance=tolerance))
            self.assertIn("quantised_tolerance: expected", self.refused(dump, self.path, quantised_tolerance=tolerance))
        for answers in ({"name": {1, 2}}, {"name": b"x"}, {"name": "\ud800"}):
            self.assertIn("cannot be written as JSON", self.refused(dump, self.path, answers=answers))
        self.assertIn("layout is 'recbole'", self.refused(dump, self.path, answers={"layout": "recbole"}))
        path: Any = os.fsencode(self.path)
        augur.export(dump, path, answers={"layout": "deepctr-torch"}, tolerance=np.float64(1e-5))

    def test_commands_that_are_missing(self) -> None:
        with mock.patch.dict(os.environ, {"AUGUR_BUILD": str(self.folder / "none")}):
            self.assertIn("augur-convert is not in", self.refused(dump_of("recbole", "recbole"), self.path))


if __name__ == "__main__":
    unittest.main()
