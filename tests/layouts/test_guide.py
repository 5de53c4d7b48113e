"""The commands of docs/conversion.md print what the page says.

Every ```console block is run, in the order of the page, in one shell. A line that begins with "$ " is a command; the
lines after it are its output, standard error included; a line "…" stands for any number of lines. Numbers may differ
by a thousandth, and the line that names the worst request is not compared: both depend on the processor.
"""

import os
import re
import subprocess
import sys
import unittest
from pathlib import Path
from typing import List, Tuple

from harness import LayoutTest

ROOT = Path(__file__).resolve().parents[2]
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]\d+)?")
END = "@@@ end of a command @@@"


def steps(page: str) -> List[Tuple[str, List[str]]]:
    """The commands and their expected lines."""
    found: List[Tuple[str, List[str]]] = []
    for block in re.findall(r"^```console\n(.*?)^```$", page, re.M | re.S):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            else:
                found[-1][1].append(line)
    return found


def same(expected: str, came: str) -> bool:
    """Whether the lines are equal but for small differences of their numbers, which depend on the processor."""
    for start in ("  worst ", "  content   hash "):  # the hash covers the proof's numbers
        if expected.startswith(start):
            return came.startswith(start)
    if NUMBER.split(expected) != NUMBER.split(came):
        return False
    pairs = zip(NUMBER.findall(expected), NUMBER.findall(came))
    return all(abs(float(a) - float(b)) <= 1e-3 for a, b in pairs)


def matches(expected: List[str], came: List[str]) -> bool:
    if not expected:
        return not came
    if expected[0] == "…":
        return any(matches(expected[1:], came[skipped:]) for skipped in range(len(came) + 1))
    return bool(came) and same(expected[0], came[0]) and matches(expected[1:], came[1:])


class Guide(LayoutTest):
    def test_commands_print_what_the_page_says(self):
        for name in ("converter", "tests"):
            (self.folder / name).symlink_to(ROOT / name)
        (self.folder / "build" / "host").mkdir(parents=True)
        (self.folder / "build" / "host" / "bin").symlink_to(Path(self.convert_command).parent)
        tools = self.folder / "tools"
        tools.mkdir()
        (tools / "python3").write_text(f'#!/bin/sh\nexec "{sys.executable}" -B "$@"\n', encoding="utf-8")
        (tools / "python3").chmod(0o755)

        commands = steps((ROOT / "docs" / "conversion.md").read_text(encoding="utf-8"))
        self.assertGreater(len(commands), 8)
        script = "\n".join(f"{command}\necho '{END}'" for command, _ in commands)
        done = subprocess.run(["bash", "-c", script], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              env={**os.environ, "PATH": f"{tools}:{os.environ['PATH']}", "AUGUR_BUILD": "build/host"}, text=True, timeout=120,
                              check=False)
        outputs = done.stdout.split(END + "\n")
        for (command, expected), came in zip(commands, outputs):
            with self.subTest(command=command):
                self.assertTrue(matches(expected, came.splitlines()), came)


if __name__ == "__main__":
    unittest.main()
