"""Live models of augur_rank.training: their export, and which stage an error names when something is wrong."""

import tempfile
import unittest
from pathlib import Path
from typing import Any, Callable

import numpy as np
import torch

import augur_rank as augur
from augur_rank.dump import STAGES, Dump
from augur_rank.libraries import own
from augur_rank.training.dataset import Batch
from augur_rank.training.dien import InterestModel, ModelConfig

ROWS, LONGEST, CANDIDATES = 12, 5, 2


def model_of(kind: str) -> InterestModel:
    """A model with random weights and statistics."""
    torch.manual_seed(3)
    model = InterestModel(ModelConfig(kind, 9, 30, 5, embedding=4, hidden=8, head=(10, 6), max_length=LONGEST))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(std=0.4)
        for layer in (model.act1.bn, model.act2.bn):
            layer.running_mean.normal_()
            layer.running_var.uniform_(0.5, 2)
    return model


def batch() -> Batch:
    draw = np.random.default_rng(1)
    length = draw.integers(0, LONGEST + 1, ROWS)
    length[:2] = 0, LONGEST
    real = np.arange(LONGEST) < length[:, None]
    return Batch(
        user=draw.integers(1, 9, ROWS), length=length, hist_item=draw.integers(1, 30, (ROWS, LONGEST)) * real,
        hist_category=draw.integers(1, 5, (ROWS, LONGEST)) * real, cand_item=draw.integers(1, 30, (ROWS, CANDIDATES)),
        cand_category=draw.integers(1, 5, (ROWS, CANDIDATES)), label=draw.integers(0, 2, (ROWS, CANDIDATES)))


