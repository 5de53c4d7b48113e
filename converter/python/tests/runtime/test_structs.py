"""The structs and constants of abi.py are those of augur.h, as a C compiler sees them."""

import ctypes
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from augur_rank.runtime import abi, columns, info, status

INCLUDE = Path(__file__).resolve().parents[4] / "runtime" / "include"
STRUCTS = {
    "error": abi.Error,
    "content": abi.Content,
    "model_options": abi.ModelOptions,
    "table_source": abi.TableSource,
    "model_info": abi.ModelInfo,
    "table_info": abi.TableInfo,
    "field_info": abi.FieldInfo,
    "stack_info": abi.StackInfo,
    "session_options": abi.SessionOptions,
    "string": abi.String,
    "column": abi.Column,
    "restore_report": abi.RestoreReport,
    "each_options": abi.EachOptions,
}
ENUMS = {
    "": status.Status,
    "KEY_": info.KeyType,
    "TABLE_": info.UnknownIdRule,
    "ROWS_": info.RowsOrigin,
    "OUTPUT_": info.OutputKind,
}


@unittest.skipUnless(
    (INCLUDE / "augur" / "augur.h").exists() and shutil.which("cc"), "needs the header and a C compiler"
)
class Structs(unittest.TestCase):
    def asked(self, expressions):
        """The values of C expressions."""
        body = "".join(f'printf("%zu\\n", (size_t)({one}));' for one in expressions)
        with tempfile.TemporaryDirectory() as folder:
            source, program = Path(folder, "ask.c"), str(Path(folder, "ask"))
            source.write_text(f"#include <stdio.h>\n#include <augur/augur.h>\nint main(void) {{ {body} return 0; }}\n")
            subprocess.run(["cc", "-I", str(INCLUDE), "-o", program, str(source)], check=True)
            return [int(line) for line in subprocess.run([program], check=True, stdout=subprocess.PIPE).stdout.split()]

    def test_sizes_and_places_of_members(self):
        asked, expected = [], []
        for name, kind in STRUCTS.items():
            asked.append(f"sizeof(augur_{name})")
            expected.append(ctypes.sizeof(kind))
            for member, _ in kind._fields_:
                asked += [f"offsetof(augur_{name}, {member})", f"sizeof(((augur_{name}*)0)->{member})"]
                expected += [getattr(kind, member).offset, getattr(kind, member).size]
        found = self.asked(asked)
        self.assertEqual([(what, value) for what, value in zip(asked, found)], list(zip(asked, expected)))

    def test_every_member_is_there(self):
        header = (INCLUDE / "augur" / "augur.h").read_text()
        for name, kind in STRUCTS.items():
            body = re.search(rf"typedef struct augur_{name} \{{(.*?)\}} augur_{name};", header, re.DOTALL).group(1)
            body = re.sub(r"/\*.*?\*/", "", body, flags=re.DOTALL)
            members = re.findall(r"(\w+)(?:\[\d+\])?\s*(?=;|,\s*\w+;)", body)
            self.assertEqual(members, [member for member, _ in kind._fields_], name)

    def test_constants(self):
        asked, expected = (
            ["AUGUR_VERSION", "AUGUR_IDS_ROWS", "AUGUR_RESTORED_BY_MODEL"],
            [abi.HEADER_VERSION, columns._ROWS, 1],
        )
        for prefix, kind in ENUMS.items():
            asked += [f"AUGUR_{prefix}{one.name}" for one in kind]
            expected += [one.value for one in kind]
        asked += [f"AUGUR_{one.name}" for one in info.FieldKind]
        expected += [one.value for one in info.FieldKind]
        self.assertEqual(list(zip(asked, self.asked(asked))), list(zip(asked, expected)))

    def test_every_status_has_an_exception(self):
        for one in status.Status:
            if one:
                error = status.error_of(one, "why")
                self.assertEqual((error.status, str(error)), (one, "why"))
                self.assertIsNot(type(error), status.StatusError)
        self.assertIn("99", str(status.error_of(99, "why")))

    def test_a_column_is_packed_as_ctypes_lays_it_out(self):
        room = bytearray(columns.COLUMN_BYTES)
        columns._PACK(room, 0, *range(1, 10))
        column = abi.Column.from_buffer(room)
        self.assertEqual([getattr(column, name) for name, _ in abi.Column._fields_], list(range(1, 10)))


if __name__ == "__main__":
    unittest.main()
