"""Keras' HDF5, whole and hostile: libhdf5 runs in a process of its own, and follows nothing out of the file."""

import json
import os
import struct
import subprocess
import sys
import unittest
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

from augur_rank.checkpoints import CheckpointError, hdf5_file, keras_archive, load_checkpoint

from .support import InAFolder

try:
    import h5py

    from augur_rank.checkpoints import hdf5_child
except ImportError:  # Debian's python3-h5py
    h5py = None


@unittest.skipIf(h5py is None, "needs h5py")
class Hdf5(InAFolder):
    def setUp(self) -> None:
        super().setUp()
        self.path = self.folder / "w.h5"

    def file(self, **options: Any) -> Any:
        return h5py.File(self.path, "w", **options)

    def read_here(self) -> None:
        """As the child process does it, in this one."""
        hdf5_child.export(str(self.path), str(self.folder / "out.safetensors"))

    def refused_here(self, *words: str) -> None:
        with self.assertRaises(hdf5_child.Refused) as caught:
            self.read_here()
        for word in words:
            self.assertIn(word, str(caught.exception))

    # ------------------------------------------------------------------------------ what is read

    def test_types_and_byte_orders(self) -> None:
        tensors = {kind.strip("<>|") + f"-{at}": np.array([[1, 0]], kind) for at, kind in enumerate(
            ("<f4", ">f4", "<f8", ">f8", "<f2", "i1", ">i2", "<i4", ">i8", "u1", ">u2", "<u4", "<u8", "?"))}
        with self.file() as file:
            for name, tensor in tensors.items():
                file[f"group/{name}"] = tensor
            file["text"], file["complex"] = "abc", np.ones(1, "c8")
            file["record"] = np.zeros(1, [("a", "f4"), ("b", "i4")])
            file["long"] = np.ones(1, np.longdouble)
            file.create_dataset("null", data=h5py.Empty("f4"))
            file["empty"] = np.ones((0, 4), np.float32)
        found = load_checkpoint(self.path)
        for name, tensor in tensors.items():
            np.testing.assert_array_equal(found.tensors.pop(f"group/{name}"), tensor, name)
        self.assertEqual({name: tensor.shape for name, tensor in found.tensors.items()},
                         {"null": (0,), "empty": (0, 4)})
        for name in ("text", "complex", "record", "long"):
            self.assertTrue(any(f"'{name}'" in note for note in found.notes), name)

    def test_chunks_and_compression(self) -> None:
        values = np.arange(10000.0).reshape(100, 100) % 7
        with self.file() as file:
            file.create_dataset("packed", data=values, chunks=(30, 30), compression="gzip", shuffle=True)
        self.check(load_checkpoint(self.path), {"packed": values})

    def test_layers_and_the_configuration(self) -> None:
        for value in ("{}", b"{}", np.bytes_(b"{}\0\0")):
            with self.file() as file:
                file["gru1/gru1/kernel:0"] = np.ones(2)
                file.create_group("hist_item")
                file.create_group("model_weights/multiply")
                file["optimizer_weights/m:0"] = np.ones(1)
                file.attrs["model_config"] = value
            found = load_checkpoint(self.path)
            self.assertEqual(list(found.tensors), ["gru1/gru1/kernel:0"])
            self.assertEqual(found.keras.model_config, "{}")
            self.assertEqual(sorted(found.keras.idle_layers), ["hist_item", "multiply"])
            self.assertTrue(found.keras.names)
            self.assertIn("1 tensors that serve training alone are left out", found.notes)
        with self.file() as file:
            file["a"] = np.ones(1)
            file.attrs["model_config"] = 3.0
        self.assertEqual(load_checkpoint(self.path).keras.model_config, "")

    # --------------------------------------------------------------------------- what is hostile

    def test_only_hard_links_are_followed_and_circles_end(self) -> None:
        with self.file() as file:
            file["a/b/w"] = np.ones(1)
            file["a/b/again"] = file["a"]
            file["a/shared"] = file["a/b/w"]
            file["soft"], file["loop"] = h5py.SoftLink("/a/b/w"), h5py.SoftLink("/loop")
            file["external"] = h5py.ExternalLink("/etc/other.h5", "/x")
        self.check(load_checkpoint(self.path), {"a/b/w": [1], "a/shared": [1]})

    def test_data_in_other_files_is_refused(self) -> None:
        with h5py.File(self.folder / "other.h5", "w") as other:
            other["x"] = np.ones(4)
        layout = h5py.VirtualLayout((4,), "f8")
        layout[:] = h5py.VirtualSource(str(self.folder / "other.h5"), "x", (4,))
        with self.file() as file:
            file.create_virtual_dataset("virtual", layout)
        self.refused(self.path, "tensor 'virtual' has its data in another file")
        with self.file() as file:
            file.create_dataset("foreign", (16,), "u1", external=[("/etc/passwd", 0, 16)])
        self.refused(self.path, "tensor 'foreign' has its data in another file")

    def test_data_that_was_never_written(self) -> None:
        for shape, chunks, words in (((1000000, 1000000), (30, 30), "holds 0 of 4000000000000 bytes"),
                                     ((100,), None, "holds 0 of 400 bytes"),
                                     ((1 << 62, 8), (1, 1), "whose size overflows")):
            with self.file() as file:
                file.create_dataset("w", shape, "f4", chunks=chunks)
            self.refused_here("tensor 'w'", words)

    def test_a_decompression_bomb(self) -> None:
        with self.file() as file:
            file.create_dataset("w", (1 << 20,), "u1", compression="gzip", chunks=(1 << 20,))[:] = 0
        self.read_here()
        with mock.patch.object(hdf5_child, "UNSUSPICIOUS", 1 << 19):
            self.refused_here("looks like a decompression bomb")

    def test_a_size_that_the_file_does_not_have(self) -> None:
        with self.file() as file:
            file["w"] = np.ones((7, 4), np.float32)
        data, rows = self.path.read_bytes(), 3 << 29
        before, after = struct.pack("<QQ", 7, 4), struct.pack("<QQ", rows, 4)
        self.assertIn(before, data)
        data = data.replace(before, after).replace(struct.pack("<Q", 7 * 4 * 4), struct.pack("<Q", rows * 4 * 4))
        self.path.write_bytes(data)
        self.refused(self.path, f"claims 25769803776 bytes of data in a file of {len(data)}")

    def test_nesting(self) -> None:
        with self.file() as file:
            file.create_group("/".join("g" * 120))
        self.refused_here("is nested too deeply")

    def test_cut_files(self) -> None:
        with self.file() as file:
            file["g/w"] = np.ones((2, 2))
        whole = self.path.read_bytes()
        self.path.write_bytes(whole[:-50])
        self.refused(self.path, "is not a readable HDF5 file")
        self.path.write_bytes(whole)
        for size in range(8, len(whole), 31):
            self.path.write_bytes(whole[:size])
            with self.assertRaises((hdf5_child.Refused, OSError, RuntimeError, KeyError, ValueError)):
                self.read_here()

    def test_changed_bytes(self) -> None:
        """In a process of their own, because libhdf5 may crash; each ends it at most once."""
        with self.file() as file:
            file["g/w"] = np.ones((2, 2), np.float32)
        whole, at, refused = self.path.read_bytes(), 0, 0
        while at < len(whole):
            done = subprocess.run([sys.executable, "-c", _MUTATE, str(self.path), str(at)], capture_output=True,
                                  text=True, env=hdf5_file.child_environment(), timeout=120, check=False)
            said = done.stdout.split()
            self.assertTrue(said, done.stderr)
            refused += int(said[-1].split(":")[1]) + (done.returncode != 0)
            at = int(said[-1].split(":")[0]) + 1  # behind the byte at which it ended
            self.path.write_bytes(whole)
        self.assertGreater(refused, 0)

    # -------------------------------------------------------------------------- the child process

    def test_a_crash_is_an_error(self) -> None:
        with self.file() as file:
            file["w"] = np.ones(1)
        for code, words, seconds in (
                ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "ended by SIGSEGV", 60),
                ("raise SystemExit(1)", "the file is damaged", 60), ("import time; time.sleep(60)", "longer than", 0.1),
                ("import sys; open(sys.argv[2], 'wb').write(b'x' * 20)", "the file is damaged", 60)):
            with mock.patch.object(hdf5_file, "CHILD", ["-S", "-c", code]), mock.patch.object(
                    hdf5_file, "SECONDS", seconds):
                self.refused(self.path, words)

    def test_a_lower_limit_of_the_caller_stays(self) -> None:
        with self.file() as file:
            file["w"] = np.ones(1)
        code = ("import resource; resource.setrlimit(resource.RLIMIT_AS, (1 << 31, 1 << 31)); "
                "from augur_rank.checkpoints import load_checkpoint; "
                f"assert list(load_checkpoint({str(self.path)!r}).tensors) == ['w']")
        subprocess.run([sys.executable, "-c", code], check=True, env={
            **hdf5_file.child_environment(), "OPENBLAS_NUM_THREADS": "1"})

    def test_modules_in_the_current_folder_are_not_run(self) -> None:
        with self.file() as file:
            file["w"] = np.ones(1)
        for name in ("h5py", "numpy", "json"):
            self.write(f"{name}.py", b"raise SystemExit(7)")
        before = os.getcwd()
        os.chdir(self.folder)
        self.addCleanup(os.chdir, before)
        self.assertEqual(list(load_checkpoint("w.h5").tensors), ["w"])

    def test_without_h5py_the_error_says_what_to_install(self) -> None:
        with self.file() as file:
            file["w"] = np.ones(1)
        with mock.patch.object(hdf5_file, "find_spec", lambda name: None):
            self.refused(self.path, "needs h5py", "pip install")

    def test_a_file_without_tensors(self) -> None:
        with self.file() as file:
            file.create_group("a")
        self.refused(self.path, "has no tensors")