class OwnModels(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "model.augur"

    def test_every_kind(self) -> None:
        for kind in ("base", "din", "aigru", "agru", "augru"):
            with self.subTest(kind):
                report = augur.export(model_of(kind), self.path, sample=batch(), weights="int8",
                                      quantised_tolerance=0.2)
                assert report.f32 is not None and report.library_auc is not None
                self.assertLess(report.f32.score, 1e-6)
                self.assertEqual(report.rows, ROWS * CANDIDATES)
                self.assertEqual(report.title, f"augur_rank.training {kind}")

    def test_the_model_is_left_as_it_was(self) -> None:
        model = model_of("augru")
        model.train()
        model.fc1.eval()
        before = {name: value.clone() for name, value in model.state_dict().items()}
        modes = [module.training for module in model.modules()]
        augur.export(model, self.path, sample=batch())

        def fails(*_: Any) -> None:
            raise RuntimeError("the library's own error")

        handle = model.fc3.register_forward_hook(fails)
        with self.assertRaisesRegex(augur.ExportError, "RuntimeError: the library's own error"):
            augur.export(model, self.path, sample=batch())
        handle.remove()
        self.assertEqual([module.training for module in model.modules()], modes)
        self.assertFalse([name for name, module in model.named_modules()
                          if module._forward_hooks or module._forward_pre_hooks])
        for name, value in model.state_dict().items():
            self.assertTrue(torch.equal(value, before[name]), name)

    def test_a_large_sample(self) -> None:
        """At most 1000 rows are compared, with the labels that are theirs."""
        small = batch()
        large = {name: np.repeat(getattr(small, name), 200, axis=0) for name in own.COLUMNS}
        labels = np.repeat(small.label, 200, axis=0)
        whole, part = (augur.export(model_of("augru"), self.path, sample=sample, labels=label)
                       for sample, label in ((small, small.label), (large, labels)))
        self.assertEqual(part.rows, 1000 * CANDIDATES)
        self.assertEqual(part.notes, ["1000 of the 2400 rows of the sample were compared, taken evenly"])
        assert part.library_auc is not None and whole.library_auc is not None
        self.assertAlmostEqual(part.library_auc, whole.library_auc, delta=0.01)

    def test_wrapped(self) -> None:
        augur.export(torch.nn.DataParallel(model_of("augru")), self.path, sample=batch())

    def test_half_precision(self) -> None:
        report = augur.export(model_of("augru").half(), self.path)
        self.assertRegex(report.notes[0], "tensors are in half precision")

    def departs(self, wrong: Callable[[Dump], None]) -> str:
        """What an export says of a model in which something is wrong."""
        model = model_of("augru")
        dump = own.read(model)
        own.observe(model, dump, batch())
        self.assertEqual(set(dump.trace), set(STAGES))
        wrong(dump)
        self.path.write_text("the old one")
        with self.assertRaises(augur.ExportError) as caught:
            augur.export(dump, self.path)
        self.assertEqual(self.path.read_text(), "the old one")
        return str(caught.exception)

    def test_a_wrong_row_of_a_table(self) -> None:
        used = int(batch().hist_item[1, 0])

        def wrong(dump: Dump) -> None:
            dump.tensors["item_emb.weight"][used] += 0.5
        self.assertRegex(self.departs(wrong), "It departs first at (query|behaviours), the")

    def test_a_wrong_order_of_gates(self) -> None:
        def wrong(dump: Dump) -> None:
            weight = dump.tensors["gru.weight_ih_l0"]
            dump.tensors["gru.weight_ih_l0"] = np.roll(weight, len(weight) // 3, axis=0)
        self.assertIn("It departs first at interests, the states of the interest extractor: "
                      "request", self.departs(wrong))
        self.assertIn("(query and behaviours agree)", self.departs(wrong))

    def test_a_wrong_attention(self) -> None:
        def wrong(dump: Dump) -> None:
            dump.tensors["att.W"] = dump.tensors["att.W"] * 1.5
        self.assertIn("It departs first at attention, the weights of the attention", self.departs(wrong))

    def test_a_wrong_kind_of_evolution(self) -> None:
        def wrong(dump: Dump) -> None:
            dump.answers["kind"] = "aigru"
        self.assertIn("It departs first at result, the final state of the interest evolution", self.departs(wrong))

    def test_a_wrong_head(self) -> None:
        def wrong(dump: Dump) -> None:
            dump.tensors["fc2.bias"] = dump.tensors["fc2.bias"] + 1
        self.assertIn("It departs first in the dense layers of the head (query, behaviours", self.departs(wrong))

    def test_samples_that_do_not_fit(self) -> None:
        model = model_of("augru")
        good = {name: getattr(batch(), name) for name in own.COLUMNS}
        for sample, message in (
                (3, "expected a Batch of augur_rank.training.dataset"),
                ({name: good[name] for name in good if name != "length"}, "length is missing"),
                ({**good, "user": good["user"][:3]}, "expected as many rows in every feature"),
                ({**good, "length": good["length"] + 9}, "longer than the 5 events")):
            with self.subTest(message), self.assertRaisesRegex(augur.ExportError, message):
                augur.export(model, self.path, sample=sample)
        with self.assertRaisesRegex(augur.ExportError, "expected one for each of the 24 rows"):
            augur.export(model, self.path, sample=good, labels=[1, 0])
        with self.assertRaisesRegex(augur.ExportError, "labels: they belong to a sample"):
            augur.export(model, self.path, labels=[1, 0])
        with self.assertRaisesRegex(augur.ExportError, "leave it out"):
            augur.export(model, self.path, candidate_features=["user"])
        self.assertFalse(self.path.exists())

    def test_a_network_of_ones_own(self) -> None:
        with self.assertRaisesRegex(augur.ExportError, r"Sequential is not a model of .*docs/description\.md"):
            augur.export(torch.nn.Sequential(torch.nn.Linear(2, 1)), self.path)
        holder = torch.nn.Module()
        holder.ranker = model_of("base")
        with self.assertRaisesRegex(augur.ExportError, "its attribute 'ranker' is: export that"):
            augur.export(holder, self.path)
        with self.assertRaisesRegex(augur.ExportError, "a builtins.int is not a model"):
            augur.export(7, self.path)


if __name__ == "__main__":
    unittest.main()
