"""The first block of Python on each page of docs/layouts, and the guide's, calls augur_rank.export as it is."""

import inspect
import re
import sys
import types
import unittest
from pathlib import Path
from typing import Any, Dict, List
from unittest import mock

from harness import ROOT  # which makes augur_rank importable

import augur_rank
from augur_rank.exporting import api

DOCS = ROOT / "docs"
PAGES = ("conversion.md", "layouts/deepctr-keras.md", "layouts/deepctr-torch.md", "layouts/fuxictr.md",
         "layouts/recbole.md", "layouts/torch-rechub.md")


def first_block(page: Path) -> str:
    found = re.search(r"^```python\n(.*?)^```$", page.read_text(encoding="utf-8"), re.M | re.S)
    assert found, page
    return found.group(1)


class Blocks(unittest.TestCase):
    def run_block(self, page: str) -> List[inspect.BoundArguments]:
        """The calls of export that the block makes; what it takes for granted stands ready under any name."""
        calls: List[inspect.BoundArguments] = []

        def export(*arguments: Any, **named: Any) -> str:
            calls.append(inspect.signature(api.export).bind(*arguments, **named))
            return "the report"

        batch = (mock.sentinel.x, mock.sentinel.y)
        names: Dict[str, Any] = {
            "model": mock.MagicMock(), "x": mock.sentinel.x, "interaction": mock.sentinel.x, "trainer": mock.MagicMock(),
            "test_dataloader": [batch], "test_gen": [mock.sentinel.x], "print": lambda *_: None}
        torch = types.ModuleType("torch")
        torch.load = mock.MagicMock()  # type: ignore[attr-defined]
        with mock.patch.object(augur_rank, "export", export), mock.patch.dict(sys.modules, torch=torch):
            exec(compile(first_block(DOCS / page), page, "exec"), names)  # pylint: disable=exec-used
        return calls

    def test_each_page_begins_with_one_call(self) -> None:
        for page in PAGES:
            with self.subTest(page):
                calls = self.run_block(page)
                self.assertEqual(len(calls), 1)
                self.assertIs(calls[0].arguments["sample"], mock.sentinel.x)
                self.assertEqual(calls[0].arguments["path"], "dien.augur")


if __name__ == "__main__":
    unittest.main()
