"""The source distribution that scripts/wheel.sh --sdist has made: what is in it, and that it builds the wheel.

AUGUR_SDIST names the archive.
"""

import os
import pathlib
import subprocess
import tarfile
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
SDIST = pathlib.Path(os.environ["AUGUR_SDIST"])


class Sdist(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        work = tempfile.TemporaryDirectory()
        cls.addClassCleanup(work.cleanup)
        with tarfile.open(SDIST) as archive:
            cls.names = [name.partition("/")[2] for name in archive.getnames()]
            archive.extractall(work.name)
        cls.folder = pathlib.Path(work.name) / SDIST.name[: -len(".tar.gz")]

    def test_it_has_the_package_s_files_as_they_are_and_no_others(self):
        tracked = set(
            subprocess.run(
                ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
                cwd=ROOT,
                check=True,
                stdout=subprocess.PIPE,
                text=True,
            ).stdout.splitlines()
        )
        self.assertEqual(set(self.names) - tracked, {"PKG-INFO"})
        self.assertLessEqual(
            {name for name in tracked if name.startswith(("converter/python/augur_rank/", "runtime/"))}, set(self.names)
        )
        self.assertFalse(
            [name for name in self.names if name.startswith(("tests/", "docs/", "converter/python/tests/"))]
        )
        for name in ("pyproject.toml", "LICENSE", "NOTICE", "converter/licences/libzip"):
            self.assertEqual((self.folder / name).read_bytes(), (ROOT / name).read_bytes(), name)

    def test_every_file_that_the_build_needs_is_there(self):
        build = self.folder / "build"
        subprocess.run(
            ["cmake", "-G", "Ninja", "-S", str(self.folder), "-B", str(build), "-DAUGUR_WHEEL=ON"],
            check=True,
            stdout=subprocess.PIPE,
        )
        # A dry run stops at a source that does not exist.
        done = subprocess.run(
            [
                "ninja",
                "-C",
                str(build),
                "-n",
                "augur_shared",
                "augur-convert",
                "augur-inspect",
                "augur-rank",
                "augur-bench",
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.assertEqual(done.returncode, 0, done.stdout[-2000:])
        self.assertIn("Linking CXX executable bin/augur-convert", done.stdout)


if __name__ == "__main__":
    unittest.main()
