"""Compiles the Kotlin of the sample app and of docs/android.md against the AAR's classes, and reads the Gradle scripts for
their syntax; neither Gradle nor the Android SDK is needed. The Kotlin compiler is what toolchains/stand-in/jvm.sh fetches.
"""
import pathlib
import re
import subprocess
import tempfile
import unittest
import zipfile

import aar_check
from test_aar_check import PACKAGES, aar

ROOT = aar_check.ROOT
ANDROID = ROOT / "platforms/android"
DOCUMENT = "import android.content.Context\nimport dev.augur.*\n\nclass App : android.app.Activity() {\n"


def jars():
    done = subprocess.run(["sh", str(ROOT / "toolchains/stand-in/jvm.sh")], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise unittest.SkipTest("no Kotlin compiler: " + done.stderr.strip())
    return pathlib.Path(done.stdout.strip())


class Kotlin(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        package = aar()
        ktx = sorted((PACKAGES / "maven/dev/augur/augur-ktx").glob("*/augur-ktx-*.jar"))
        ktx = [path for path in ktx if not path.name.endswith("-sources.jar")]
        if not ktx:
            raise unittest.SkipTest("augur-ktx was left out of the packages")
        cls.jars = jars()
        cls.folder = tempfile.TemporaryDirectory()
        cls.work = pathlib.Path(cls.folder.name)
        with zipfile.ZipFile(package) as archive:
            (cls.work / "classes.jar").write_bytes(archive.read("classes.jar"))
        cls.classpath = f"{cls.work}/classes.jar:{ktx[0]}:{cls.jars}/android.jar"

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def compile(self, name, *sources):
        done = subprocess.run(["sh", str(ANDROID / "package/kotlinc.sh"), str(self.jars), "java", self.classpath, name,
                               str(self.work / name), *map(str, sources)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return done.returncode, done.stdout

    def test_the_sample_compiles(self):
        status, output = self.compile("sample", *(ANDROID / "sample/src/main/kotlin").rglob("*.kt"))
        self.assertEqual(status, 0, output)

    def test_the_kotlin_of_the_document_compiles(self):
        text = (ROOT / "docs/android.md").read_text()
        blocks = re.findall(r"^ *```kotlin\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL)
        self.assertEqual(len(blocks), 2)
        (self.work / "doc.kt").write_text(f"{DOCUMENT}suspend fun first() {{\n{''.join(blocks)}\n}}\n}}\n")
        status, output = self.compile("doc", self.work / "doc.kt")
        errors = [line for line in output.splitlines() if "error:" in line and "-Werror" not in line]
        self.assertEqual(errors, [], output)  # warnings of what is not used are no matter

    def test_the_gradle_scripts_have_no_syntax_errors(self):
        scripts = sorted(ANDROID.glob("*.gradle.kts")) + sorted(ANDROID.glob("*/*.gradle.kts"))
        self.assertEqual(len(scripts), 4)
        # Their names are Gradle's, so that every one is unresolved here; a syntax error is reported as such.
        for number, script in enumerate(scripts):
            (self.work / f"script{number}.kt").write_text(f"fun script{number}() {{\n{script.read_text()}\n}}\n")
        (self.work / "broken.kt").write_text("fun broken() { android { minSdk = } }\n")
        _, output = self.compile("gradle", self.work / "broken.kt", *(self.work / f"script{number}.kt" for number in range(4)))
        syntax = [line for line in output.splitlines() if "syntax error" in line.lower()]
        self.assertTrue(syntax and all("broken.kt" in line for line in syntax), output)


if __name__ == "__main__":
    unittest.main()
