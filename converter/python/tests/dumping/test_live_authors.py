"""augur_dump.authors and the library dien_tf1 on a stand-in for the authors' model and its session."""

import sys
import tempfile
import unittest
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, Optional
from unittest import mock

import numpy as np

from augur_rank import augur_dump, libraries
from augur_rank.augur_dump import DumpError
from augur_rank.dump import read_dump
from augur_rank.errors import ExportError
from augur_rank.libraries import dien_tf1

# Two rows as prepare_data returns them: a history of one event and one of three.
BATCH: tuple[Any, ...] = (
    [5, 6], [7, 8], [1, 2], [[9, 0, 0], [9, 8, 7]], [[1, 0, 0], [1, 2, 3]], [[1, 0, 0], [1, 1, 1]], [[1, 0],
                                                                                                     [0, 1]], [1, 3],
    np.zeros((2, 3, 5)), np.zeros((2, 3, 5)))
STATES = np.arange(12.0).reshape(2, 3, 2)


class Operation:
    """A node of a graph, with its output."""

    def __init__(self, kind: str, name: str, inputs: Any, value: Any = None):
        self.type, self.name, self.inputs, self.value = kind, name, list(inputs), value
        self.op, self.outputs = self, [self]


class Session:
    """The graph of one model with the summaries of the authors' code, and the values of its tensors."""

    def __init__(self, kind: str, width: int, dice: bool):
        shapes = {"uid_embedding_var": (9, 2), "mid_embedding_var": (9, 2), "cat_embedding_var": (9, 2),
                  "f1/kernel": (width, 3),
                  "gru1/gru_cell/candidate/kernel": (8, 4)}
        shapes["dice_1/alphadice_1" if dice else "prelu1/prelu_prelu1"] = (3,)
        self.variables = [SimpleNamespace(name=name + ":0", value=np.zeros(shape, np.float32)) for name,
                          shape in shapes.items()]
        self.variables += [SimpleNamespace(name=name, value=0) for name in (
            "f1/kernel/Adam:0", "f1/kernel/Adam_1:0", "beta1_power:0", "global_step:0")]
        self.query, self.events = Operation("ConcatV2", "concat", [], np.ones((2, 4))), Operation("ConcatV2", "c", [],
                                                                                                  STATES)
        states = Operation("Transpose", "rnn_1/gru1/transpose", [self.events], STATES + 1)
        weights = Operation("Softmax", "Attention_layer_1/Softmax", [states], STATES[:, None, :, 0])
        final = Operation("Exit", "rnn_2/while/Exit_3", [states, weights], np.ones((2, 2)))
        parts = Operation("ConcatV2", "concat_5", [self.query, final], np.ones((2, 9)))
        norm = Operation("Mul", "bn1/batchnorm/mul_1", [parts])
        last = Operation("BiasAdd", "f3/BiasAdd", [norm], np.array([[1.0, -1.0], [0.0, 3.0]]))
        softmax = Operation("Softmax", "Softmax", [last])
        self.output = Operation("Add", "add", [softmax], np.array([[0.9, 0.1], [0.05, 0.95]]))
        summaries = [("rnn_1/GRU_outputs", states), ("Attention_layer_1/alpha_outputs", weights),
                     ("rnn_2/GRU2_Final_State", final), ("uid_embeddings_var", Operation("Variable", "u", []))]
        self.operations = [norm, softmax] + [Operation("HistogramSummary", name, [self.query, what]) for name,
                                             what in summaries]
        self.graph = SimpleNamespace(get_collection=lambda name: self.variables, get_operations=lambda: self.operations)
        self.fed: dict[Any, Any] = {}

    def run(self, wanted: list[Any], feed: Optional[dict[Any, Any]] = None) -> list[Any]:
        self.fed = feed or {}
        return [one.value for one in wanted]


def made(kind: str = "Model_DIN_V2_Gru_Vec_attGru", width: int = 18, dice: bool = True,
         base: str = "") -> tuple[Any, Session]:
    """A model of a class of this name, and its session."""
    session = Session(kind, width, dice)
    model = type(kind, (type(base, (), {}),) if base else (), {})()
    for name in augur_dump._INPUTS[:8]:
        setattr(model, name, Operation("Placeholder", name, []))
    model.y_hat, model.item_eb, model.item_his_eb = session.output, session.query, session.events
    return model, session


