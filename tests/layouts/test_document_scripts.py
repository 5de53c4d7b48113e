"""The scripts of docs/layouts write answers, requests and scores that convert the libraries' own checkpoints.

Each page begins with a script that reads a live model. Here it runs with a stand-in for the library that has the
attributes of the real one, made for the checkpoints in libraries/, and with rows in the library's padded form.
"""

import contextlib
import json
import os
import re
import sys
import types
import unittest
from collections import OrderedDict
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Dict, Union
from unittest import mock

import numpy as np

import keras_file
from harness import LayoutTest
from test_documents import DOCS
from test_keys_of_real_checkpoints import REAL
from test_real_checkpoints import FOLDER, read_lines

LONGEST = 8
Rows = Dict[str, np.ndarray]


def script(page: str) -> str:
    """The page's first block of Python."""
    found = re.search(r"^```python\n(.*?)^```$", (DOCS / page).read_text(encoding="utf-8"), re.M | re.S)
    assert found, page
    return found.group(1)


def module(name: str, **members: Any) -> types.ModuleType:
    made = types.ModuleType(name)
    made.__dict__.update(members)
    return made


def padded(values: Any) -> Any:
    return list(values) + [0] * (LONGEST - len(values)) if isinstance(values, list) else values


def rows_of(folder: Union[str, Path], history: str = "") -> Rows:
    """A row for each candidate of the requests, as the library's input; histories are called history + name."""
    rows: Dict[str, list] = {}
    for request in read_lines(FOLDER / folder / "requests.jsonl"):
        past = request["history"]
        if past and isinstance(next(iter(past.values())), dict):
            past = {name: values for stack in past.values() for name, values in stack.items()}
        for at in range(len(next(iter(request["candidates"].values())))):
            row = {**request["features"], "seq_length": len(next(iter(past.values()))),
                   **{name: values[at] for name, values in request["candidates"].items()}}
            if not history and set(row) & set(past):
                raise AssertionError("the history needs names of its own")
            row.update({history + name: padded(values) for name, values in past.items()})
            for name, value in row.items():
                rows.setdefault(name, []).append(padded(value) if name in ("tags", "genres") else value)
    return {name: np.array(values) for name, values in rows.items()}


def scores_of(folder: Union[str, Path]) -> np.ndarray:
    return np.array([score for line in read_lines(FOLDER / folder / "scores.jsonl") for score in line["scores"]])


class Column:
    """A SparseFeat, a DenseFeat or a VarLenSparseFeat."""

    def __init__(self, name, dimension=1, embedding_name=None, **more):
        self.name, self.dimension, self.embedding_name = name, dimension, embedding_name or name
        self.group_name, self.use_hash = "default_group", False
        self.__dict__.update(more)


class SparseFeat(Column):
    pass


class DenseFeat(Column):
    pass


class VarLenSparseFeat(Column):
    pass


def sequence(name: str, table: str) -> VarLenSparseFeat:
    return VarLenSparseFeat(name, embedding_name=table, maxlen=LONGEST, combiner="mean", length_name="seq_length")


def network(kind: str) -> SimpleNamespace:
    return SimpleNamespace(activation_layers=[type(kind, (), {})()])


class SparseFeature(SimpleNamespace):
    __hash__ = object.__hash__


class SequenceFeature(SparseFeature):
    pass


class DenseFeature(SparseFeature):
    pass


TORCH = module("torch", no_grad=contextlib.nullcontext)


