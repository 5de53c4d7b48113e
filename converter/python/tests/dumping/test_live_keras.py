"""augur_dump.deepctr and the library deepctr_keras on a stand-in for a live model."""

import sys
import tempfile
import unittest
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import numpy as np

from augur_rank import augur_dump, libraries
from augur_rank.augur_dump import DumpError
from augur_rank.dump import read_dump
from augur_rank.errors import ExportError
from augur_rank.libraries import deepctr_keras

from .keras_stand_in import Built, Column, history, tensorflow

COLUMNS = [Column("user"), Column("item"), Column("cate"), Column("score", kind="dense", maxlen=1),
           Column("tags", kind="list", length="tags_length"), Column("image", kind="dense", maxlen=2),
           history("item"), history("cate")]
X: dict[str, Any] = {
    "user": np.array([5, 6, 7]), "item": np.array([1, 2, 3]), "cate": np.array([[1], [2], [3]]),
    "score": np.array([0.5, -1, 2]), "tags": np.array([[4, 0, 5, 6]] * 3), "tags_length": np.array([3, 0, 9]),
    "image": np.array([[1, 2], [3, 4], [5, 6]]), "hist_item": np.array([[7, 8, 0, 0], [9, 0, 0, 0], [1, 2, 3, 4]]),
    "hist_cate": np.array([[1, 0, 0, 0], [2, 0, 0, 0], [1, 1, 1, 1]]), "seq_length": np.array([2, 0, 4])}
STEPS = np.arange(3 * 4 * 2, dtype=np.float64).reshape(3, 4, 2)
VALUES = {"scores": [0.1, 0.2, 0.3], "logits": np.float32([[1], [2], [3]]), "bias": np.float32([0.5]),
          "query": np.ones((3, 1, 2)), "behaviours": STEPS, "interests": STEPS + 1, "attention": STEPS[:, None, :, 0],
          "result": np.ones((3, 1, 2)), "head_input": np.ones((3, 9))}
WEIGHTS = {"sparse_emb_user/embeddings": np.zeros((20, 2), np.float32), "dense/kernel": np.ones((6, 1), np.float32)}


