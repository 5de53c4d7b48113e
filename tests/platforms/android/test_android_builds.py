"""Checks every library and program that the android-* presets have built.

AUGUR_ANDROID_BUILDS names their build folders, separated by colons. Without it, those of the three presets are taken,
and a test is skipped if its preset is not built.
"""
import os
import pathlib
import unittest

import elf
import elf_check

FOLDERS = os.environ.get("AUGUR_ANDROID_BUILDS")
PRESETS = {"arm64-v8a": "android-arm64", "armeabi-v7a": "android-armv7", "x86_64": "android-x86_64"}
COMMANDS = ("augur-bench", "augur-rank")
TESTS = ("runtime_api_test", "runtime_kernels_test", "runtime_network_test")  # of one ABI, in scripts/test.sh


def shows_c_api(name):
    return name.startswith("augur_")


class BuildTest:
    abi = ""

    def setUp(self):
        folders = [pathlib.Path(name) for name in FOLDERS.split(":")] if FOLDERS else [
            elf_check.ROOT / "build" / preset for preset in PRESETS.values()]
        preset = PRESETS[self.abi]
        self.folder = next((folder for folder in folders if folder.name == preset), None)
        if FOLDERS:
            self.assertIsNotNone(self.folder, f"AUGUR_ANDROID_BUILDS has no folder {preset}")
        elif not (self.folder / "stripped/libaugur.so").exists():
            self.skipTest(f"{preset} is not built")

    def assert_right(self, path, wrong):
        self.assertEqual([], wrong, f"{path}: " + "; ".join(wrong))

    def check_library(self, name, exports, libraries):
        for folder in ("lib", "stripped"):
            path = self.folder / folder / name
            self.assert_right(path, elf_check.check_library(path.read_bytes(), self.abi, name, exports, libraries))
        path = self.folder / "stripped" / name
        self.assert_right(path, elf_check.check_stripped(path.read_bytes(), (self.folder / "lib" / name).read_bytes()))

    def test_libaugur(self):
        self.check_library("libaugur.so", shows_c_api, {})

    def test_libaugur_jni(self):
        c_api = set(elf.read((self.folder / "lib/libaugur.so").read_bytes()).defined)
        self.check_library("libaugur_jni.so", lambda name: name == "JNI_OnLoad", {"libaugur.so": c_api})

    def test_nothing_else_is_stripped_for_packages(self):
        self.assertEqual(["libaugur.so", "libaugur_jni.so"], sorted(path.name for path in (self.folder / "stripped").iterdir()))

    def test_programs(self):
        programs = {path.name: path for path in self.folder.rglob("*")
                    if path.is_file() and path.parent.name != "CMakeFiles" and "CMakeFiles" not in path.parts
                    and os.access(path, os.X_OK) and path.suffix == ""}
        if not programs and not FOLDERS:
            self.skipTest(f"{self.folder} has no programs: the target augur_phone_programs is not built")
        for name in COMMANDS + (TESTS if self.abi == "arm64-v8a" else ()):
            self.assertIn(name, programs, f"{self.folder} has no {name}: build the target augur_phone_programs")
        for path in programs.values():
            with self.subTest(program=path.name):
                self.assert_right(path, elf_check.check_program(path.read_bytes(), self.abi))


for _abi in PRESETS:
    _name = "Test_" + _abi.replace("-", "_")
    globals()[_name] = type(_name, (BuildTest, unittest.TestCase), {"abi": _abi})

if __name__ == "__main__":
    unittest.main()