# Changes a byte after the other, from the one that is given on; prints each as AT:REFUSED before it is read.
_MUTATE = """
import os, sys, resource
from augur_rank.checkpoints import hdf5_child
path, start = sys.argv[1], int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
whole, refused = open(path, "rb").read(), 0
for at in range(start, len(whole), 17):
    changed = bytearray(whole)
    changed[at] ^= 0xFF
    open(path, "wb").write(changed)
    print(f"{at}:{refused}", flush=True)
    try:
        hdf5_child.export(path, path + ".out")
    except Exception:
        refused += 1
print(f"{len(whole)}:{refused}")
os._exit(0)
"""


@unittest.skipIf(h5py is None, "needs h5py")
class KerasArchive(InAFolder):
    CONFIG = {"config": {"layers": [
        {"class_name": kind, "config": {"name": name, **config}} for kind, name, config in (
            ("InputLayer", "user", {}), ("Embedding", "users", {}), ("Embedding", "items", {}), ("GRU", "evolve", {}),
            ("BatchNormalization", "norm", {"scale": False}), ("Dense", "head", {}), ("Dense", "out", {}),
            ("Mine", "own", {}))]}}

    def archive(self, tensors: dict[str, Any], config: Any = CONFIG, name: str = "m.keras") -> Path:
        with h5py.File(self.folder / "weights.h5", "w") as file:
            for tensor, value in tensors.items():
                file[tensor] = value
        with zipfile.ZipFile(self.folder / name, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(self.folder / "weights.h5", "model.weights.h5")
            if config is not None:
                archive.writestr("config.json", json.dumps(config))
        return self.folder / name

    def test_numbers_become_names(self) -> None:
        names = {"layers/embedding/vars/0": "users/embeddings", "layers/embedding_1/vars/0": "items/embeddings",
                 "layers/gru/cell/vars/0": "evolve/gru_cell/kernel", "layers/gru/cell/vars/2": "evolve/gru_cell/bias",
                 "layers/gru/cell/vars/1": "evolve/gru_cell/recurrent_kernel",
                 "layers/batch_normalization/vars/0": "norm/beta",
                 "layers/batch_normalization/vars/2": "norm/moving_variance",
                 "layers/dense/vars/1": "head/bias", "layers/dense_1/vars/0": "out/kernel",
                 "layers/mine/vars/4": "own/vars/4", "layers/mine/inner/vars/0": "own/inner/vars/0"}
        path = self.archive({name: np.full(1, at) for at, name in enumerate(names)})
        found = load_checkpoint(path)
        self.assertEqual({name: int(found.tensors[to][0]) for name, to in names.items()},
                         {name: at for at, name in enumerate(names)})
        self.assertEqual((found.kind, found.file), ("Keras archive", str(path)))
        self.assertEqual(found.keras.idle_layers, ["user"])
        self.assertIn("11 variables have the names of their layers", found.notes[0])

    def test_layers_that_keras_counts_twice(self) -> None:
        prefix = "_layer_checkpoint_dependencies"
        found = load_checkpoint(self.archive({f"{prefix}/embedding/vars/0": [1.0],
                                              f"{prefix}/embedding_2/vars/0": [2.0]}))
        self.assertEqual({name: tensor[0] for name, tensor in found.tensors.items()},
                         {"users/embeddings": 1, "items/embeddings": 2})

    def test_numbers_stay_where_the_configuration_is_of_another_model(self) -> None:
        tensors = {f"layers/embedding{end}/vars/0": np.ones(1) for end in ("", "_1", "_2")}
        for config in (self.CONFIG, None, {}, {"config": {"layers": [1]}}):
            self.assertEqual(list(load_checkpoint(self.archive(tensors, config)).tensors), sorted(tensors))

    def test_refusals(self) -> None:
        path = self.archive({"layers/dense/vars/0": np.ones(3)})
        whole = path.read_bytes()
        at = whole.find(b"PK\x01\x02")
        for limit, words in (({"_MOST_CONFIG": 10}, "config.json claims"),
                             ({"_UNSUSPICIOUS": 10, "_SUSPICIOUS_RATIO": 1}, "decompression bomb")):
            with mock.patch.multiple(keras_archive, **limit):
                self.refused(path, words)
        path.write_bytes(whole[:60] + bytes(40) + whole[100:])
        self.refused(path, "the archive is damaged")
        path.write_bytes(whole[:at - 5])
        self.refused(path, "damaged zip file")
        for step in range(0, 200, 3):  # in the zip's own structures
            changed = bytearray(whole)
            changed[at + step if at + step < len(whole) else step] ^= 0xFF
            path.write_bytes(changed)
            with mock.patch.object(keras_archive.hdf5_file, "read", lambda *_, **__: None), suppress(
                    CheckpointError, OSError):
                keras_archive.read(str(path))


if __name__ == "__main__":
    unittest.main()
