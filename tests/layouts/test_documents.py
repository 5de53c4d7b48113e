"""The worked examples of docs/layouts convert and rank as they stand there."""

import json
import re
from dataclasses import replace
from pathlib import Path


from harness import LayoutTest
from test_commands import LIBRARIES

import recbole

DOCS = Path(__file__).resolve().parents[2] / "docs" / "layouts"


def block(text: str, name: str) -> str:
    """The text that the page writes into a file with "cat >NAME <<'END'"."""
    found = re.search(rf"^    cat >{re.escape(name)} <<'END'\n(.*?)^    END$", text, re.M | re.S)
    assert found, f"no {name}"
    return found.group(1)


class Documents(LayoutTest):
    def test_examples(self):
        for name, make in LIBRARIES.items():
            text = (DOCS / f"{name}.md").read_text(encoding="utf-8")
            case = recbole.case(recbole.Mode("AUGRU", extra=True)) if name == "recbole" else make()
            request = json.loads(block(text, "requests.jsonl"))
            case = replace(case, answers=json.loads(block(text, "answers.json")),
                           requests=[{k: v for k, v in request.items() if k != "id"}])
            self.check(case)
            self.assertIn(f"--layout {name} --model answers.json", text)
            self.assertIn(f"--layout {name} --ask answers.json", text)
            self.assertIn("augur.export(model,", text)

    def test_questions_are_described(self):
        for name in LIBRARIES:
            text = (DOCS / f"{name}.md").read_text(encoding="utf-8")
            explained = self.run_command(self.convert_command, "--explain-layout", name).stdout
            questions = re.findall(r"^  (\w+) \(", explained.split("What it asks")[1], re.M)
            common = {"name", "notes", "calibration", "ignore", "vocabularies", "out_of_table", "stack"}
            self.assertGreater(len(questions), len(common))
            for question in set(questions) - common:
                self.assertIn(f"`{question}`", text, name)
