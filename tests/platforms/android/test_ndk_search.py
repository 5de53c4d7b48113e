"""Where toolchains/android-sdk.cmake looks for an NDK, and what it says if there is none."""
import os
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
VARIABLES = ("ANDROID_NDK_HOME", "ANDROID_NDK_ROOT", "ANDROID_NDK", "ANDROID_HOME", "ANDROID_SDK_ROOT")


class NdkSearchTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "find.cmake").write_text(
            f'include("{ROOT}/toolchains/android-sdk.cmake")\nmessage("found ${{AUGUR_ANDROID_NDK}}")\n')

    def ndk(self, name):
        file = self.folder / name / "build/cmake/android.toolchain.cmake"
        file.parent.mkdir(parents=True)
        file.touch()
        return self.folder / name

    def search(self, *arguments, **variables):
        environment = {name: value for name, value in os.environ.items() if name not in VARIABLES}
        environment.update({name: str(value) for name, value in variables.items()})
        done = subprocess.run(["cmake", *arguments, "-P", self.folder / "find.cmake"], env=environment,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return done.returncode, " ".join(done.stdout.split())

    def assert_found(self, ndk, *arguments, **variables):
        self.assertEqual((0, f"found {ndk}"), self.search(*arguments, **variables))

    def test_variables_in_their_order(self):
        given, home, root, plain = (self.ndk(name) for name in ("given", "home", "root", "plain"))
        self.assert_found(plain, ANDROID_NDK=plain)
        self.assert_found(root, ANDROID_NDK_ROOT=root, ANDROID_NDK=plain)
        self.assert_found(home, ANDROID_NDK_HOME=home, ANDROID_NDK_ROOT=root)
        self.assert_found(given, f"-DAUGUR_ANDROID_NDK={given}", ANDROID_NDK_HOME=home)

    def test_the_newest_of_an_sdk(self):
        self.ndk("sdk/ndk/9.0.1")
        self.ndk("sdk/ndk/27.2.12479018")
        newest = self.ndk("sdk/ndk/28.0.1")
        (self.folder / "sdk/ndk/29.0.1").mkdir()  # an installation that was broken off
        self.assert_found(newest, ANDROID_HOME=self.folder / "sdk")
        self.assert_found(newest, ANDROID_SDK_ROOT=self.folder / "sdk")
        self.assert_found(self.ndk("home"), ANDROID_NDK_HOME=self.folder / "home", ANDROID_HOME=self.folder / "sdk")

    def test_none(self):
        status, output = self.search(ANDROID_NDK_HOME=self.folder / "nowhere")
        self.assertNotEqual(0, status)
        for text in ("The Android NDK was not found", "set ANDROID_NDK_HOME", f"'{self.folder}/nowhere'", "docs/porting.md"):
            self.assertIn(text, output)


if __name__ == "__main__":
    unittest.main()
