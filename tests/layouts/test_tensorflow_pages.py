"""The pages of the TensorFlow libraries' layouts name every question that the layouts ask."""

import re
import unittest
from pathlib import Path

from harness import LayoutTest

DOCS = Path(__file__).resolve().parents[2] / "docs" / "layouts"
OF_EVERY_LAYOUT = {"name", "notes", "calibration", "ignore", "vocabularies"}


class Pages(LayoutTest):
    def test_every_question_is_described(self) -> None:
        for name in ("dien-tf1", "deepctr-keras"):
            page = (DOCS / f"{name}.md").read_text(encoding="utf-8")
            told = self.run_command(self.convert_command, "--explain-layout", name).stdout
            questions = set(re.findall(r"^  (\w+) \(", told.split("What it asks")[1], re.M))
            self.assertGreater(len(questions - OF_EVERY_LAYOUT), 5)
            for question in questions - OF_EVERY_LAYOUT:
                self.assertIn(f"`{question}`", page, name)


if __name__ == "__main__":
    unittest.main()
