"""The xcframework that scripts/package-ios.sh made: every promise, and an app in C that uses it.

AUGUR_XCFRAMEWORK names the folder; without it the tests are skipped.
"""
import hashlib
import json
import os
import pathlib
import unittest
import zipfile

import macho
import stand_in
import xcframework_check

CALL = """
int main(void) {
  augur_model* model = 0;
  return augur_model_open_file("model", 0, &model, 0) == AUGUR_OK;
}
"""
SLICES = [("ios-arm64", "iphoneos", "arm64"), ("ios-arm64_x86_64-simulator", "iphonesimulator", "arm64"),
          ("ios-arm64_x86_64-simulator", "iphonesimulator", "x86_64")]


class XCFramework(unittest.TestCase):
    def setUp(self):
        if not os.environ.get("AUGUR_XCFRAMEWORK"):
            self.skipTest("AUGUR_XCFRAMEWORK does not name an xcframework (sh scripts/package-ios.sh --stand-in)")
        self.framework = pathlib.Path(os.environ["AUGUR_XCFRAMEWORK"])

    def archive(self):
        return self.framework.with_name(self.framework.name + ".zip")

    def test_every_promise_is_kept(self):
        cache = os.environ.get("AUGUR_CACHE") or pathlib.Path.home() / ".cache/augur"
        self.assertEqual(xcframework_check.problems(self.framework, [xcframework_check.ROOT, cache]), [])

    def test_the_zip_has_the_same_files_and_nothing_of_this_run(self):
        with zipfile.ZipFile(self.archive()) as archive:
            names = [entry.filename for entry in archive.infolist()]
            self.assertEqual(names, sorted(names))
            self.assertEqual({entry.date_time for entry in archive.infolist()}, {(1980, 1, 1, 0, 0, 0)})
            for entry in archive.infolist():
                path = self.framework.parent / entry.filename
                self.assertEqual(archive.read(entry), path.read_bytes(), entry.filename)
                executable = path.name == "CAugur" and "dSYM" not in entry.filename
                self.assertEqual(entry.external_attr >> 16 & 0o777, 0o755 if executable else 0o644, entry.filename)
        files = {str(path.relative_to(self.framework.parent)) for path in self.framework.rglob("*") if not path.is_dir()}
        self.assertEqual(set(names), files)

    def test_the_checksum_is_that_of_the_zip(self):
        archive = self.archive()
        text = archive.with_name(archive.name + ".sha256").read_text()
        self.assertEqual(text, f"{hashlib.sha256(archive.read_bytes()).hexdigest()}  {archive.name}\n")

    def test_the_sbom_names_the_zip(self):
        path = self.framework.with_name(self.framework.name + ".spdx.json")
        packages = {package["name"]: package for package in json.loads(path.read_text())["packages"]}
        digest = hashlib.sha256(self.archive().read_bytes()).hexdigest()
        self.assertEqual(packages[self.archive().name]["checksums"][0]["checksumValue"], digest)

    def test_a_package_of_the_stand_in_is_named_so(self):
        image = macho.read((self.framework / "ios-arm64/CAugur.framework/CAugur").read_bytes())[0]
        made_by_stand_in = self.framework.name == "CAugur-unverified.xcframework"
        self.assertTrue(made_by_stand_in or self.framework.name == "CAugur.xcframework")
        # Xcode's linker makes UUIDs of its own kind; those of lld begin with LLD's name.
        self.assertEqual(image.uuid.bytes.startswith(b"LL"), made_by_stand_in)

    def test_an_app_in_c_finds_header_and_library(self):
        for include, options in (("#include <CAugur/augur.h>", []), ("#include <CAugur/CAugur.h>", []),
                                 ("#include <CAugur/CAugur.h>", ["-fmodules", "-Werror=incomplete-umbrella"]),
                                 ("@import CAugur;", ["-fmodules", "-fcxx-modules", "-x", "objective-c"])):
            for identifier, sdk, architecture in SLICES:
                with self.subTest(include=include, options=options, architecture=architecture):
                    image = self.link(f"{include}\n{CALL}", options, identifier, sdk, architecture)
                    self.assertEqual(image.loads[0], "@rpath/CAugur.framework/CAugur")

    def link(self, text, options, identifier, sdk, architecture):
        folder = pathlib.Path(self.enterContext(stand_in.temporary_folder()))
        (folder / "app.c").write_text(text)
        stand_in.clang(*options, folder / "app.c", "-Wno-unused-command-line-argument", "-F", self.framework / identifier,
                       "-framework", "CAugur", f"-fmodules-cache-path={folder}/modules", "-o", folder / "app", sdk=sdk,
                       architecture=architecture)
        return macho.read((folder / "app").read_bytes())[0]


if __name__ == "__main__":
    unittest.main()
