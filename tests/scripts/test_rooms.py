"""scripts/rooms.py on small trees: which includes between rooms it reports, and what it says of its table."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "scripts/rooms.py"
RULES = """# a comment

runtime/src except loader | schema         | one room knows the layout
runtime/src/network       | loader session | it computes
common                    | runtime        | both use it
"""


class Rooms(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = pathlib.Path(self.folder.name).resolve()
        for name in ("network/gru.h", "loader/reader.h", "session/session.h", "model/model.h"):
            self.write(f"runtime/src/{name}", "#pragma once\n")
        self.write("common/half.h", "#pragma once\n")
        self.write("scripts/rooms.txt", RULES)

    def tearDown(self):
        self.folder.cleanup()

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def check(self, *expected):
        done = subprocess.run([sys.executable, "-B", str(SCRIPT), "--root", str(self.root)], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=60)
        self.assertEqual(done.stdout.splitlines(), list(expected))
        self.assertEqual(done.returncode, 1 if expected else 0)

    def test_allowed_includes_pass(self):
        self.write("runtime/src/network/gru.cc", '#include "network/gru.h"\n#include "model/model.h"\n#include <vector>\n')
        self.write("runtime/src/loader/reader.cc", '#include "augur_generated.h"\n#include "model/model.h"\n')
        self.write("runtime/src/session/session.cc", '#include "loader/reader.h"\n#include "network/gru.h"\n')
        self.check()

    def test_a_forbidden_room_is_reported_with_its_line(self):
        self.write("runtime/src/network/gru.cc", '#include "network/gru.h"\n\n#include "loader/reader.h"\n')
        self.check('runtime/src/network/gru.cc:3: network/ must not include "loader/reader.h": it computes')

    def test_every_offence_is_reported(self):
        self.write("runtime/src/network/a.h", '#include "loader/reader.h"\n  #  include "session/session.h"\n')
        self.write("runtime/src/network/simd/b.h", '#include "session/session.h"\n')
        self.check('runtime/src/network/a.h:1: network/ must not include "loader/reader.h": it computes',
                   'runtime/src/network/a.h:2: network/ must not include "session/session.h": it computes',
                   'runtime/src/network/simd/b.h:1: network/ must not include "session/session.h": it computes')

    def test_a_relative_include_is_resolved(self):
        self.write("runtime/src/network/gru.cc", '#include "../loader/reader.h"\n#include "gru.h"\n')
        self.check('runtime/src/network/gru.cc:1: network/ must not include "../loader/reader.h": it computes')

    def test_a_file_that_is_not_found_is_reported_by_its_room(self):
        self.write("runtime/src/network/gru.cc", '#include "loader/no_such_file.h"\n')
        self.check('runtime/src/network/gru.cc:1: network/ must not include "loader/no_such_file.h": it computes')

    def test_the_schema_is_found_in_quotes_and_in_brackets(self):
        self.write("runtime/src/network/a.h", '#include "augur_generated.h"\n')
        self.write("runtime/src/session/b.h", "#include <flatbuffers/flatbuffers.h>\n")
        self.check('runtime/src/network/a.h:1: network/ must not include "augur_generated.h": one room knows the layout',
                   "runtime/src/session/b.h:1: session/ must not include <flatbuffers/flatbuffers.h>: "
                   "one room knows the layout")

    def test_a_room_of_the_same_name_elsewhere_is_not_the_forbidden_one(self):
        self.write("runtime/src/network/loader/x.h", "")
        self.write("runtime/src/network/gru.cc", '#include "loader/x.h"\n')
        self.check()

    def test_includes_that_are_commented_out_do_not_count(self):
        self.write("runtime/src/network/gru.cc", '// #include "loader/reader.h"\n')
        self.check()

    def test_a_room_at_the_top_level(self):
        self.write("common/half.h", '#include "session/session.h"\n#include "runtime/include/augur.h"\n')
        self.check('common/half.h:1: common/ must not include "session/session.h": both use it',
                   'common/half.h:2: common/ must not include "runtime/include/augur.h": both use it')

    def test_a_room_further_out(self):
        self.write("scripts/rooms.txt", RULES + "runtime/src/network | ../../converter | it is checked by it\n")
        self.write("converter/src/a.h", "")
        self.write("runtime/src/network/b.h", '#include "a.h"\n')
        self.check('runtime/src/network/b.h:1: network/ must not include "a.h": it is checked by it')

    def test_a_folder_that_does_not_exist_is_an_error(self):
        self.write("scripts/rooms.txt", RULES + "runtime/src/kernels | model layers | they compute\n")
        self.check("scripts/rooms.txt:6: there is no folder runtime/src/kernels",
                   "scripts/rooms.txt:6: there is no folder runtime/src/layers")

    def test_a_line_that_is_not_a_rule_is_an_error(self):
        self.write("scripts/rooms.txt", "runtime/src/network | loader\n")
        self.check("scripts/rooms.txt:1: expected 'room | rooms | reason'")

    def test_an_empty_table_is_an_error(self):
        self.write("scripts/rooms.txt", "# nothing\n")
        self.check("scripts/rooms.txt: no rules")


if __name__ == "__main__":
    unittest.main()
