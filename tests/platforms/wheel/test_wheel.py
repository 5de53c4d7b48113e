"""The wheel that scripts/wheel.sh has built: its files, and the package that pip installs from it.

AUGUR_WHEEL names the wheel. Installing needs no network: NumPy is the machine's.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import wheel_check  # noqa: E402
from wheel_check import ROOT  # noqa: E402

WHEEL = pathlib.Path(os.environ["AUGUR_WHEEL"])
STEM = "-".join(WHEEL.name.split("-")[:2])
METADATA = f"{STEM}.dist-info/METADATA"
CLEAN = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LC_ALL": "C.UTF-8"}  # nothing of the checkout


def changed(text, old, new):
    """The bytes with one piece exchanged."""
    if old not in text:
        raise AssertionError(f"{old!r} is not there")
    return text.replace(old, new)


class Contents(unittest.TestCase):
    def test_the_wheel_is_as_it_should_be(self):
        self.assertEqual(wheel_check.check(WHEEL), [])

    def check_changed(self, name, change, message, recorded=False):
        """What the check says of a wheel with one file changed (or left out, if `change` gives None)."""
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / WHEEL.name
            with zipfile.ZipFile(WHEEL) as source, zipfile.ZipFile(path, "w") as target:
                for info in source.infolist():
                    data = source.read(info)
                    if info.filename == name:
                        data = change(info, data)
                    if data is not None:
                        target.writestr(info, data)
            check_record = wheel_check.check_record
            if recorded:  # as if the record had the hashes of what is there
                wheel_check.check_record = lambda *_: []
            try:
                self.assertRegex("\n".join(wheel_check.check(path)), message)
            finally:
                wheel_check.check_record = check_record

    def test_a_missing_file_is_found(self):
        for name in ("augur_rank/lib/libaugur.so", "augur_rank/py.typed", f"{STEM}.dist-info/entry_points.txt"):
            self.check_changed(name, lambda *_: None, f"{name} is missing")
        for name in ("NOTICE", "converter/licences/libzip"):
            self.check_changed(f"{STEM}.dist-info/licenses/{name}", lambda *_: None, "the licence file .* is missing")

    def test_a_file_too_many_is_found(self):
        def rename(info, data):
            info.filename = "augur_rank/__pycache__/built.pyc"
            return data

        self.check_changed("augur_rank/built.py", rename, "built.pyc does not belong in the wheel")

    def test_another_content_than_the_record_s_is_found(self):
        self.check_changed("augur_rank/errors.py", lambda _, data: data + b"\n", "hash of augur_rank/errors.py")

    def test_a_command_that_is_not_executable_is_found(self):
        def plain(info, data):
            info.external_attr = 0o644 << 16
            return data

        self.check_changed("augur_rank/bin/augur-rank", plain, "augur-rank is not executable")

    def test_wrong_metadata_is_found(self):
        for old, new, message in (
            (b"Requires-Dist: numpy", b"Requires-Dist: torch\nRequires-Dist: numpy", "NumPy alone"),
            (b"Provides-Extra: train", b"Provides-Extra: training", "the extras are"),
            (b" AND Zlib", b"", "License-Expression"),
            (b"Version: ", b"Version: 9", "Version is"),
        ):
            self.check_changed(
                METADATA, lambda _, data, old=old, new=new: changed(data, old, new), message, recorded=True
            )
        self.check_changed(
            f"{STEM}.dist-info/WHEEL",
            lambda _, data: changed(data, b"py3-none-", b"cp311-cp311-"),
            "Tag",
            recorded=True,
        )

    def test_a_binary_that_needs_more_is_found(self):
        for old, new, message in (
            (b"libm.so.6\0", b"libq.so.6\0", "needs libq.so.6, which is not in the wheel"),
            (b"\0augur_rank\0", b"\0xxxxx_rank\0", "shows .'xxxxx_rank'"),
        ):
            self.check_changed(
                "augur_rank/lib/libaugur.so",
                lambda _, data, old=old, new=new: changed(data, old, new),
                message,
                recorded=True,
            )

    def test_a_newer_glibc_than_the_tag_s_is_found(self):
        with zipfile.ZipFile(WHEEL) as archive:
            found = wheel_check.check_binaries(archive, (2, 2))
        self.assertRegex("\n".join(found), "augur-convert: needs glibc 2")


class Installed(unittest.TestCase):
    """The package in a new virtual environment."""

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.environment = cls.folder / "environment"
        subprocess.run(["/usr/bin/python3", "-m", "venv", "--system-site-packages", str(cls.environment)], check=True)
        cls.python("-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-index", str(WHEEL))

    @classmethod
    def run_in(cls, command, *arguments, **more):
        """A program of the environment."""
        return subprocess.run(
            [str(cls.environment / "bin" / command), *arguments],
            capture_output=True,
            text=True,
            timeout=300,
            cwd=cls.folder,
            env={**CLEAN, **more},
        )

    @classmethod
    def python(cls, *arguments):
        """The output of Python in the environment."""
        done = cls.run_in("python", *arguments)
        if done.returncode != 0:
            raise AssertionError(f"{arguments}: {done.stdout}{done.stderr}")
        return done.stdout

    def test_it_converts_and_ranks_as_the_library(self):
        said = self.python(
            str(ROOT / "tests/platforms/wheel/smoke.py"), str(ROOT / "tests/layouts/libraries"), str(self.folder)
        )
        self.assertEqual(len(said.splitlines()), 4, said)

    def test_the_version_is_that_of_the_library_and_of_every_command(self):
        version = STEM.split("-")[1]
        self.assertEqual(
            self.python("-c", "import importlib.metadata as m; print(m.version('augur-rank'))").strip(), version
        )
        for command in wheel_check.COMMANDS:
            done = self.run_in(command, "--version")
            self.assertEqual(
                (done.returncode, version in done.stdout), (0, True), f"{command}: {done.stdout}{done.stderr}"
            )

    def test_every_module_is_there_without_the_frameworks(self):
        found = self.python(
            "-c",
            """
import importlib, pkgutil, sys
for name in ('torch', 'tensorflow', 'h5py', 'pandas', 'polars', 'matplotlib', 'yaml', 'tqdm', 'scipy'):
    sys.modules[name] = None  # its import fails
import augur_rank
PROGRAMS = ('augur_rank.__main__', 'augur_rank.checkpoints.hdf5_child', 'augur_rank.libraries.fuxictr_answers')
names = [found.name for found in pkgutil.walk_packages(augur_rank.__path__, 'augur_rank.')
         if not found.name.startswith('augur_rank.training')  # PyTorch's own room
         and found.name not in PROGRAMS]
for name in names:
    importlib.import_module(name)
print(len(names))
""",
        )
        self.assertGreater(int(found), 20)

    def test_the_commands_pass_on_arguments_streams_and_the_exit_status(self):
        done = self.run_in("augur-rank", "m.augur", "--requests", "a b.jsonl", "--threads", "0")
        self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
        self.assertIn("--threads", done.stderr)

    def test_a_missing_command_is_said(self):
        done = self.run_in("augur-rank", "--version", AUGUR_BUILD=str(self.folder))
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"augur-rank is not in {self.folder}/bin", done.stderr)
        self.assertNotIn("Traceback", done.stderr)


if __name__ == "__main__":
    unittest.main()
