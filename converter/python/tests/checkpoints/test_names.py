"""Variables in parts, tables with keys, averages, wrappers."""

import unittest

import numpy as np

from augur_rank.checkpoints import load_checkpoint

from .support import InAFolder


class Names(InAFolder):
    def load(self, tensors, **options):
        np.savez(self.folder / "w.npz", **tensors)
        return load_checkpoint(self.folder / "w.npz", **options)

    def refuse(self, tensors, *words, **options):
        np.savez(self.folder / "w.npz", **tensors)
        self.refused(self.folder / "w.npz", *words, **options)

    def test_parts_are_joined_along_the_axis_that_differs(self) -> None:
        whole = np.arange(35.0).reshape(7, 5)
        for parts, axis in (((whole[:3], whole[3:]), 0), ((whole[:, :1], whole[:, 1:3], whole[:, 3:]), 1)):
            found = self.load({**{f"t/part_{i}": part for i, part in enumerate(parts)}, "other": np.ones(1)})
            self.check(found, {"t": whole, "other": [1]})
            self.assertIn("1 variables in parts are joined", found.notes[0], axis)
        # Of equal parts the rows are joined: TensorFlow's partitioners cut there.
        self.check(self.load({"t/part_1": whole[2:4], "t/part_0": whole[:2]}), {"t": whole[:4]})
        many = {f"t/part_{i}": whole[i % 7:i % 7 + 1] for i in range(12)}
        self.check(self.load(many), {"t": np.concatenate(list(many.values()))})

    def test_parts_that_do_not_join(self) -> None:
        a = np.ones((2, 3))
        self.refuse({"t/part_0": a, "t/part_2": a}, "t/part_1 is missing")
        self.refuse({"t/part_0": a, "t/part_1": np.ones((3, 4))}, "join along no axis")
        self.refuse({"t/part_0": np.float32(1), "t/part_1": np.float32(1)}, "join along no axis")
        self.check(self.load({"t": a, "t/part_0": a}), {"t": a, "t/part_0": a})  # the name is another tensor's

    def test_a_table_with_keys(self) -> None:
        values = np.arange(6.0).reshape(3, 2)
        found = self.load({"emb-keys": np.array([900, 7, -3]), "emb-values": values, "emb-freqs": np.ones(3),
                           "emb-versions": np.ones(3), "w": np.ones(1)})
        self.check(found, {"emb": values, "w": [1]})
        self.assertEqual(found.vocabularies, {"emb": {"keys": [900, 7, -3]}})
        self.assertIn("emb: tables with keys", found.notes[0])

    def test_tables_that_are_damaged(self) -> None:
        values = np.ones((3, 2))
        self.refuse({"e-keys": np.array([1, 2]), "e-values": values}, "expected whole numbers e-keys [N]")
        self.refuse({"e-keys": np.ones(3), "e-values": values}, "expected whole numbers")
        self.refuse({"e-keys": np.array([1, 2, 1]), "e-values": values}, "a key occurs twice")
        self.refuse({"e-keys": np.array([1, 2, 3]), "e-values": values, "e": values}, "both a tensor e")

    def test_averages_by_suffix(self) -> None:
        tensors = {"a": np.zeros(1), "a/ExponentialMovingAverage": np.ones(1), "b": np.full(1, 5.0)}
        self.assertIn("average='/ExponentialMovingAverage' takes them", self.load(tensors).notes[0])
        found = self.load(tensors, average="/ExponentialMovingAverage")
        self.check(found, {"a": [1], "b": [5]})
        self.check(self.load(tensors, average=""), {"a": [0], "b": [5]})
        self.refuse(tensors, "there are '/ExponentialMovingAverage'", average="_ema")

    def test_averages_by_prefix(self) -> None:
        tensors = {"model.a": np.zeros(1), "ema_model.a": np.ones(1), "ema_model.num_batches_tracked": np.ones(1)}
        self.assertIn("average='ema_model.'", self.load(tensors).notes[0])
        for name in ("ema_model.", "ema_model"):
            self.assertEqual(self.load(tensors, average=name).tensors["a"], [1])
        self.check(self.load(tensors, average=""), {"a": [0]})
        self.refuse(tensors, "there are 'ema_model.'", average="teacher")
        self.refuse({"a": np.ones(1)}, "no averages", average="ema")

    def test_wrappers(self) -> None:
        found = self.load({"module._orig_mod.a": np.ones(1), "module._orig_mod.b.c": np.ones(1)})
        self.check(found, {"a": [1], "b.c": [1]})
        self.assertEqual(found.notes, ["'module._orig_mod.' is taken off 2 names"])
        mixed = {"module.a": np.ones(1), "b": np.ones(1)}
        self.check(self.load(mixed), mixed)
        wrapped = {"model.a": np.ones(1)}
        self.check(self.load(wrapped, keep_names=True), wrapped)

    def test_what_serves_training_alone(self) -> None:
        names = ("optimizer/m", "optimizer_weights/a", "metrics/mean/vars/0", "optimizers", "metrics/w")
        found = self.load({name: np.ones(1) for name in names})
        self.assertEqual(list(found.tensors), ["optimizers", "metrics/w"])
        self.assertIn("3 tensors that serve training alone", found.notes[0])


if __name__ == "__main__":
    unittest.main()
