"""The code of docs/python.md runs as it stands, block after block, on the demo's model; its links name files."""

import contextlib
import importlib.util
import io
import os
import re
import shutil
import tempfile
import unittest
from pathlib import Path

from . import SHOP, convert_shop

ROOT = Path(__file__).resolve().parents[4]
PAGE = ROOT / "docs" / "python.md"


def blocks(page, language):
    return re.findall(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


@unittest.skipUnless(PAGE.exists() and importlib.util.find_spec("pandas"), "needs the page and pandas")
class Document(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(folder.name)
        for name, kind in (("model.augur", "f32"), ("model-int8.augur", "int8")):
            convert_shop(name, "--weights-type", kind, "--embeddings", kind)
        shutil.copy(SHOP / "item_keys.txt", ".")
        for name in ("test.requests.jsonl", "test.labels.jsonl"):
            lines = (SHOP / name).read_text().splitlines(keepends=True)[:100]
            Path(name).write_text("".join(lines))
        shutil.copy("test.requests.jsonl", "requests.jsonl")

    def test_the_code_runs(self):
        code = blocks(PAGE.read_text(), "python")
        self.assertGreater(len(code), 8)
        names, out = {}, io.StringIO()
        with contextlib.redirect_stdout(out):
            for block in code:
                exec(compile(block, "docs/python.md", "exec"), names)
        said = out.getvalue()
        self.assertRegex(said, r"^[\w-]+: 0\.\d{4}\n[\w-]+: 0\.\d{4}\n")
        for comment in (
            "[<Status.OK: 0>, <Status.OUT_OF_RANGE: 8>]",
            "OUT_OF_RANGE - candidates: field 'item' has key 'made today'"
            " at index 1; table 'item': its vocabulary does not have it",
        ):
            self.assertIn(comment, said)
            self.assertIn(comment, PAGE.read_text())
        labels = [line[:24].strip() for line in blocks(PAGE.read_text(), "text")[-1].splitlines()[3:15]]
        for label in labels:
            self.assertIn("\n" + label, said)
        self.assertEqual(names["arguments"][:2], ["--vocabulary", "item=./0.item.keys.tsv"])


if __name__ == "__main__":
    unittest.main()
