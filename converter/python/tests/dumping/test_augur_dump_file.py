"""The file that augur_dump.py writes, and augur_dump.py as one file that old Pythons run."""

import ast
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
import zipfile
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

from augur_rank import augur_dump
from augur_rank.augur_dump import DumpError
from augur_rank.dump import is_dump, read_dump
from augur_rank.errors import AugurError

FILE = Path(augur_dump.__file__)
TENSORS = {"b": np.arange(6, dtype=np.float32).reshape(2, 3), "a/kernel": np.zeros((0, 2), np.float32),
           "ü": np.float64(3)}
ROWS: dict[str, Any] = {"requests": [{"id": "r0"}, {"id": "r1"}], "scores": [0.25, 0.5], "logits": [[-1], [0]],
                        "labels": [0, 1], "trace": {"query": np.ones((2, 4))}}


def interpreters() -> list[str]:
    """Every Python that may be here, the running one first."""
    names = ["python2.7", *(f"python3.{minor}" for minor in range(6, 15))]
    found = [sys.executable, *filter(None, map(shutil.which, names))]
    found += [str(one) for one in sorted(Path.home().glob(".pyenv/versions/*/bin/python"))]
    return list(dict.fromkeys(found))


# What each of them does: compile the file, and, where it has NumPy, write a dump.
SCRIPT = """
import sys
print("started")
compile(open("augur_dump.py").read(), "augur_dump.py", "exec")
try:
    import numpy as np
except ImportError:
    sys.exit(0)
import augur_dump
augur_dump.dump("d.npz", "x", "a", [("t/k", np.arange(3.0))], {"n": u"\\xe9"}, [{"id": "r0"}], [0.5])
assert augur_dump.main(["d.npz"]) == 0 and augur_dump.main(["none.npz"]) == 1
"""


class FileTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.path = str(self.folder / "dump.npz")

    def write(self, **more: Any) -> None:
        augur_dump.dump(self.path, "deepctr-keras", "a DIEN",
                        **{"tensors": TENSORS, "answers": {"gru_type": "GRU"}, **more})

    def refused(self, message: str, **more: Any) -> None:
        """Nothing is left but the file that was there."""
        Path(self.path).write_bytes(b"the old one")
        with self.assertRaisesRegex(DumpError, message):
            self.write(**more)
        self.assertEqual([one.name for one in self.folder.iterdir()], ["dump.npz"])
        self.assertEqual(Path(self.path).read_bytes(), b"the old one")

    def test_what_is_written_is_read(self) -> None:
        self.write(**ROWS, notes=["ö"], calibrate=True, files={"a/items.csv": b"1,x\n\xff"},
                   vocabularies={"item": {"keys": ["k"], "rows": [1]}})
        self.assertTrue(is_dump(self.path))
        dump = read_dump(self.path)
        self.assertEqual(list(dump.tensors), ["b", "a/kernel", "ü"])
        for name, tensor in TENSORS.items():
            np.testing.assert_array_equal(dump.tensors[name], tensor)
            self.assertEqual(dump.tensors[name].dtype, np.asarray(tensor).dtype)
        self.assertEqual((dump.library, dump.title, dump.answers), ("deepctr-keras", "a DIEN", {"gru_type": "GRU"}))
        assert dump.scores is not None and dump.logits is not None and dump.labels is not None
        self.assertEqual((dump.scores.tolist(), dump.logits.tolist(), dump.labels.tolist()),
                         ([0.25, 0.5], [-1, 0], [0, 1]))
        self.assertEqual((dump.notes, dump.calibrate, dump.files), (["ö"], True, {"a/items.csv": b"1,x\n\xff"}))
        self.assertEqual(dump.trace["query"].shape, (2, 4))
        self.assertEqual(dump.vocabularies, {"item": {"keys": ["k"], "rows": [1]}})

    def test_the_same_model_gives_the_same_bytes(self) -> None:
        self.write(**ROWS)
        first = Path(self.path).read_bytes()
        self.write(**ROWS)
        self.assertEqual(Path(self.path).read_bytes(), first)

    def test_no_objects(self) -> None:
        self.refused("tensor:b is an array of Python objects", tensors={"b": np.array([{}, None])})
        self.write(**ROWS)
        with zipfile.ZipFile(self.path) as archive:
            for name in archive.namelist():
                self.assertNotIn(b"'O'", archive.read(name)[:80], name)

    def test_wrong_arguments(self) -> None:
        self.refused("3 scores for 2 requests", **{**ROWS, "scores": [1, 2, 3]})
        self.refused("two arrays are called tensor:a", tensors=[("a", np.zeros(1)), ("a", np.zeros(1))])
        with self.assertRaisesRegex(DumpError, "has to end with .npz"):
            augur_dump.dump("dump.bin", "x", "", {}, {})

    def test_all_or_nothing(self) -> None:
        Path(self.path).write_bytes(b"the old one")
        with mock.patch.object(os, "fsync", side_effect=OSError("no space")), self.assertRaises(OSError):
            self.write(**ROWS)
        self.assertEqual(Path(self.path).read_bytes(), b"the old one")
        self.assertEqual([one.name for one in self.folder.iterdir()], ["dump.npz"])

    def test_damaged_files(self) -> None:
        def message() -> str:
            with self.assertRaises(AugurError) as caught:
                read_dump(self.path)
            return str(caught.exception)
        Path(self.path).write_bytes(b"PK")
        self.assertFalse(is_dump(self.path))
        self.assertIn("a damaged zip file", message())
        np.savez(self.path, x=np.zeros(2))
        self.assertIn("it has no entry augur.json", message())
        np.savez(self.path, **{"augur.json": np.frombuffer(b'{"format": 2}', np.uint8)})
        self.assertIn("has the format 2, but this version of Augur reads 1", message())
        np.savez(self.path, **{"augur.json": np.frombuffer(b'{"format": 1, "library": 3}', np.uint8)})
        self.assertIn("expected 'library' to be a str, but it is int", message())
        np.savez(self.path, **{"augur.json": np.frombuffer(b'{"format"', np.uint8)})
        self.assertIn("augur.json is damaged", message())
        np.savez(self.path, **{"augur.json": np.frombuffer(b"[" * 100000, np.uint8)})
        self.assertIn("augur.json is damaged", message())
        with self.assertRaises(DumpError):
            augur_dump.describe(self.path)
        np.savez(self.path, **{"augur.json": np.array([{}], dtype=object)})
        self.assertIn("augur.json holds pickled objects, which are not run", message())
        self.write(**ROWS)
        content = bytearray(Path(self.path).read_bytes())
        content[len(content) // 4] ^= 255
        Path(self.path).write_bytes(content)
        self.assertRegex(message(), "damaged|cannot be read")
        os.remove(self.path)
        os.mkfifo(self.path)
        self.assertFalse(is_dump(self.path))
        os.remove(self.path)
        self.assertIn("expected a dump (.npz) that augur_dump.py wrote, but it cannot be read", message())

    def test_scores_of_other_rows(self) -> None:
        self.write(**ROWS)
        with zipfile.ZipFile(self.path) as archive:
            arrays = {name[:-4]: np.load(archive.open(name)) for name in archive.namelist()}
        np.savez(self.path, **{**arrays, "scores": np.zeros(3)})
        with self.assertRaisesRegex(AugurError, r"scores has the shape \[3\], but there are 2 requests"):
            read_dump(self.path)
        del arrays["tensor:b"]
        np.savez(self.path, **arrays)
        with self.assertRaisesRegex(AugurError, "lists the tensor 'b', but the file has no entry"):
            read_dump(self.path)

    def test_what_is_in_a_file(self) -> None:
        self.write(**ROWS, notes=["look here"])
        said = augur_dump.describe(self.path)
        for text in ("a DIEN", "deepctr-keras", "3 tensors, 7 numbers", "2 rows, with labels", "query", "look here"):
            self.assertIn(text, said)
        Path(self.path).write_bytes(b"")
        with self.assertRaisesRegex(DumpError, "expected a file that this script wrote"):
            augur_dump.describe(self.path)


class OneFile(unittest.TestCase):
    def test_it_imports_nothing_of_the_package(self) -> None:
        imported = set()
        for node in ast.walk(ast.parse(FILE.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {name.name for name in node.names}
            elif isinstance(node, ast.ImportFrom):
                self.assertEqual(node.level, 0)
                imported.add(str(node.module))
        self.assertEqual(imported - set("io json os re sys zipfile __future__ typing".split()), {"numpy", "tensorflow"})

    def test_every_python_that_is_here(self) -> None:
        """Each can compile it; where it has NumPy, it writes a file, which is read here."""
        ran = []
        for python in interpreters():
            with self.subTest(python), tempfile.TemporaryDirectory() as folder:
                shutil.copy(FILE, folder)
                done = subprocess.run([python, "-B", "-c", SCRIPT], cwd=folder, capture_output=True, text=True,
                                      check=False)
                if "started" not in done.stdout:
                    continue  # a name without an interpreter behind it
                self.assertEqual(done.returncode, 0, done.stderr)
                if (Path(folder) / "d.npz").exists():
                    dump = read_dump(Path(folder) / "d.npz")
                    self.assertEqual((dump.answers, dump.tensors["t/k"].tolist()), ({"n": "é"}, [0, 1, 2]))
                    ran.append(python)
        self.assertIn(sys.executable, ran)

    def test_help(self) -> None:
        done = subprocess.run([sys.executable, "-B", FILE, "--help"], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        for text in ("augur_dump.deepctr(", "augur_dump.authors(", "augur_rank.export(\"dump.npz\""):
            self.assertIn(text, done.stdout)
        done = subprocess.run([sys.executable, "-B", FILE, "a", "b"], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 2)

    def test_answers_are_json(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "d.npz")
            augur_dump.dump(path, "x", "t", {}, {"a": [1, {"b": None}]})
            with zipfile.ZipFile(path) as archive, archive.open("augur.json.npy") as file:
                about = json.loads(np.lib.format.read_array(file).tobytes().decode("ascii"))
        self.assertEqual((about["format"], about["answers"], about["requests"]), (1, {"a": [1, {"b": None}]}, []))


if __name__ == "__main__":
    unittest.main()
