"""NumPy's archives, whole and hostile."""

import io
import unittest
import zipfile

import numpy as np

from augur_rank.checkpoints import load_checkpoint

from .support import InAFolder


def npy(array: np.ndarray, **options: bool) -> bytes:
    file = io.BytesIO()
    np.lib.format.write_array(file, array, **options)
    return file.getvalue()


class Npz(InAFolder):
    def archive(self, *entries: tuple[str, bytes], compression: int = zipfile.ZIP_STORED):
        path = self.folder / "w.npz"
        with zipfile.ZipFile(path, "w", compression) as archive:
            for name, content in entries:
                archive.writestr(name, content)
        return path

    def test_arrays_in_their_order(self) -> None:
        tensors = {"z": np.arange(6.0).reshape(2, 3), "a/b:0": np.ones(2, ">f4"),
                   "turned": np.arange(6).reshape(2, 3).T, "scalar": np.float32(3),
                   "flag": np.array([True]), "empty": np.ones((0, 2))}
        for save in (np.savez, np.savez_compressed):
            save(self.folder / "w.npz", **tensors)
            checkpoint = load_checkpoint(self.folder / "w.npz")
            self.check(checkpoint, tensors)
            self.assertTrue(checkpoint.ordered)

    def test_texts_are_left_out_and_said(self) -> None:
        np.savez(self.folder / "w.npz", a=np.ones(1), names=np.array(["x"]))
        checkpoint = load_checkpoint(self.folder / "w.npz")
        self.assertEqual(list(checkpoint.tensors), ["a"])
        self.assertIn("'names' holds texts", checkpoint.notes[0])

    def test_refusals(self) -> None:
        objects = npy(np.array([{"a": 1}], object), allow_pickle=True)
        huge = npy(np.ones(2)).replace(b"(2,)", b"(%d,)" % (1 << 20))
        for entries, words in (([("a.npy", objects)], "pickled objects"), ([("a.npy", huge)], "damaged"),
                               ([("a.txt", b"x")], "a.txt is no array"), ([("a.npy", b"\x93NUMPY\x07\0")], "tensor a"),
                               ([("a.npy", npy(np.ones(1, "c8")))], "complex64"),
                               ([("a.npy", npy(np.ones(5))[:-9])], "data ends early"), ([("a.npy", b"")], "damaged")):
            self.refused(self.archive(*entries), words)

    def test_a_decompression_bomb(self) -> None:
        path = self.archive(("a.npy", npy(np.zeros(1 << 22))), compression=zipfile.ZIP_DEFLATED)
        data = bytearray(path.read_bytes())
        size = (1 << 25) + 128
        for at in (data.find(b"PK\x01\x02") + 24, 22):  # the sizes in both of the entry's headers
            self.assertEqual(int.from_bytes(data[at:at + 4], "little"), size)
            data[at:at + 4] = (1 << 31).to_bytes(4, "little")
        path.write_bytes(data)
        self.refused(path, "decompression bomb")

    def test_many_entries_that_are_no_bomb_one_by_one(self) -> None:
        entries = [(f"a{at}.npy", npy(np.zeros(1 << 23))) for at in range(5)]
        path = self.archive(*entries, compression=zipfile.ZIP_DEFLATED)
        self.refused(path, "decompression bomb")

    def test_headers_that_cannot_be_read(self) -> None:
        for good, changed in ((npy(np.ones(2)), (b"(2,), }", b"(2,(  }")),
                              (npy(np.ones((0, 2))), (b"(0, 2), }" + b" " * 18, b"(0, 99999999999999999999), }"[:28]))):
            content = good.replace(*changed)
            self.assertNotEqual(content, good)
            self.refused(self.archive(("a.npy", content[:len(good)])), "tensor a: damaged")

    def test_damage_anywhere(self) -> None:
        path = self.folder / "w.npz"
        np.savez_compressed(path, a=np.arange(40.0), b=np.ones(3))
        self.mutations(path, step=1, cut=7)


if __name__ == "__main__":
    unittest.main()
