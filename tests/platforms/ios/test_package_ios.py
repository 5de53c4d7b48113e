"""What scripts/package-ios.sh and platforms/ios/package/assemble.py say when something is missing."""
import importlib.util
import os
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
SCRIPT = ROOT / "scripts/package-ios.sh"
CACHE = "AUGUR_IOS_SDK:STRING=iphoneos\nCMAKE_OSX_ARCHITECTURES:STRING=arm64\nCMAKE_OSX_DEPLOYMENT_TARGET:STRING=13.0\n"


def assemble():
    spec = importlib.util.spec_from_file_location("assemble", ROOT / "platforms/ios/package/assemble.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Script(unittest.TestCase):
    def run_script(self, *arguments):
        with tempfile.TemporaryDirectory() as empty:
            for program in ("dirname", "sh"):  # what the script needs before it looks for xcrun
                pathlib.Path(empty, program).symlink_to(f"/usr/bin/{program}")
            return subprocess.run(["/bin/sh", str(SCRIPT), *arguments], env={"PATH": empty, "HOME": os.environ["HOME"]},
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def test_without_xcode_it_says_what_to_do(self):
        result = self.run_script()
        self.assertEqual(result.returncode, 1)
        self.assertIn("Xcode was not found.", result.stdout)
        self.assertIn("--stand-in", result.stdout)

    def test_an_unknown_option(self):
        result = self.run_script("--standin")
        self.assertEqual(result.returncode, 2)
        self.assertIn("There is no option '--standin'.", result.stdout)


class Assemble(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.module = assemble()

    def build(self, name, cache=CACHE, library=True):
        build = self.folder / name
        (build / "stripped").mkdir(parents=True)
        (build / "CMakeCache.txt").write_text(cache)
        if library:
            (build / "stripped/libaugur.dylib").write_bytes(b"")
        return build

    def refuses(self, variant, builds, text):
        assembly = self.module.Assembly("/nowhere/xcrun", self.folder / "out", "0.0.0")
        with self.assertRaisesRegex(self.module.Failure, text):
            assembly.add(variant, builds)

    def test_a_folder_that_is_no_build(self):
        self.refuses("", [self.folder / "nothing"], "nothing is not a configured build")

    def test_a_build_that_is_not_for_ios(self):
        self.refuses("", [self.build("host", "CMAKE_BUILD_TYPE:STRING=Release\n")], "has no CMAKE_OSX_ARCHITECTURES")

    def test_a_device_s_build_as_a_simulator_s(self):
        self.refuses("simulator", [self.build("device")], "device is not a build for iphonesimulator, but for iphoneos")

    def test_builds_for_different_versions_of_ios(self):
        self.refuses("", [self.build("a"), self.build("b", CACHE.replace("13.0", "15.0"))], r"not \['13.0', '15.0'\]")

    def test_a_build_without_the_library(self):
        self.refuses("", [self.build("a", library=False)], "a/stripped has no libaugur.dylib. Build the target augur_shared")


if __name__ == "__main__":
    unittest.main()
