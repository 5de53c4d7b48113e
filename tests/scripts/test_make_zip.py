"""scripts/make_zip.py: the same entries give the same bytes, whatever the files' times, order and folders."""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
import zipfile

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "scripts/make_zip.py"


class MakeZip(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = pathlib.Path(self.folder.name)

    def tearDown(self):
        self.folder.cleanup()

    def tree(self, name, order, time):
        for file in order:
            path = self.root / name / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(file * 100)
            os.utime(path, (time, time))
        (self.root / name / "run").chmod(0o775)
        (self.root / name / "current").symlink_to("a")
        return self.root / name

    def zip(self, out, *arguments):
        return subprocess.run([sys.executable, "-B", str(SCRIPT), str(self.root / out), *arguments],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)

    def test_two_folders_with_the_same_content_give_the_same_bytes(self):
        one = self.tree("one", ["a/x.txt", "a/y.txt", "run"], 1e9)
        two = self.tree("longer-name/two", ["run", "a/y.txt", "a/x.txt"], 1.5e9)
        os.umask(os.umask(0o077))
        for out, folder in (("one.zip", one), ("two.zip", two)):
            self.assertEqual(self.zip(out, f"={folder}").returncode, 0)
        self.assertEqual((self.root / "one.zip").read_bytes(), (self.root / "two.zip").read_bytes())

    def test_entries_are_sorted_and_have_one_time_and_plain_modes(self):
        self.assertEqual(self.zip("o.zip", f"top={self.tree('t', ['b', 'run', 'a/x'], 1.2e9)}").returncode, 0)
        with zipfile.ZipFile(self.root / "o.zip") as archive:
            entries = archive.infolist()
        self.assertEqual([entry.filename for entry in entries], ["top/a/x", "top/b", "top/current", "top/run"])
        self.assertEqual({entry.date_time for entry in entries}, {(1980, 1, 1, 0, 0, 0)})
        self.assertEqual([oct(entry.external_attr >> 16) for entry in entries],
                         ["0o100644", "0o100644", "0o120777", "0o100755"])

    def test_bad_arguments_are_refused(self):
        (self.root / "f").write_text("x")
        self.assertIn("usage", self.zip("o.zip").stdout)
        self.assertIn("there is no", self.zip("o.zip", f"x={self.root}/none").stdout)
        self.assertIn("would both be x", self.zip("o.zip", f"x={self.root}/f", f"x={self.root}/f").stdout)
        self.assertIn("is not a name", self.zip("o.zip", f"../x={self.root}/f").stdout)
        self.assertFalse((self.root / "o.zip").exists())


if __name__ == "__main__":
    unittest.main()
