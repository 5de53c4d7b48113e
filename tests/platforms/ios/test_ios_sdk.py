"""toolchains/stand-in/ios_sdk.py: what it makes finds the mistakes that it is there for."""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import macho
import stand_in

SYSTEMS = [("iphoneos", "arm64", "ios", "13.0"), ("iphonesimulator", "arm64", "ios-simulator", "14.0"),
           ("iphonesimulator", "x86_64", "ios-simulator", "13.0")]


class StandIn(unittest.TestCase):
    def setUp(self):
        stand_in.folder()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def compile(self, text, *options, suffix=".c", **where):
        source = self.folder / f"program{suffix}"
        source.write_text(text)
        return stand_in.clang(source, "-o", self.folder / "program", *options, **where)

    def test_programs_are_for_the_system_that_is_asked_for(self):
        for sdk, architecture, platform, minimum in SYSTEMS:
            with self.subTest(sdk=sdk, architecture=architecture):
                self.compile("#include <stdio.h>\nint main(void) { return puts(\"\") < 0; }\n", sdk=sdk,
                             architecture=architecture)
                image, = macho.read((self.folder / "program").read_bytes())
                self.assertEqual((image.architecture, image.platform, image.minimum), (architecture, platform, minimum))
                self.assertEqual(image.loads, ["/usr/lib/libSystem.B.dylib"])

    def test_cpp_programs_use_the_system_s_cpp_library(self):
        self.compile("#include <string>\n#include <thread>\nint main(int n, char** a) {\n"
                     "  std::thread([] {}).join();\n  return std::string(a[n - 1]).size() > 3;\n}\n",
                     "-std=c++17", "-lc++", suffix=".cc")
        image, = macho.read((self.folder / "program").read_bytes())
        self.assertIn("/usr/lib/libc++.1.dylib", image.loads)

    def test_code_for_intel_can_ask_for_instructions(self):
        self.compile("int main(void) { return __builtin_cpu_supports(\"avx2\"); }\n", sdk="iphonesimulator",
                     architecture="x86_64")

    def test_a_function_that_does_not_exist_fails_the_link(self):
        with self.assertRaisesRegex(AssertionError, "undefined symbol: secure_getenv"):
            self.compile("char* secure_getenv(const char*);\nint main(void) { return secure_getenv(\"A\") != 0; }\n")

    def test_a_function_newer_than_the_oldest_ios_is_an_error(self):
        with self.assertRaisesRegex(AssertionError, "'mkfifoat' is only available on iOS 16.0"):
            self.compile("#include <sys/stat.h>\nint main(void) { return mkfifoat(0, \"a\", 0); }\n",
                         "-Werror=unguarded-availability")

    def test_a_header_of_linux_does_not_exist(self):
        with self.assertRaisesRegex(AssertionError, "'malloc.h' file not found"):
            self.compile("#include <malloc.h>\nint main(void) { return 0; }\n")

    def test_xcrun_names_what_it_does_not_have(self):
        for arguments, text in ((["--sdk", "macosx", "--show-sdk-path"], "there is no SDK 'macosx'"),
                                (["--find", "swiftc"], "there is no tool 'swiftc'")):
            result = stand_in.xcrun(*arguments)
            self.assertNotEqual(result.returncode, 0)
            self.assertIn(text, result.stdout)

    def test_every_tool_runs(self):
        for tool in (stand_in.folder() / "tools").iterdir():
            with self.subTest(tool=tool.name):
                result = stand_in.xcrun(tool.name, "--version")
                self.assertEqual(result.returncode, 0, result.stdout)
                self.assertRegex(result.stdout, "LLVM|LLD|clang")

    def test_a_second_run_makes_nothing(self):
        folder = stand_in.folder()
        before = folder.stat().st_mtime_ns
        stand_in.folder.cache_clear()
        self.assertEqual(stand_in.folder(), folder)
        self.assertEqual(folder.stat().st_mtime_ns, before)


class Errors(unittest.TestCase):
    def test_a_wheel_of_other_content_is_refused(self):
        with tempfile.TemporaryDirectory() as cache:
            wheel = pathlib.Path(cache, "downloads", stand_in.module().WHEEL)
            wheel.parent.mkdir()
            wheel.write_bytes(b"something else")
            code = ("import stand_in, sys\nmodule = stand_in.module()\nmodule.wheel_in_cache()\n")
            result = subprocess.run([sys.executable, "-B", "-c", code], env={**os.environ, "AUGUR_CACHE": cache},
                                    cwd=pathlib.Path(__file__).parent, stderr=subprocess.PIPE, text=True)
            self.assertEqual(result.returncode, 1)
            self.assertRegex(result.stderr, f"{wheel.name}: SHA-256 is .*, expected .*. Delete the file and run again")

    def test_a_missing_llvm_names_the_packages(self):
        module = stand_in.module()
        module.LLVM = pathlib.Path("/nowhere")
        with self.assertRaisesRegex(SystemExit, "/nowhere lacks clang, .*apt-get install clang-19 lld-19"):
            module.check_llvm()

    def test_targets_of_macos_become_those_of_ios(self):
        text = "targets: [ x86_64-macos, arm64e-macos,\n  arm64-macos ]\nother: [ x86_64-macos ]\n"
        self.assertEqual(stand_in.module().for_ios(text),
                         "targets: [ x86_64-ios-simulator, arm64-ios, arm64-ios-simulator ]\nother: [ x86_64-macos ]\n")


if __name__ == "__main__":
    unittest.main()
