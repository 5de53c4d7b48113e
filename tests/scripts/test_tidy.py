"""When scripts/tidy.py checks a file again: if a header or the command has changed, not if the checkout has moved."""
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "scripts"))
import tidy  # noqa: E402


def key(root, launcher="", common=b"rules", flags="-O3"):
    entry = {"file": str(root / "src/a.cc"), "command": f"{launcher}/usr/bin/c++ -I{root}/include {flags} -c {root}/src/a.cc"}
    return tidy.key_of(entry, tidy.Headers(root), common, root)


class Tidy(unittest.TestCase):
    def setUp(self):
        self.folders = [tempfile.TemporaryDirectory() for _ in range(2)]
        self.roots = [pathlib.Path(folder.name).resolve() for folder in self.folders]
        for root in self.roots:
            for name, text in {"src/a.cc": '#include "b.h"\n', "src/b.h": '#if 0\n#include "c.h"\n#endif\n',
                               "include/c.h": "int c;\n", "include/d.h": "int d;\n"}.items():
                (root / name).parent.mkdir(exist_ok=True)
                (root / name).write_text(text)

    def tearDown(self):
        for folder in self.folders:
            folder.cleanup()

    def test_the_key_does_not_depend_on_the_checkouts_folder_or_a_launcher(self):
        self.assertEqual(key(self.roots[0]), key(self.roots[1], "ccache "))

    def test_the_key_depends_on_a_header_that_a_header_includes(self):
        before = key(self.roots[0])
        (self.roots[0] / "include/c.h").write_text("int e;\n")
        self.assertNotEqual(key(self.roots[0]), before)

    def test_the_key_does_not_depend_on_a_header_that_is_not_included(self):
        before = key(self.roots[0])
        (self.roots[0] / "include/d.h").write_text("int e;\n")
        self.assertEqual(key(self.roots[0]), before)

    def test_the_key_depends_on_flags_and_rules(self):
        keys = {key(self.roots[0]), key(self.roots[0], flags="-O2"), key(self.roots[0], common=b"other")}
        self.assertEqual(len(keys), 3)


if __name__ == "__main__":
    unittest.main()
