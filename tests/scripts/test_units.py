"""Checks that a configuration compiles every source file once."""
import collections
import json
import os
import pathlib
import unittest


class Units(unittest.TestCase):
    def test_no_source_is_compiled_twice(self):
        commands = json.loads((pathlib.Path(os.environ["AUGUR_BUILD_FOLDER"]) / "compile_commands.json").read_text())
        times = collections.Counter(entry["file"] for entry in commands)
        self.assertEqual([file for file, count in times.items() if count > 1], [])


if __name__ == "__main__":
    unittest.main()
