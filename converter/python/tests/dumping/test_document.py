"""The Python of docs/augur-dump.md runs as it stands there."""

import os
import pickle
import re
import shutil
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

import augur_rank
from augur_rank import augur_dump
from augur_rank.dump import read_dump

from .keras_stand_in import Built, Column, tensorflow
from .test_dumps_of_libraries import AIGRU, AUTHORS
from .test_live_authors import BATCH, made
from .test_live_keras import COLUMNS, VALUES, WEIGHTS, X

PAGE = Path(__file__).resolve().parents[4] / "docs" / "augur-dump.md"


class Document(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        before = os.getcwd()
        self.addCleanup(os.chdir, before)
        os.chdir(folder.name)
        self.folder = Path(folder.name)

    def run_block(self, words: str, **names: Any) -> None:
        """Runs the only block of Python that has these words; it imports augur_dump as a file that was copied."""
        blocks = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.M | re.S)
        found = [block for block in blocks if words in block]
        self.assertEqual(len(found), 1, words)
        with mock.patch.dict(sys.modules, {"augur_dump": augur_dump}), mock.patch("builtins.print"):
            exec(compile(found[0], PAGE.name, "exec"), {"augur_rank": augur_rank, **names})

    def test_deepctr(self) -> None:
        columns = [*COLUMNS, Column("shop"), Column("price", kind="dense", maxlen=1)]
        model = Built(columns, ["item", "cate"], gru_type="GRU").model(VALUES, WEIGHTS)
        x = {**X, "shop": np.array([1, 2, 3]), "price": np.array([1.0, 2, 3])}
        with mock.patch.dict(sys.modules, {"tensorflow": tensorflow(model)}):
            self.run_block("augur_dump.deepctr(", model=model, x=x, y=[0, 1, 0])
            dump = read_dump("dump.npz")
            self.assertEqual(sorted(dump.requests[0]["candidates"]), ["cate", "item", "price", "shop"])
            with mock.patch.object(augur_rank, "export") as export:
                self.run_block("augur_rank.export(model,", model=model, x=x, y=[0, 1, 0])
        export.assert_called_once_with(model, "dien.augur", sample=x, labels=[0, 1, 0],
                                       candidate_features=["shop", "price"], weights="int8")

    def test_export_of_a_dump(self) -> None:
        shutil.copy(AIGRU, "dump.npz")
        self.run_block('augur_rank.export("dump.npz", "dien.augur", weights="int8")')
        self.assertTrue(Path("dien.augur").is_file())

    def test_authors(self) -> None:
        model, session = made()

        def prepare_data(source: Any, target: Any, maxlen: int, return_neg: bool) -> Any:
            self.assertEqual((source, target, maxlen, return_neg), ("source", "target", 100, True))
            return BATCH
        self.run_block("augur_dump.authors(", model=model, session=session, test_data=[("source", "target")],
                       maxlen=100, prepare_data=prepare_data)
        self.assertEqual(len(read_dump("dump.npz").requests), 2)

    def test_vocabularies(self) -> None:
        shutil.copy(AUTHORS, "dump.npz")
        tensors = read_dump(AUTHORS).tensors
        for name in ("uid", "mid", "cat"):
            rows = {f"{name}{row}": row for row in range(len(tensors[f"{name}_embedding_var"]))}
            Path(f"{name}_voc.pkl").write_bytes(pickle.dumps(rows, protocol=0))
        self.run_block("uid_voc.pkl")
        with augur_rank.Model("dien.augur") as model:
            request = {"features": {"user": "uid3"}, "history": {"item": ["mid1"], "category": ["cat1"]},
                       "candidates": {"item": ["mid2", "mid9"], "category": ["cat2", "cat3"]}}
            self.assertEqual(len(model.rank(request)), 2)


if __name__ == "__main__":
    unittest.main()
