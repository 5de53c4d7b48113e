"""Checkpoints in .safetensors and in shards, and what Checkpoint.save writes."""

import json
import struct
import unittest

import numpy as np

from augur_rank.checkpoints import Checkpoint, load_checkpoint
from augur_rank.files import safetensors_file

from .support import InAFolder, safetensors_bytes


def entry(dtype: str, shape: list, begin: int, end: int) -> dict:
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


class Safetensors(InAFolder):
    def test_types(self) -> None:
        tensors = {str(np.dtype(kind)): np.array([[1, 0]], kind) for kind in
                   ("f8", "f4", "f2", "i8", "i4", "i2", "i1", "u8", "u4", "u2", "u1", "?")}
        tensors["scalar"] = np.float32(2.5)
        tensors["empty"] = np.ones((0, 3), np.float32)
        path = self.folder / "w.safetensors"
        safetensors_file.save(path, tensors, {"format": "pt"})
        self.check(load_checkpoint(path), tensors)
        half = self.write("bf16.safetensors", safetensors_bytes({"a": entry("BF16", [2], 0, 4)}, b"\xc0\x3f\x00\xc0"))
        self.check(load_checkpoint(half), {"a": [1.5, -2]})

    def test_another_name_of_a_tensor(self) -> None:
        path = self.write("w.safetensors", safetensors_bytes(
            {"__metadata__": {"format": "pt", "b": "a"}, "a": entry("F32", [1], 0, 4)}, b"\0\0\x80\x3f"))
        self.check(load_checkpoint(path), {"a": [1], "b": [1]})

    def test_what_is_saved_is_loaded(self) -> None:
        before = Checkpoint("dien.h5", "Keras HDF5", {"z": np.ones(2, np.float32), "a": np.zeros(3, np.int64)},
                            ordered=True, layout="deepctr-keras", answers={"gru_type": "GRU"},
                            told_by="its model_config")
        path = self.folder / "w.safetensors"
        before.save(path)
        after = load_checkpoint(path)
        self.check(after, before.tensors)
        self.assertEqual((after.ordered, after.layout, after.answers, after.told_by),
                         (True, "deepctr-keras", {"gru_type": "GRU"}, "its model_config"))
        self.assertEqual([entry.name for entry in self.folder.iterdir()], ["w.safetensors"])

    def test_an_order_that_is_of_another_file(self) -> None:
        path = self.folder / "w.safetensors"
        for order in ('["a"]', '["a", "x"]', '{"a": 1}'):
            safetensors_file.save(path, {"a": np.ones(1), "b": np.ones(1)}, {"augur.order": order})
            self.assertFalse(load_checkpoint(path).ordered)
        safetensors_file.save(path, {"a": np.ones(1)}, {"augur.order": "["})
        self.refused(path, "augur.order", "no JSON")

    def test_refusals(self) -> None:
        for content, words in (
                (safetensors_bytes({"a": entry("F32", [2], 0, 4)}, b"1234"), "does not fit"),
                (safetensors_bytes({"a": entry("F32", [1], 0, 8)}, b"12345678"), "does not fit"),
                (safetensors_bytes({"a": entry("F32", [1 << 62, 1 << 62], 0, 4)}, b"1234"), "does not fit"),
                (safetensors_bytes({"a": entry("F32", [-1], 0, 4)}, b"1234"), "not whole numbers"),
                (safetensors_bytes({"a": entry("F32", [1.0], 0, 4)}, b"1234"), "not whole numbers"),
                (safetensors_bytes({"a": entry("F8", [1], 0, 1)}, b"1"), "unsupported type F8"),
                (safetensors_bytes({"a": 3}), "damaged"), (safetensors_bytes({"a": {"dtype": "F32"}}), "damaged"),
                (safetensors_bytes({"__metadata__": {"a": 1}}), "__metadata__"), (safetensors_bytes(b"{"), "damaged"),
                (b"\x10\0\0\0\0\0\0\0{", "claims 16 bytes")):
            self.refused(self.write("w.safetensors", content), words)

    def test_shapes_that_numpy_does_not_have(self) -> None:
        for shape, size in ([0, 2**62, 2**62], 0), ([1] * 100, 4):
            header = json.dumps({"a": {"dtype": "F32", "shape": shape, "data_offsets": [0, size]}}).encode()
            self.refused(self.write("w.safetensors", struct.pack("<Q", len(header)) + header + bytes(size)), "tensor a")

    def test_damage_anywhere(self) -> None:
        path = self.folder / "w.safetensors"
        safetensors_file.save(path, {"a": np.ones((3, 2)), "b": np.ones(4, np.float32)}, {"augur.order": '["a", "b"]'})
        self.mutations(path, step=1, cut=3)


class Shards(InAFolder):
    def setUp(self) -> None:
        super().setUp()
        for name in ("a", "b"):
            safetensors_file.save(self.folder / f"{name}.safetensors", {name: np.ones(2), "unlisted": np.ones(1)}, {})
        self.index = self.folder / "model.safetensors.index.json"

    def weight_map(self, **places: str) -> None:
        self.index.write_text(json.dumps({"metadata": {}, "weight_map": places}))

    def test_tensors_come_from_their_shards(self) -> None:
        self.weight_map(a="a.safetensors", b="b.safetensors")
        for path in (self.index, self.folder):
            self.check(load_checkpoint(path), {"a": [1, 1], "b": [1, 1]})

    def test_refusals(self) -> None:
        for places, words in (({"a": "../a.safetensors"}, "no file beside the index"),
                              ({"a": "/etc/passwd"}, "no file"), ({"a": "c.safetensors"}, "is missing"),
                              ({"c": "a.safetensors"}, "has no tensor c"),
                              ({}, "weight_map"), ({"a": 3}, "weight_map")):
            self.weight_map(**places)
            self.refused(self.index, words)
        self.index.write_text("[" * 100_000)
        self.refused(self.index, "no JSON")


if __name__ == "__main__":
    unittest.main()