class AuthorsTest(unittest.TestCase):
    def test_a_file(self) -> None:
        model, session = made()
        with tempfile.TemporaryDirectory() as folder:
            path = str(Path(folder) / "dump.npz")
            augur_dump.authors(model, session, path, sample=BATCH)
            dump = read_dump(path)
        self.assertEqual(dump.library, "dien-tf1")
        self.assertEqual(list(dump.tensors), ["uid_embedding_var", "mid_embedding_var", "cat_embedding_var",
                                              "f1/kernel",
                                              "gru1/gru_cell/candidate/kernel", "dice_1/alphadice_1"])
        self.assertEqual(dump.answers, {"kind": "augru", "head": "current", "history_sum": "padded", "padded_length": 3,
                                        "max_history": 3})
        self.assertTrue(dump.calibrate)
        self.assertEqual(dump.requests, [
            {"id": "r0", "features": {"user": 5}, "history": {"item": [9], "category": [1]},
             "candidates": {"item": [7], "category": [1]}},
            {"id": "r1", "features": {"user": 6}, "history": {"item": [9, 8, 7], "category": [1, 2, 3]},
             "candidates": {"item": [8], "category": [2]}}])
        for values, expected in ((dump.scores, [0.9, 0.05]), (dump.logits, [2, -3]), (dump.labels, [1, 0])):
            self.assertEqual(np.asarray(values).tolist(), expected)
        self.assertEqual({name: values.shape for name, values in dump.trace.items()}, {
            "query": (2, 4), "behaviours": (2, 3, 2), "interests": (2, 3, 2), "attention": (2, 3), "result": (2, 2),
            "head_input": (2, 9)})
        self.assertEqual(np.isnan(dump.trace["attention"]).tolist(), [[False, True, True], [False] * 3])
        self.assertEqual(len(dump.notes), 2)

    def test_a_feed_dict(self) -> None:
        model, session = made()
        feed = {getattr(model, name): np.asarray(array) for name, array in zip(augur_dump._INPUTS[:8], BATCH)}
        feed[object()] = 0.001  # a learning rate
        observed = augur_dump.observe_authors(model, session, feed, labels=[0, 0])
        self.assertEqual(observed["labels"].tolist(), [0, 0])
        self.assertEqual(len(session.fed), 8)

    def test_batches_without_padding(self) -> None:
        model, session = made()
        batch = (*BATCH[:5], [[1, 1, 1]] * 2, BATCH[6], [3, 3])
        answers = augur_dump.read_authors(model, session, batch)["answers"]
        self.assertEqual((answers["history_sum"], answers["max_history"]), ("masked", 100))
        self.assertNotIn("padded_length", answers)
        answers = augur_dump.read_authors(model, session, batch, max_history=20)["answers"]
        self.assertEqual(answers["max_history"], 20)
        self.assertEqual(augur_dump.read_authors(model, session)["answers"]["history_sum"], "masked")

    def test_kinds(self) -> None:
        for name, kind in augur_dump._KINDS.items():
            model, session = made(name)
            self.assertEqual(augur_dump.read_authors(model, session)["answers"]["kind"], kind)
        self.assertEqual(augur_dump.read_authors(*made("Mine", base="Model_DIN"))["answers"]["kind"], "din")
        self.assertEqual(augur_dump.read_authors(*made("Mine"), kind="agru")["answers"]["kind"], "agru")
        with self.assertRaisesRegex(DumpError, "the class Mine is none of the authors'.* say which of them it "
                                               "computes, with kind="):
            augur_dump.read_authors(*made("Mine"))
        with self.assertRaisesRegex(DumpError, "Model_WideDeep, whose second, linear head"):
            augur_dump.read_authors(*made("Model_WideDeep"))
        with self.assertRaisesRegex(DumpError, "kind: expected one of agru"):
            augur_dump.read_authors(*made(), kind="GRU")

    def test_the_first_version_s_head(self) -> None:
        for width, head in ((18, "current"), (14, "first")):  # user 2, candidate 4, sum 4, state 4, and their product 4
            self.assertEqual(augur_dump.read_authors(*made(width=width))["answers"]["head"], head)

    def test_prelu_needs_no_calibration(self) -> None:
        self.assertFalse(augur_dump.read_authors(*made("Model_PNN", dice=False))["calibrate"])

    def test_wrong_samples(self) -> None:
        model, session = made()
        for sample, labels, message in (
                (3, None, "expected what prepare_data returns"),
                (BATCH[:3], None, "expected what prepare_data returns"),
                ({model.mask: [[1]]}, None, "the sample feeds no uid_batch_ph, mid_batch_ph"),
                (([1], *BATCH[1:]), None, "the sample has 1 rows of uid_batch_ph, but .* has the shape"),
                ((*BATCH[:5], [[1, 1, 0], [1, 1, 1]], *BATCH[6:]), None, "The first version of prepare_data makes one "
                                                                         "more"),
                ((*BATCH[:7], [1, 4]), None, r"seq_len_ph has \[1, 4\], but its histories have 3 columns"),
                (tuple(np.zeros((0, 3)) for _ in range(8)), None, "the sample has no row"),
                (BATCH, [1], "1 labels for 2 rows")):
            with self.subTest(message), self.assertRaisesRegex(DumpError, message):
                augur_dump.observe_authors(model, session, sample, labels)
        with self.assertRaisesRegex(DumpError, "history_sum: expected masked or padded"):
            augur_dump.read_authors(model, session, history_sum="mean")

    def test_what_the_code_refuses(self) -> None:
        model, session = made()
        with mock.patch.object(session, "run", side_effect=ValueError("out of range")):
            with self.assertRaisesRegex(DumpError, "session.run does not take this sample: out of range"):
                augur_dump.observe_authors(model, session, BATCH)
        model, session = made("Model_DIN")
        batch = (*BATCH[:5], [[0, 0, 0], [1, 1, 1]], BATCH[6], [0, 3])
        with self.assertRaisesRegex(DumpError, "rows without events, for which the code's DIN weighs the padding"):
            augur_dump.observe_authors(model, session, batch)

    def test_two_models_in_one_graph(self) -> None:
        model, session = made()
        session.variables.append(SimpleNamespace(name="other/f1/kernel:0", value=np.zeros((3, 3))))
        with self.assertRaisesRegex(DumpError, "has 2 variables f1/kernel; one is expected"):
            augur_dump.read_authors(model, session)

    def test_another_object(self) -> None:
        with self.assertRaisesRegex(DumpError, "expected an object of the DIEN authors' class Model"):
            augur_dump.read_authors(object(), made()[1])

    def test_library(self) -> None:
        model, session = made()
        self.assertIs(libraries.module_of((model, session)), dien_tf1)
        self.assertIs(libraries.module_of(model), dien_tf1)
        dump = dien_tf1.read((model, session))
        dien_tf1.observe((model, session), dump, BATCH)
        self.assertEqual((dump.answers["history_sum"], dump.calibrate, len(dump.requests)), ("padded", True, 2))
        self.assertEqual(len(dump.notes), 2)
        with self.assertRaisesRegex(ExportError, "the sample has no row|expected what"):
            dien_tf1.observe((model, session), dump, [])

    def test_the_default_session(self) -> None:
        model, session = made()
        tensorflow = ModuleType("tensorflow")
        compat = SimpleNamespace(v1=SimpleNamespace(get_default_session=lambda: session))
        tensorflow.compat = compat  # type: ignore[attr-defined]
        with mock.patch.dict(sys.modules, {"tensorflow": tensorflow}):
            self.assertEqual(dien_tf1.read(model).answers["kind"], "augru")
        without = mock.patch.dict(sys.modules, {"tensorflow": None})
        with without, self.assertRaisesRegex(ExportError, "export\\(\\(model, session\\)"):
            dien_tf1.read(model)


if __name__ == "__main__":
    unittest.main()
