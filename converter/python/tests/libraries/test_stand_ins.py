"""What is read from the libraries' models: each stand-in exports with one call, to a file that gives its scores."""

import json
import subprocess
import tempfile
import unittest
from pathlib import Path
from typing import Any

import numpy as np
import torch

import augur_rank as augur
from augur_rank import built

from . import stand_ins


class StandIns(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.path = self.folder / "model.augur"

    def exported(self, model: torch.nn.Module, sample: Any, **named: Any) -> augur.Report:
        """The report of an export that must be proven, of a model that stays in training mode."""
        model.train()
        report = augur.export(model, self.path, sample=sample, **named)
        self.assertTrue(report.proven and all(module.training for module in model.modules()))
        self.assertEqual(report.rows, len(model.scores))  # type: ignore[arg-type]
        return report

    def refused(self, message: str, model: Any, sample: Any = None, **named: Any) -> None:
        with self.assertRaisesRegex(augur.AugurError, message):
            augur.export(model, self.path, sample=sample, **named)
        self.assertFalse(self.path.exists())

    def test_deepctr_torch(self) -> None:
        rows = stand_ins.rows_of("deepctr-torch", "hist_")
        report = self.exported(stand_ins.deepctr_torch(), rows, candidate_features=["brand", "price"],
                               labels=np.arange(144) % 2)
        self.assertIn("DIEN, gru_type AUGRU, 2 history features", report.title)
        self.assertIsNotNone(report.library_auc)

    def test_deepctr_torch_takes_lists_and_matrices(self) -> None:
        model, rows = stand_ins.deepctr_torch(), stand_ins.rows_of("deepctr-torch", "hist_")
        columns = [rows[name] for name in model.feature_index]  # type: ignore[union-attr]
        self.exported(model, columns, candidate_features=["brand", "price"])
        matrix = np.concatenate([one.reshape(len(one), -1) for one in columns], axis=1)
        self.exported(model, torch.tensor(matrix), candidate_features=["brand", "price"])

    def test_deepctr_torch_asks(self) -> None:
        model, rows = stand_ins.deepctr_torch(), stand_ins.rows_of("deepctr-torch", "hist_")
        self.refused(r"Undecided: user, gender, brand, price, pay_score\. Name .*candidate_features=\[…\]", model,
                     rows)
        self.refused("candidate_features: 'item': expected some of user", model, rows, candidate_features=["item"])
        self.refused("expected a list of names, but it is the text 'brand'", model, rows, candidate_features="brand")
        own = ["brand", "price"]
        self.refused("departs|does not give", model, rows, candidate_features=own, answers={"dnn_activation": "ReLU"},
                     tolerance=1e-12)
        self.refused("answers: gru_type is 'AGRU', but the model says 'AUGRU'", model, rows, candidate_features=own,
                     answers={"gru_type": "AGRU"})
        self.refused("layout: 'recbole' was given, but the model is one of deepctr-torch", model, rows,
                     candidate_features=own, layout="recbole")
        self.refused("brand is missing", model, {name: rows[name] for name in rows if name != "brand"},
                     candidate_features=own)
        self.refused("brand: expected numbers", model, {**rows, "brand": rows["brand"].astype(str)},
                     candidate_features=own)
        self.refused("expected 26 columns", model, np.zeros((4, 5)), candidate_features=own)
        self.refused("expected as many rows", model, {**rows, "user": rows["user"][:9]}, candidate_features=own)

    def test_recbole(self) -> None:
        rows = stand_ins.rows_of("recbole", "past_")
        batch = {"user_id": rows["user_id"], "item_id": rows["item_id"], "item_id_list": rows["past_item_id"],
                 "neg_item_id_list": rows["past_item_id"], "item_length": rows["seq_length"],
                 "label": np.arange(144) % 2}
        model = stand_ins.recbole()
        report = self.exported(model, stand_ins.Interaction(batch))
        self.assertIn("1 user field, 1 item field", report.title)
        self.assertIsNotNone(report.library_auc)  # the interaction's own labels
        answer = json.loads(self.ranked({"features": {"user_id": "u3"}, "history": {"item_id": ["i7", "i9"]},
                                         "candidates": {"item_id": ["i1"]}}))
        self.assertEqual(len(answer["scores"]), 1)
        self.path.unlink()
        self.refused("RecBole tells whose every field is", model, None, candidate_features=["user_id"])
        self.refused("expected an Interaction", model, batch)
        self.refused("a history is "
                     "empty", model, stand_ins.Interaction({**batch, "item_length": 0 * rows["seq_length"]}))
        del batch["neg_item_id_list"]
        self.refused("the Interaction has no neg_item_id_list", model, stand_ins.Interaction(batch))

    def ranked(self, request: dict[str, Any]) -> str:
        """What augur-rank answers."""
        requests = self.folder / "requests.jsonl"
        requests.write_text(json.dumps({"id": "a", **request}) + "\n")
        return subprocess.run([built.command("augur-rank"), str(self.path), "--requests", str(requests)], check=True,
                              capture_output=True, text=True).stdout

    def test_torch_rechub(self) -> None:
        rows, model = stand_ins.rows_of("torch-rechub"), stand_ins.torch_rechub()
        report = self.exported(model, {name: torch.tensor(values) for name, values in rows.items()},
                               candidate_features=[])
        self.assertIn("DIEN, 2 history features", report.title)
        self.exported(model, (rows, np.arange(144) % 2), candidate_features=[])  # a batch of its loader
        self.exported(model, rows, candidate_features=[], answers={"max_history": 50})  # of the sample it was 8
        done = subprocess.run([built.command("augur-inspect"), "--json", str(self.path)], check=True,
                              capture_output=True, text=True)
        self.assertIn('"max_history": 50', done.stdout)
        self.path.unlink()
        self.refused("Undecided: user, tags, city", model, rows)
        self.refused("It departs first at|does not give", model, rows, candidate_features=[],
                     answers={"padding": "before"})  # what the sample told gives way, and the scores tell
        self.refused("hist_item: expected rows of "
                     "ids", model, {**rows, "hist_item": rows["item"]}, candidate_features=[])
        mixed = rows["hist_item"].copy()
        at = int(np.argmax(rows["seq_length"] == 2))
        mixed[at] = mixed[at][::-1]
        self.refused("some histories are padded before", model, {**rows, "hist_item": mixed}, candidate_features=[])
        self.refused("padding", model, None, candidate_features=[])  # without a sample it is asked
        model.history_features[0].padding_idx = 3  # type: ignore[union-attr]
        self.refused(r"several padding_idx \(0, 3\)", model, rows, candidate_features=[])

    def test_fuxictr(self) -> None:
        rows = stand_ins.rows_of("fuxictr")
        rows = {name: rows[name].astype(np.float64) for name in reversed(list(rows))}  # the order is the feature map's
        model = stand_ins.fuxictr()
        report = self.exported(model, {**rows, "clk": np.arange(144) % 2}, candidate_features=["shop", "price"])
        self.assertIn("DIEN, gru_type AUGRU, 1 sequence", report.title)
        self.assertIsNotNone(report.library_auc)
        self.exported(stand_ins.fuxictr(sources=True), rows)  # the feature map tells whose the features are
        self.path.unlink()
        self.refused("Undecided: age, user_id, price, shop", model, rows)
        self.refused("expected a batch of FuxiCTR's loader", model, 3, candidate_features=[])
        rows["click_history"][3] = rows["click_history"][3][::-1]
        rows["click_history"][3][0], rows["click_history"][3][-1] = 0, 5
        self.refused("some sequences are padded before", model, rows, candidate_features=["shop", "price"])

    def test_fuxictr_vocabulary(self) -> None:
        sizes = {"user_id": 40, "item_id": 60, "cate_id": 9, "shop": 8}
        (self.folder / "feature_vocab.json").write_text(json.dumps(
            {name: {"__PAD__": 0, **{f"{name}-{row}": row for row in range(1, size - 1)}, "__OOV__": size - 1}
             for name, size in sizes.items()}))
        rows = {name: values.astype(np.float64) for name, values in stand_ins.rows_of("fuxictr").items()}
        model = stand_ins.fuxictr(self.folder)
        model.embedding_layer.embedding_layers = {  # type: ignore[union-attr]
            "item_id": 1, "click_history": 1, "cate_id": 2, "cate_history": 2}
        report = augur.export(model, self.path, sample=rows, candidate_features=["shop", "price"])
        self.assertTrue(report.proven)
        plain = augur.export(model, self.path, sample=rows, candidate_features=["shop", "price"], vocabularies=False)
        self.assertLess(plain.bytes, report.bytes)


if __name__ == "__main__":
    unittest.main()
