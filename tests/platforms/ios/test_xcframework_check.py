"""xcframework_check.py finds each mistake: every test spoils a copy of the xcframework in one way.

AUGUR_XCFRAMEWORK names the xcframework; without it these tests are skipped.
"""
import os
import pathlib
import plistlib
import re
import shutil
import unittest

import stand_in
import xcframework_check

DEVICE = "ios-arm64/CAugur.framework"
SIMULATOR = "ios-arm64_x86_64-simulator/CAugur.framework"
NAME = ["-install_name", "@rpath/CAugur.framework/CAugur", "-current_version", xcframework_check.version_of_augur()]


class Check(unittest.TestCase):
    def setUp(self):
        if not os.environ.get("AUGUR_XCFRAMEWORK"):
            self.skipTest("AUGUR_XCFRAMEWORK does not name an xcframework (sh scripts/package-ios.sh --stand-in)")
        folder = pathlib.Path(self.enterContext(stand_in.temporary_folder()))
        self.framework = folder / "CAugur.xcframework"
        shutil.copytree(os.environ["AUGUR_XCFRAMEWORK"], self.framework)

    def expect(self, *patterns):
        """The check finds these problems and no others."""
        found = xcframework_check.problems(self.framework)
        for pattern in patterns:
            self.assertTrue(any(re.search(pattern, line) for line in found), f"{pattern} is not among {found}")
        self.assertEqual(len(found), len(patterns), found)

    def change_plist(self, name, **values):
        path = self.framework / name
        path.write_bytes(plistlib.dumps({**plistlib.loads(path.read_bytes()), **values}))

    # ------------------------------------------------------------------------------------------------- files

    def test_nothing_is_wrong_with_the_copy(self):
        self.expect()

    def test_missing_files(self):
        for name in xcframework_check.FILES:
            with self.subTest(name=name):
                path = self.framework / DEVICE / name
                content = path.read_bytes()
                path.unlink()
                self.expect(f"ios-arm64: {re.escape(name)}: expected in the framework")
                path.write_bytes(content)

    def test_a_header_too_many(self):
        (self.framework / DEVICE / "Headers/augur.hpp").write_text("")
        self.expect("Headers/augur.hpp: not expected in the framework")

    def test_another_header(self):
        with open(self.framework / DEVICE / "Headers/augur.h", "a") as file:
            file.write("\n")
        self.expect("Headers/augur.h is not that of the runtime")

    def test_a_module_of_another_name(self):
        path = self.framework / SIMULATOR / "Modules/module.modulemap"
        path.write_text(path.read_text().replace("module CAugur", "module Augur"))
        self.expect("simulator: Modules/module.modulemap is not: framework module CAugur")

    def test_a_missing_slice(self):
        shutil.rmtree(self.framework / "ios-arm64")
        self.expect("expected .*'ios-arm64'")

    def test_a_licence_that_notice_does_not_name(self):
        path = self.framework / "NOTICE"
        path.write_text(path.read_text().replace("XNNPACK", "x"))
        self.expect("NOTICE does not name XNNPACK")

    def test_a_path_of_the_machine(self):
        (self.framework / "NOTICE").write_text((self.framework / "NOTICE").read_text() + "/home/builder/augur")
        found = xcframework_check.problems(self.framework, ["/home/builder"])
        self.assertEqual(found, ["NOTICE has the path /home/builder"])

    # ------------------------------------------------------------------------------------------------ plists

    def test_plist_of_a_framework(self):
        for key, value in (("CFBundleIdentifier", "dev.augur.Augur"), ("MinimumOSVersion", "15.0"),
                           ("CFBundlePackageType", "APPL"), ("CFBundleExecutable", "libaugur.dylib"),
                           ("CFBundleSupportedPlatforms", ["MacOSX"]), ("CFBundleVersion", "0.0.1")):
            with self.subTest(key=key):
                path = self.framework / DEVICE / "Info.plist"
                content = path.read_bytes()
                self.change_plist(f"{DEVICE}/Info.plist", **{key: value})
                self.expect(f"ios-arm64: Info.plist: {key} is {re.escape(repr(value))}, expected")
                path.write_bytes(content)

    def test_plist_of_the_xcframework(self):
        libraries = plistlib.loads((self.framework / "Info.plist").read_bytes())["AvailableLibraries"]
        libraries[1].pop("SupportedPlatformVariant")
        self.change_plist("Info.plist", AvailableLibraries=libraries)
        self.expect("^Info.plist: AvailableLibraries is")

    def test_a_plist_that_is_none(self):
        (self.framework / "Info.plist").write_text("not a plist")
        found = xcframework_check.problems(self.framework)
        self.assertTrue(found[0].startswith(str(self.framework / "Info.plist")), found)

    def test_privacy_manifest_without_the_reason_for_fstat(self):
        self.change_plist(f"{DEVICE}/PrivacyInfo.xcprivacy", NSPrivacyAccessedAPITypes=[])
        self.expect("PrivacyInfo.xcprivacy: NSPrivacyAccessedAPITypes is")

    def test_privacy_manifest_that_tracks(self):
        self.change_plist(f"{DEVICE}/PrivacyInfo.xcprivacy", NSPrivacyTracking=True)
        self.expect("PrivacyInfo.xcprivacy: NSPrivacyTracking is True")

    # ----------------------------------------------------------------------------------------------- library

    def replace_library(self, *link_options, functions="", sdk="iphoneos", architecture="arm64",
                        strip=True, name=NAME, without=""):
        """Puts a library of all functions of the C API in the place of the device's, linked with the options."""
        header = (self.framework / DEVICE / "Headers/augur.h").read_text()
        work = self.framework.parent / "library"
        work.mkdir()
        source = "".join(f"void {function[1:]}(void) {{}}\n" for function in
                         sorted(xcframework_check.declared_functions(header) - {without}))
        (work / "library.c").write_text(
            f"#include <sys/stat.h>\nint fstat_used;\n{source}{functions}"
            "__attribute__((constructor)) static void use(void) { struct stat s; fstat_used = fstat(0, &s); }\n")
        (work / "exports").write_text("_augur_*\n")
        binary = self.framework / DEVICE / "CAugur"
        stand_in.clang("-dynamiclib", "-fvisibility=default", work / "library.c", *name, "-Xlinker",
                       "-exported_symbols_list", "-Xlinker", work / "exports", *link_options, "-o", binary, sdk=sdk,
                       architecture=architecture)
        if strip:
            self.assertEqual(stand_in.xcrun("strip", "-S", "-x", binary).returncode, 0)

    def expect_of_library(self, *patterns):
        """The same as expect(), with what is wrong of any library that is not the one of the dSYM."""
        self.expect("dSYM: its UUIDs", *patterns)

    def test_a_library_that_is_right(self):
        self.replace_library()
        self.expect_of_library()

    def test_install_name(self):
        self.replace_library(name=["-install_name", "/usr/lib/libaugur.dylib", *NAME[2:]])
        self.expect_of_library("has the install name /usr/lib/libaugur.dylib")

    def test_version(self):
        self.replace_library(name=NAME[:2])
        self.expect_of_library("has version 0.0.0, expected")

    def test_cpp_library(self):
        self.replace_library("-lc++")
        self.expect_of_library(r"loads \['/usr/lib/libc\+\+.1.dylib', '/usr/lib/libSystem.B.dylib'\]")

    def test_rpath(self):
        self.replace_library("-rpath", "/tmp")
        self.expect_of_library("has rpaths")

    def test_an_export_too_many(self):
        self.replace_library("-Xlinker", "-exported_symbol", "-Xlinker", "_xnn_run", functions="void xnn_run(void) {}\n")
        self.expect_of_library(r"exports \['_xnn_run'\]")

    def test_an_export_too_few(self):
        self.replace_library(without="_augur_rank")
        self.expect_of_library(r"does not export \['_augur_rank'\]")

    def test_not_stripped(self):
        self.replace_library(strip=False)
        self.expect_of_library("is not stripped: it has")

    def test_no_uuid(self):
        self.replace_library("-Xlinker", "-no_uuid")
        self.expect_of_library("has no UUID")

    def test_oldest_system(self):
        self.replace_library("-miphoneos-version-min=15.0")
        self.expect_of_library("needs version 15.0, expected 13.0")

    def test_platform(self):
        self.replace_library(sdk="iphonesimulator")
        self.expect_of_library("is for ios-simulator, expected ios", "needs version 14.0", "no range that the App Store")

    def test_architecture(self):
        self.replace_library(sdk="iphonesimulator", architecture="x86_64")
        self.expect(r"has \['x86_64'\], expected \['arm64'\]")

    def test_bitcode(self):
        self.replace_library("-Xlinker", "-sectcreate", "-Xlinker", "__LLVM", "-Xlinker", "__bundle", "-Xlinker",
                             __file__)
        self.expect_of_library("has a segment __LLVM: bitcode")

    def test_a_reason_that_the_manifest_lacks(self):
        self.replace_library(functions="unsigned long long mach_absolute_time(void);\n"
                             "__attribute__((constructor)) static void now(void) { mach_absolute_time(); }\n")
        self.expect_of_library("PrivacyInfo.xcprivacy: NSPrivacyAccessedAPITypes is")

    def test_a_program(self):
        path = self.framework / DEVICE / "CAugur"
        (self.framework.parent / "main.c").write_text("int main(void) { return 0; }\n")
        stand_in.clang(self.framework.parent / "main.c", "-o", path)
        found = xcframework_check.problems(self.framework)
        self.assertTrue(any("is a executable, expected a dylib" in line for line in found), found)

    def test_a_changed_byte_of_signed_code(self):
        path = self.framework / SIMULATOR / "CAugur"
        data = bytearray(path.read_bytes())
        arm64 = next(entry for entry in (8, 28) if int.from_bytes(data[entry:entry + 4], "big") == 0x0100000C)
        data[int.from_bytes(data[arm64 + 8:arm64 + 12], "big") + 16384 + 64] ^= 1
        path.write_bytes(data)
        self.expect("simulator: arm64: has a signature that has a wrong hash of page")

    def test_not_a_library(self):
        for data in (b"", b"!<arch>\n" + bytes(100), bytes(10000)):
            with self.subTest(data=data[:8]):
                (self.framework / DEVICE / "CAugur").write_bytes(data)
                self.expect("^ios-arm64: (too short|starts with)")


if __name__ == "__main__":
    unittest.main()