class DocumentScripts(LayoutTest):
    def run_script(self, page: str, folder: Union[str, Path], layout: str, weights: str, modules: Dict[str, types.ModuleType],
                   own: str, answers: str = "answers.json", **names: Any) -> None:
        """Runs the page's script; what it writes converts the checkpoint and proves the conversion."""
        source = script(page)
        if own:
            source, filled_in = re.subn(r"^own = .*$", f"own = {own}", source, flags=re.M)
            self.assertEqual(filled_in, 1, page)
        before = os.getcwd()
        self.addCleanup(os.chdir, before)
        os.chdir(self.folder)
        with mock.patch.dict(sys.modules, modules):
            exec(compile(source, page, "exec"), dict(names))  # pylint: disable=exec-used
        os.chdir(before)
        done = self.run_convert(
            FOLDER / folder / weights, "--layout", layout,
            "--model", self.folder / answers, "--out", self.folder / "model.augur",
            "--validate", self.folder / "requests.jsonl", "--expect", self.folder / "scores.jsonl")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(f"{len(scores_of(folder))} requests", done.stdout)

    def test_deepctr_torch(self):
        columns = [SparseFeat("user"), SparseFeat("gender"), SparseFeat("item"), SparseFeat("cate"),
                   SparseFeat("brand"), DenseFeat("price"), DenseFeat("pay_score", 3),
                   sequence("hist_item", "item"), sequence("hist_cate", "cate")]
        model = SimpleNamespace(
            item_features=["item", "cate"], dnn=network("ReLU"), out=SimpleNamespace(task="binary"),
            interest_evolution=SimpleNamespace(gru_type="AUGRU", attention=SimpleNamespace(
                weight_normalization=True, local_att=SimpleNamespace(dnn=network("ReLU")))),
            predict=lambda x, batch: scores_of("deepctr-torch")[:, None])
        inputs = module("deepctr_torch.inputs", DenseFeat=DenseFeat, SparseFeat=SparseFeat)
        self.run_script("deepctr-torch.md", "deepctr-torch", "deepctr-torch", "dien.safetensors",
                        {"deepctr_torch": module("deepctr_torch"), "deepctr_torch.inputs": inputs},
                        '{"brand", "price"}', model=model, columns=columns, x=rows_of("deepctr-torch", "hist_"))

    def test_deepctr_torch_din(self):
        columns = [SparseFeat("user", group_name="people"), SparseFeat("item", group_name="things"),
                   SparseFeat("gender", group_name="people"), SparseFeat("cate", group_name="things"),
                   DenseFeat("price"), sequence("hist_item", "item"), sequence("hist_cate", "cate"),
                   VarLenSparseFeat("genres", maxlen=4, combiner="max", length_name=None)]
        model = SimpleNamespace(
            history_feature_list=["item", "cate"], dnn=network("PReLU"), out=SimpleNamespace(task="binary"),
            attention=SimpleNamespace(weight_normalization=False, local_att=SimpleNamespace(dnn=network("Dice"))),
            predict=lambda x, batch: scores_of("deepctr-torch-din")[:, None])
        inputs = module("deepctr_torch.inputs", DenseFeat=DenseFeat, SparseFeat=SparseFeat)
        self.run_script("deepctr-torch.md", "deepctr-torch-din", "deepctr-torch", "din.safetensors",
                        {"deepctr_torch": module("deepctr_torch"), "deepctr_torch.inputs": inputs},
                        '{"price"}', model=model, columns=columns, x=rows_of("deepctr-torch-din", "hist_"))

    def test_torch_rechub(self):
        def feature(name, shared_with=None, pooling=None, padding_idx=None):
            kind = SequenceFeature if pooling else SparseFeature
            return kind(name=name, shared_with=shared_with, pooling=pooling, padding_idx=padding_idx)
        model = mock.Mock(return_value=(scores_of("torch-rechub"), 0.0))
        model.features = [feature("user"), feature("tags", pooling="mean", padding_idx=0), feature("city")]
        model.history_features = [feature("hist_item", "item", "concat", 0), feature("hist_cate", "cate", "concat", 0)]
        model.target_features = [feature("item", padding_idx=0), feature("cate", padding_idx=0), feature("shop")]
        features = module("torch_rechub.basic.features", DenseFeature=DenseFeature,
                          SequenceFeature=SequenceFeature)
        self.run_script("torch-rechub.md", "torch-rechub", "torch-rechub", "dien.safetensors",
                        {"torch": TORCH, "torch_rechub": module("torch_rechub"),
                         "torch_rechub.basic": module("torch_rechub.basic"), "torch_rechub.basic.features": features},
                        "set()", model=model, x=rows_of("torch-rechub"))

    def test_fuxictr(self):
        features = json.loads((FOLDER / "fuxictr" / "feature_map.json").read_text())["features"]
        features = OrderedDict(item for feature in features for item in feature.items())
        model = mock.Mock(
            dien_target_field=[("item_id", "cate_id")], dien_sequence_field=[("click_history", "cate_history")],
            dien_neg_seq_field=[], gru_type="AUGRU", enable_sum_pooling=False,
            attention_modules=[SimpleNamespace(use_attention_softmax=True)],
            feature_map=SimpleNamespace(features=features), forward=lambda x: {"y_pred": scores_of("fuxictr")})
        x = {name: np.float64(values) for name, values in rows_of("fuxictr").items()}
        self.run_script("fuxictr.md", "fuxictr", "fuxictr", "dien.safetensors", {"torch": TORCH}, '{"shop", "price"}',
                        model=model, x=x,
                        params={"dnn_activations": "Dice", "attention_type": "bilinear_attention"})

    def test_recbole(self):
        rows = rows_of("recbole", "past_")
        names = {"USER_ID": "user_id", "POS_ITEM_ID": "item_id", "ITEM_SEQ": "past_item_id",
                 "ITEM_SEQ_LEN": "seq_length"}
        model = mock.Mock(
            gru="AUGRU", pooling_mode="mean", max_seq_length=LONGEST, predict=lambda x: scores_of("recbole"),
            interest_evolution=SimpleNamespace(attention_layer=SimpleNamespace(softmax_stag=True)), **names)

        class Feature(dict):
            interaction = property(list)
        token = SimpleNamespace(value="token")
        dataset = SimpleNamespace(
            config={"numerical_features": [], "discretization": None},
            field2type={"user_id": token, "item_id": token}, num={"user_id": 51, "item_id": 46}.get,
            get_user_feature=lambda: Feature(user_id=np.arange(51)),
            get_item_feature=lambda: Feature(item_id=np.arange(46)))
        torch = module("torch", no_grad=contextlib.nullcontext, load=lambda path, **_: {"state_dict": {}})
        self.run_script("recbole.md", "recbole", "recbole", "dien.safetensors", {"torch": torch}, "",
                        model=model, dataset=dataset, interaction=rows)

    @unittest.skipUnless(keras_file.CAN_BE_READ, keras_file.WHY_NOT)
    def test_deepctr_keras(self):
        columns = [SparseFeat("user"), SparseFeat("gender"), SparseFeat("item"), SparseFeat("cate"),
                   DenseFeat("score"), sequence("hist_item", "item"), sequence("hist_cate", "cate")]
        model = SimpleNamespace(predict=lambda x, batch_size: scores_of("deepctr-keras-h5")[:, None])
        kinds = module("deepctr.feature_column", DenseFeat=DenseFeat, SparseFeat=SparseFeat,
                       VarLenSparseFeat=VarLenSparseFeat)
        with mock.patch(f"{__name__}.script", lambda page, read=script: read(page).replace("AIGRU", "GRU")):
            self.run_script("deepctr-keras.md", "deepctr-keras-h5", "deepctr-keras", "dien.h5",
                            {"deepctr": module("deepctr"), "deepctr.feature_column": kinds}, "set()",
                            answers="dien.json", model=model, feature_columns=columns,
                            x=rows_of("deepctr-keras-h5", "hist_"))

    @unittest.skipUnless(REAL.is_dir(), "AUGUR_TEST_DATA is not set, or has no folder real beside it")
    def test_deepctr_keras_with_hashed_strings(self):
        case = REAL / "tf" / "deepctr-gru-hash"
        hashed = {"use_hash": True, "dtype": "string"}
        columns = [SparseFeat("user"), SparseFeat("item", **hashed), SparseFeat("cate", **hashed)]
        for column in (sequence("hist_item", "item"), sequence("hist_cate", "cate")):
            column.__dict__.update(hashed)
            columns.append(column)
        rows = rows_of(case, "hist_")
        for column in columns[1:]:
            rows[column.name] = np.char.encode(rows[column.name].astype(str))  # texts of TensorFlow are bytes
        model = SimpleNamespace(predict=lambda x, batch_size: scores_of(case)[:, None])
        kinds = module("deepctr.feature_column", DenseFeat=DenseFeat, SparseFeat=SparseFeat,
                       VarLenSparseFeat=VarLenSparseFeat)
        with mock.patch(f"{__name__}.script", lambda page, read=script: read(page).replace("AIGRU", "GRU")):
            self.run_script("deepctr-keras.md", case, "deepctr-keras", "saver/dien.ckpt",
                            {"deepctr": module("deepctr"), "deepctr.feature_column": kinds}, "set()",
                            answers="dien.json", model=model, feature_columns=columns, x=rows)


if __name__ == "__main__":
    unittest.main()