class LiveTest(unittest.TestCase):
    def model(self, columns: Any = COLUMNS, gru_type: Any = "AUGRU", values: Any = VALUES, **more: Any) -> Any:
        model = Built(columns, ["item", "cate"], gru_type=gru_type).model(values, WEIGHTS, **more)
        patched = mock.patch.dict(sys.modules, {"tensorflow": tensorflow(model)})
        patched.start()
        self.addCleanup(patched.stop)
        return model

    def test_a_file(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = str(Path(folder) / "dump.npz")
            augur_dump.deepctr(self.model(), path, sample=X, labels=[0, 1, 0], candidate_features=["score"])
            dump = read_dump(path)
        self.assertEqual(list(dump.tensors), ["sparse_emb_user/embeddings", "dense/kernel"])
        self.assertEqual([round(float(score), 6) for score in np.asarray(dump.scores)], [0.1, 0.2, 0.3])
        self.assertEqual(np.asarray(dump.logits).tolist(), [1.5, 2.5, 3.5])
        self.assertEqual(np.asarray(dump.labels).tolist(), [0, 1, 0])
        self.assertEqual(dump.requests[0], {
            "id": "r0", "features": {"user": 5, "tags": [4, 0, 5], "image": [1.0, 2.0]},
            "history": {"item": [7, 8], "cate": [1, 0]}, "candidates": {"item": [1], "cate": [1], "score": [0.5]}})
        self.assertEqual(dump.requests[1]["history"], {"item": [], "cate": []})
        self.assertEqual(dump.requests[1]["features"]["tags"], [])
        self.assertEqual(dump.requests[2]["features"]["tags"], [4, 0, 5, 6])

    def test_trace(self) -> None:
        observed = augur_dump.observe_deepctr(self.model(), X, candidate_features=[])
        trace = observed["trace"]
        self.assertEqual(sorted(trace), sorted(["query", "behaviours", "interests", "attention", "result",
                                                "head_input"]))
        np.testing.assert_array_equal(trace["behaviours"][0, :2], STEPS[0, :2])
        self.assertTrue(np.isnan(trace["behaviours"][0, 2:]).all() and np.isnan(trace["attention"][1]).all())
        np.testing.assert_array_equal(trace["attention"][2], STEPS[2, :, 0])
        self.assertEqual(trace["query"].shape, (3, 2))

    def test_what_tensorflow_is_fed(self) -> None:
        model = self.model()
        augur_dump.observe_deepctr(model, [X[name] for name in model.input_names], candidate_features=[])
        fed = dict(zip(model.input_names, model.session.fed[-1]))
        self.assertEqual(fed["user"].shape, (3, 1))
        self.assertEqual(fed["score"].dtype, np.float32)
        np.testing.assert_array_equal(fed["hist_item"], X["hist_item"])

    def test_one_row(self) -> None:
        """A batch of one row is a batch of two, because DIEN squeezes its length away."""
        model = self.model(values={**VALUES, **{name: np.resize(value, (2, *np.shape(value)[1:])) for name, value in
                                                VALUES.items() if name not in ("scores", "bias")}})
        observed = augur_dump.observe_deepctr(model, {name: array[:1] for name, array in X.items()},
                                              candidate_features=[])
        self.assertEqual(len(model.session.fed[-1][0]), 2)
        self.assertEqual((len(observed["requests"]), len(observed["scores"]), len(observed["trace"]["query"])),
                         (1, 1, 1))

    def test_many_rows(self) -> None:
        kept, notes = augur_dump._kept_rows(augur_dump._DeepCtr(Built(COLUMNS, ["item", "cate"],
                                                                      gru_type="GRU").config), {},
                                            5000, 100)
        self.assertEqual((len(kept), kept[0], kept[-1]), (100, 0, 4999))
        self.assertEqual(notes, ["100 of the sample's 5000 rows were taken, evenly."])

    def test_din_counts_by_ids(self) -> None:
        x = {**X, "hist_item": np.array([[0, 7, 0, 8], [9, 9, 0, 0], [1, 2, 3, 4]])}
        x["hist_cate"] = np.array([[0, 1, 0, 2], [0, 2, 0, 0], [1, 1, 1, 1]])
        observed = augur_dump.observe_deepctr(self.model(gru_type=None), x, candidate_features=[])
        self.assertEqual([request["history"]["item"] for request in observed["requests"]], [[7, 8], [9], [1, 2, 3, 4]])
        np.testing.assert_array_equal(observed["trace"]["behaviours"][0, :2], STEPS[0, [1, 3]])

    def test_rows_that_cannot_be_compared(self) -> None:
        columns = [Column("tags", kind="list", length="tags_length", combiner="max") if c.name == "tags" else c
                   for c in COLUMNS]
        rest = {name: np.asarray(value)[[0, 2]] if np.ndim(value) > 1 and name != "bias" else value
                for name, value in VALUES.items()}
        model = Built(columns, ["item", "cate"], gru_type=None).model(rest, WEIGHTS)
        x = {**X, "hist_item": X["hist_item"] * [[1], [1], [0]]}
        with mock.patch.dict(sys.modules, {"tensorflow": tensorflow(model)}):
            observed = augur_dump.observe_deepctr(model, {**x, "tags_length": [3, 0, 1]}, candidate_features=[])
            self.assertEqual([request["features"]["user"] for request in observed["requests"]], [5])
            self.assertEqual(len(observed["notes"]), 2)
            self.assertIn("1 rows were left out: they have no event", observed["notes"][0])
            self.assertIn("tags has no value there", observed["notes"][1])
            with self.assertRaisesRegex(DumpError, "no row of the sample can be compared"):
                augur_dump.observe_deepctr(model, {**x, "tags_length": [0, 0, 0]}, candidate_features=[])

    def test_texts(self) -> None:
        columns = [Column("user", use_hash=True, dtype="string"), *COLUMNS[1:]]
        x = {**X, "user": np.array([b"caf\xc3\xa9", "x", 3], dtype=object)}
        observed = augur_dump.observe_deepctr(self.model(columns), x, candidate_features=[])
        self.assertEqual([request["features"]["user"] for request in observed["requests"]], ["café", "x", "3"])
        with self.assertRaisesRegex(DumpError, "the column user has the id .*, which is not UTF-8"):
            augur_dump.observe_deepctr(self.model(columns), {**x, "user": [b"\xff", b"", b""]}, candidate_features=[])

    def test_wrong_samples(self) -> None:
        model = self.model()
        for sample, labels, message in (
                ({name: X[name] for name in X if name != "tags"}, None, "the sample has no column tags; it needs"),
                ([X["user"]], None, "the sample has 1 arrays, but the model has 10 inputs: user, item"),
                (3, None, "expected a dictionary .* or a list of arrays, .* but a int came"),
                ({**X, "user": [1]}, None, "different numbers of rows, or none: user \\[1\\], item \\[3\\]"),
                ({**X, "user": [1, 2, 2.5]}, None, "the column user has the id 2.5: a whole number is expected"),
                ({**X, "user": [1, 2, np.nan]}, None, "the column user has the id nan: a whole number is expected"),
                ({**X, "user": ["a", "b", "c"]}, None, "the column user has the id a: a whole number is expected"),
                (X, [1], "1 labels for 3 rows")):
            with self.subTest(message), self.assertRaisesRegex(DumpError, message):
                augur_dump.observe_deepctr(model, sample, labels, [])
        with self.assertRaisesRegex(DumpError, "labels without a sample"):
            augur_dump.deepctr(model, "none.npz", labels=[1], candidate_features=[])

    def test_cells_that_keras_does_not_know(self) -> None:
        model = self.model()
        cell = {name: SimpleNamespace(_weights=SimpleNamespace(name=f"gru2/{name}/kernel:0", value=np.ones(2)),
                                      _biases=SimpleNamespace(name=f"gru2/{name}/bias:0", value=np.ones(1)))
                for name in ("gates", "candidate")}
        model.layers[-1].gru_cell = SimpleNamespace(_gate_linear=cell["gates"], _candidate_linear=cell["candidate"])
        content = augur_dump.read_deepctr(model, [])
        self.assertEqual([name for name, _ in content["tensors"]][2:], [
            "gru2/gates/kernel", "gru2/gates/bias", "gru2/candidate/kernel", "gru2/candidate/bias"])
        self.assertIn("fit() has not trained them", content["notes"][0])

    def test_vocabularies_come_along(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = str(Path(folder) / "users.csv")
            Path(path).write_bytes(b"1,ann\n")
            columns = [Column("user", use_hash=True, path=path), *COLUMNS[1:]]
            self.assertEqual(augur_dump.read_deepctr(self.model(columns), [])["files"], {path: b"1,ann\n"})
        with tempfile.TemporaryDirectory() as folder:
            path = str(Path(folder) / "items.csv")
            Path(path).write_bytes(b"1,7\n")
            hashed: dict[str, Any] = {"use_hash": True, "path": path}
            past = [Column("item", **hashed), Column("cate"), history("item", **hashed), history("cate")]
            for gru_type, stages in (("GRU", True), (None, False)):
                observed = augur_dump.observe_deepctr(self.model(past, gru_type), X, candidate_features=[])
                self.assertEqual("behaviours" in observed["trace"], stages)
        with self.assertRaisesRegex(DumpError, "the column user has the vocabulary_path .*, which cannot be read"):
            augur_dump.read_deepctr(self.model(columns), [])

    def test_eager_dien(self) -> None:
        with self.assertRaisesRegex(DumpError, "runs in graph mode only. Call tf.compat.v1.disable_eager_execution"):
            augur_dump.read_deepctr(self.model(eager=True), [])

    def test_keras_3(self) -> None:
        operation = type("Operation", (), {"__module__": "keras.src.ops.operation"})
        model = type("Functional", (operation,), {})()
        model.layers = self.model().layers
        with self.assertRaisesRegex(DumpError, "a model of Keras 3, in which DeepCTR cannot run: use Keras 2"):
            augur_dump.read_deepctr(model, [])

    def test_what_the_library_refuses(self) -> None:
        model = self.model()
        model.predict = mock.Mock(side_effect=ValueError("indices[0] = 99 is not in [0, 20)"))
        with self.assertRaisesRegex(DumpError, "model.predict does not take this sample: indices"):
            augur_dump.observe_deepctr(model, X, candidate_features=[])

    def test_a_cleared_session(self) -> None:
        model = self.model()
        model.session.graph = object()
        with self.assertRaisesRegex(DumpError, "before tf.keras.backend.clear_session"):
            augur_dump.read_deepctr(model, [])

    def test_library(self) -> None:
        model = self.model()
        self.assertIs(libraries.module_of(model), deepctr_keras)
        self.assertFalse(deepctr_keras.recognises(SimpleNamespace(layers=[object()])))
        with self.assertRaisesRegex(ExportError, "whose the columns user, tags, score, image are"):
            deepctr_keras.read(model)
        dump = deepctr_keras.read(model, ["image"])
        deepctr_keras.observe(model, dump, X, [1, 0, 0])
        self.assertEqual(dump.requests[0]["candidates"], {"item": [1], "cate": [1], "image": [[1.0, 2.0]]})
        self.assertEqual(len(np.asarray(dump.scores)), 3)
        with self.assertRaisesRegex(ExportError, "the sample has no column"):
            deepctr_keras.observe(model, dump, {})

    def test_other_models(self) -> None:
        with self.assertRaisesRegex(DumpError, "a SimpleNamespace came that has no layer of deepctr"):
            augur_dump.read_deepctr(SimpleNamespace(layers=[]), [])


if __name__ == "__main__":
    unittest.main()
