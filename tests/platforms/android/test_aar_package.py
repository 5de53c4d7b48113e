"""Opens what scripts/package-android.sh made: the AAR, the symbols and the Maven repository folder."""
import hashlib
import json
import pathlib
import re
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree
import zipfile

import aar_check
import elf
import elf_check
from test_aar_check import ABIS, PACKAGES, aar

POM = "{http://maven.apache.org/POM/4.0.0}"
TARGETS = {"arm64-v8a": "aarch64-linux-android21", "armeabi-v7a": "armv7a-linux-androideabi21",
           "x86_64": "x86_64-linux-android21"}


def ndk():
    """The NDK's programs, as the build of the first ABI used them."""
    cache = (aar_check.ROOT / "build/android-arm64/CMakeCache.txt").read_text()
    folder = pathlib.Path(re.search(r"^AUGUR_ANDROID_NDK:\w+=(.*)$", cache, re.MULTILINE)[1])
    return next((folder / "toolchains/llvm/prebuilt").iterdir())


class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.aar = aar()
        cls.version = cls.aar.name[len("augur-"):-len(".aar")]
        cls.repository = PACKAGES / "maven/dev/augur"

    def test_the_aar_has_what_is_promised_and_nothing_else(self):
        self.assertEqual(aar_check.check(self.aar, ABIS), [])

    def test_a_package_of_the_stand_in_says_so(self):
        properties = (ndk().parents[3] / "source.properties").read_text()
        self.assertEqual(self.version.endswith("-unverified"), "stand-in" in properties)

    def test_the_libraries_are_as_phones_need_them(self):
        with zipfile.ZipFile(self.aar) as package:
            for abi in ABIS:
                data = {name: package.read(f"jni/{abi}/{name}") for name in aar_check.LIBRARIES}
                c_api = set(elf.read(data["libaugur.so"]).defined)
                exports = {"libaugur.so": lambda name: name.startswith("augur_"), "libaugur_jni.so": lambda name: name == "JNI_OnLoad"}
                needed = {"libaugur.so": {}, "libaugur_jni.so": {"libaugur.so": c_api}}
                for name in aar_check.LIBRARIES:
                    self.assertEqual(elf_check.check_library(data[name], abi, name, exports[name], needed[name]), [], f"{abi}/{name}")

    def test_symbols_belong_to_the_libraries(self):
        with zipfile.ZipFile(self.aar) as package, zipfile.ZipFile(PACKAGES / f"augur-{self.version}-symbols.zip") as symbols:
            names = {f"{abi}/{library}" for abi in ABIS for library in aar_check.LIBRARIES}
            self.assertEqual(set(symbols.namelist()), names | {"build-ids.txt"})
            listed = dict(reversed(line.split()) for line in symbols.read("build-ids.txt").decode().splitlines())
            self.assertEqual(set(listed), names)
            for name in sorted(names):
                self.assertEqual(elf_check.check_stripped(package.read(f"jni/{name}"), symbols.read(name)), [], name)
                self.assertEqual(elf.read(symbols.read(name)).build_id, listed[name])

    def test_no_library_names_a_folder_of_this_machine(self):
        home, root = str(pathlib.Path.home()).encode(), str(aar_check.ROOT).encode()
        with zipfile.ZipFile(PACKAGES / f"augur-{self.version}-symbols.zip") as symbols:
            for name in symbols.namelist():
                data = symbols.read(name)
                for path in (root, home + b"/"):
                    at = data.find(path)
                    self.assertEqual(at, -1, f"{name}: {data[max(at - 60, 0):at + 60]}")

    def test_c_code_compiles_and_links_with_the_prefab_part(self):
        source = """#include <augur/augur.h>
int try_it(const char* path) {
  augur_model* model = 0;
  augur_error error = {sizeof error, 0, ""};
  augur_status status = augur_model_open_file(path, 0, &model, &error);
  augur_model_close(model);
  return (int)status;
}
"""
        cxx = '#include <augur/augur.hpp>\n#include "c.c"\nint f(augur::Session& s) { s.cancel(); return 0; }\n'
        tools = ndk()
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            with zipfile.ZipFile(self.aar) as package:
                package.extractall(folder)
            (folder / "c.c").write_text(source)
            (folder / "cxx.cc").write_text(cxx)
            module = folder / "prefab/modules/augur_shared"
            for abi in ABIS:
                for program, file, more in (("clang", "c.c", ["-std=c11"]), ("clang++", "cxx.cc", ["-std=c++17", "-nostdlib++"])):
                    done = subprocess.run(
                        [tools / "bin" / program, f"--target={TARGETS[abi]}", f"--sysroot={tools / 'sysroot'}", "-shared", "-fPIC",
                         "-Wall", "-Wextra", "-Werror", "-Wno-unused-command-line-argument", *more, "-fno-exceptions", "-fno-rtti",
                         f"-I{module}/include", folder / file, f"{module}/libs/android.{abi}/libaugur.so", "-Wl,--no-undefined",
                         "-o", folder / "libapp.so"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
                    self.assertEqual(done.returncode, 0, f"{abi} {file}: {done.stdout}")

    def test_the_maven_folder_is_complete(self):
        version = self.repository / "augur" / self.version
        files = {path.name for path in version.iterdir()}
        base = f"augur-{self.version}"
        artefacts = {base + ending for ending in (".aar", ".pom", "-sources.jar", "-javadoc.jar", ".spdx.json")}
        sums = {f"{name}.{kind}" for name in artefacts for kind in ("md5", "sha1", "sha256", "sha512")}
        self.assertEqual(files, artefacts | sums)
        self.assertEqual((version / f"{base}.aar").read_bytes(), self.aar.read_bytes())

    def test_every_checksum_is_right(self):
        checked = 0
        for path in self.repository.rglob("*"):
            kind = path.suffix[1:]
            if kind in ("md5", "sha1", "sha256", "sha512"):
                self.assertEqual(path.read_text(), hashlib.new(kind, path.with_suffix("").read_bytes()).hexdigest(), path)
                checked += 1
        self.assertGreaterEqual(checked, 24)

    def test_poms_and_metadata(self):
        for artefact, packaging in (("augur", "aar"), ("augur-ktx", "jar")):
            folder = self.repository / artefact
            if not folder.exists():
                self.assertEqual(artefact, "augur-ktx")  # may be left out, see scripts/package-android.sh
                continue
            pom = xml.etree.ElementTree.parse(folder / self.version / f"{artefact}-{self.version}.pom").getroot()
            for field, value in (("groupId", "dev.augur"), ("artifactId", artefact), ("version", self.version),
                                 ("packaging", packaging)):
                self.assertEqual(pom.findtext(POM + field), value)
            self.assertEqual(pom.findtext(f"{POM}licenses/{POM}license/{POM}name"), "Apache-2.0")
            needed = [(one.findtext(POM + "artifactId"), one.findtext(POM + "type")) for one in pom.iter(POM + "dependency")]
            expected = [("augur", "aar"), ("kotlin-stdlib", "jar"), ("kotlinx-coroutines-core", "jar")]
            self.assertEqual(needed, [] if artefact == "augur" else expected)
            metadata = xml.etree.ElementTree.parse(folder / "maven-metadata.xml").getroot()
            self.assertEqual(metadata.findtext("versioning/release"), self.version)

    def test_sources_and_documentation_are_those_of_the_classes(self):
        version = self.repository / "augur" / self.version
        with zipfile.ZipFile(self.aar) as package:
            classes = aar_check.read_classes(package.read("classes.jar"))
        outer = {name[:-len(".class")] for name in classes if "$" not in name}
        with zipfile.ZipFile(version / f"augur-{self.version}-sources.jar") as sources:
            self.assertEqual({name[:-len(".java")] for name in sources.namelist() if not name.endswith("package-info.java")}, outer)
        with zipfile.ZipFile(version / f"augur-{self.version}-javadoc.jar") as pages:
            self.assertIn("dev/augur/Session.html", pages.namelist())

    def test_the_sbom_names_the_aar(self):
        document = json.loads((PACKAGES / f"augur-{self.version}.spdx.json").read_text())
        package = next(package for package in document["packages"] if package["name"] == self.aar.name)
        self.assertEqual(package["checksums"][0]["checksumValue"], hashlib.sha256(self.aar.read_bytes()).hexdigest())


if __name__ == "__main__":
    unittest.main()
