"""Test of the test: small libraries, each wrong in one way, and elf_check.py finds just that.

They are linked by the stand-in's or the NDK's clang: AUGUR_NDK names its folder.
"""
import os
import pathlib
import subprocess
import tempfile
import unittest

import elf
import elf_check

NDK = os.environ.get("AUGUR_NDK", "")
TARGETS = {"arm64-v8a": "aarch64-none-linux-android21", "armeabi-v7a": "armv7-none-linux-androideabi21",
           "x86_64": "x86_64-none-linux-android21"}
SOURCE = """
#include <string.h>
__attribute__((visibility("default"))) int augur_probe(const char* text) { return (int)strlen(text) * %s; }
"""
GOOD = ["-Wl,--build-id=sha1", "-Wl,-z,max-page-size=16384", "-Wl,-soname,libprobe.so", "-Wl,--no-undefined"]


def shows_c_api(name):
    return name.startswith("augur_")


@unittest.skipUnless(NDK, "AUGUR_NDK does not name an NDK or the stand-in")
class ElfCheckTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.bin = next(pathlib.Path(NDK).glob("toolchains/llvm/prebuilt/*/bin"))

    def link(self, *options, abi="arm64-v8a", source="", factor="2", leave_out=()):
        code, library = self.folder / "probe.c", self.folder / "libprobe.so"
        code.write_text(SOURCE % factor + source)
        good = [option for option in GOOD if option not in leave_out]
        subprocess.run([self.bin / "clang", "--target=" + TARGETS[abi], f"--sysroot={self.bin.parent}/sysroot", "-Os", "-g",
                        "-fPIC", "-shared", "-fvisibility=hidden", "-Wno-unused-command-line-argument", *good, *options, code,
                        "-o", library], check=True)
        return library

    def check(self, library, abi="arm64-v8a", libraries=None):
        return elf_check.check_library(library.read_bytes(), abi, "libprobe.so", shows_c_api, libraries)

    def assert_finds(self, text, *options, leave_out=(), source="", **kinds):
        wrong = self.check(self.link(*options, leave_out=leave_out, source=source, **kinds), **kinds)
        self.assertTrue(wrong and all(text in line for line in wrong), f"expected '{text}', got {wrong}")

    def strip(self, library, *options):
        stripped = self.folder / "stripped.so"
        subprocess.run([self.bin / "llvm-strip", *(options or ["--strip-unneeded"]), "-o", stripped, library], check=True)
        return stripped

    def test_right_libraries_pass(self):
        for abi in TARGETS:
            with self.subTest(abi=abi):
                library = self.link(abi=abi)
                self.assertEqual([], self.check(library, abi))
                self.assertEqual([], elf_check.check_stripped(self.strip(library).read_bytes(), library.read_bytes()))
                file = elf.read(library.read_bytes())
                self.assertEqual(["augur_probe"], file.defined)
                self.assertIn("strlen", file.undefined)
                self.assertIn("libc.so", file.needed)

    def test_pages_of_4_kb(self):
        self.assert_finds("aligned to 4096", "-Wl,-z,max-page-size=4096")

    def test_pages_of_4_kb_are_right_on_32_bits(self):
        library = self.link("-Wl,-z,max-page-size=4096", abi="armeabi-v7a")
        self.assertEqual([], self.check(library, "armeabi-v7a"))

    def test_no_relro(self):
        self.assert_finds("no RELRO", "-Wl,-z,norelro")

    def test_lazy_binding(self):
        self.assert_finds("no BIND_NOW", "-Wl,-z,lazy")

    def test_executable_stack(self):
        self.assert_finds("stack", "-Wl,-z,execstack")

    def test_text_relocations(self):
        code = '__asm__(".text\\n.globl augur_table\\naugur_table: .quad augur_probe\\n");'
        self.assert_finds("text relocations", "-Wl,-z,notext", source=code)

    def test_no_build_id(self):
        self.assert_finds("build id", "-Wl,--build-id=none")

    def test_export(self):
        self.assert_finds("it shows helper", source='__attribute__((visibility("default"))) int helper(void) { return 1; }')

    def test_needed(self):
        other = self.folder / "libother.so"
        self.link("-Wl,-soname,libother.so", leave_out=["-Wl,-soname,libprobe.so"]).rename(other)
        self.assert_finds("it needs libother.so", "-Wl,--no-as-needed", other)

    def test_soname(self):
        self.assert_finds("its soname is ''", leave_out=["-Wl,-soname,libprobe.so"])

    def test_function_that_a_phone_lacks(self):
        code = """
        int getentropy(void*, unsigned long);
        __attribute__((visibility("default"))) int augur_other(void* p) { return getentropy(p, 1); }"""
        self.assert_finds("getentropy is not in the libraries", "-Wl,--unresolved-symbols=ignore-all", source=code,
                          leave_out=["-Wl,--no-undefined"])

    def test_function_of_a_library_that_is_not_needed(self):
        code = """
        int __android_log_write(int, const char*, const char*);
        __attribute__((visibility("default"))) int augur_other(void) { return __android_log_write(4, "", ""); }"""
        self.assert_finds("__android_log_write is not", "-Wl,--unresolved-symbols=ignore-all", source=code,
                          leave_out=["-Wl,--no-undefined"])
        self.assertEqual([], self.check(self.link("-llog", source=code)))

    def test_functions_of_another_library_of_augur(self):
        other = self.folder / "libaugur.so"
        self.link("-Wl,-soname,libaugur.so", leave_out=["-Wl,-soname,libprobe.so"],
                  source='__attribute__((visibility("default"))) int augur_rank(void) { return 1; }').rename(other)
        user = self.link(other, source="""
        int augur_rank(void);
        __attribute__((visibility("default"))) int augur_other(void) { return augur_rank(); }""")
        self.assertEqual([], self.check(user, libraries={"libaugur.so": {"augur_rank"}}))
        self.assertEqual(["augur_rank is not in the libraries that it needs, at API level 21"],
                         self.check(user, libraries={"libaugur.so": {"augur_other"}}))

    def test_bitcode(self):
        self.assert_finds("bitcode", source='__asm__(".section .llvmbc,\\"a\\"\\n.byte 1\\n.text");')

    def test_gnu_hashes_alone(self):
        wrong = self.check(self.link("-Wl,--hash-style=gnu"))
        self.assertIn("it has no DT_HASH: Android 5.0 cannot find its symbols", wrong)

    def test_newer_relocations(self):
        self.assert_finds("DT_ANDROID_REL", "-Wl,--pack-dyn-relocs=android", source="""
        __attribute__((visibility("default"))) const void* augur_table[64] = {augur_probe, augur_probe, augur_probe};
        const void** augur_also = augur_table;""")

    def test_thread_local_variable(self):
        self.assert_finds("thread-local", "-fno-emulated-tls", "-ftls-model=initial-exec", source="""
        static __thread int count;
        __attribute__((visibility("default"))) int augur_other(void) { return ++count; }""")

    def test_another_processor(self):
        wrong = self.check(self.link(abi="x86_64"), "arm64-v8a")
        self.assertEqual(["it is for machine 62 with 64 bits, not for arm64-v8a"], wrong)

    def test_not_stripped(self):
        library = self.link()
        wrong = elf_check.check_stripped(library.read_bytes(), library.read_bytes())
        self.assertIn("it has the section .symtab, which only crash reports need", wrong)
        wrong = elf_check.check_stripped(self.strip(library, "--strip-debug").read_bytes(), library.read_bytes())
        self.assertEqual(2, len(wrong), wrong)

    def test_symbols_of_another_build(self):
        stripped = self.strip(self.link()).read_bytes()
        other = self.link(factor="3").read_bytes()
        self.assertEqual(["it has another build id than the library for crash reports"],
                         elf_check.check_stripped(stripped, other))

    def test_libraries_without_symbols_for_crash_reports(self):
        stripped = self.strip(self.link()).read_bytes()
        self.assertEqual(["the library for crash reports has no symbols or no debug information"],
                         elf_check.check_stripped(stripped, stripped))

    def test_library_in_place_of_a_program(self):
        wrong = elf_check.check_program(self.link().read_bytes(), "arm64-v8a")
        self.assertEqual(["it is loaded by '', expected /system/bin/linker64"], wrong)

    def test_not_an_elf_file(self):
        for data in (b"", b"\x7fELF", b"\x7fELF\2\1" + bytes(10), self.link().read_bytes()[:200]):
            with self.subTest(size=len(data)), self.assertRaises(ValueError):
                elf.read(data)


if __name__ == "__main__":
    unittest.main()
