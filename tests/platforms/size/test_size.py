"""Tests of scripts/size.py."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "scripts"))
import size  # noqa: E402

MAP = """             VMA              LMA     Size Align Out     In      Symbol
             260              260      870     8 .dynsym
             260              260      870     8         <internal>:(.dynsym)
            1468             1468      100     8 .rodata
            1468             1468      100     1         <internal>:(.rodata.str1.1)
            2000             2000     1c00    16 .text
            2000             2000      800    16         runtime/CMakeFiles/augur_objects.dir/src/kernels/simd/kernels.cc.o:(.text.f)
            2000             2000      800     1                 f()
            2800             2800      400    16         runtime/CMakeFiles/augur_objects.dir/src/loader/model.cc.o:(.text.g)
            2c00             2c00      600    16         /x/lib/libmicrokernels-prod.a(f32-gemm-6x8.c.o):(.text)
            3200             3200      200    16         /x/lib/libmicrokernels-prod.a(x32-packw-x8.c.o):(.text.p)
            3400             3400      200    16         /x/lib/libXNNPACK.a(init.c.o):(.text.i)
            4000             4000       40     8 .eh_frame
            4000             4000       40     1         /x/lib/libcpuinfo.a(init.c.o):(.eh_frame+0x14)
            5000             5000     9999     8 .bss
            5000             5000     9999     8         <internal>:(.bss)
"""


class SizeTest(unittest.TestCase):
    def test_parts_of_a_map(self):
        self.assertEqual(size.read_map(MAP.splitlines()), {
            "symbols and relocations": 0x870, "strings and tables": 0x100, "own code: kernels/simd/": 0x800,
            "own code: loader/": 0x400, "XNNPACK: products": 0x600, "XNNPACK: packing": 0x200,
            "XNNPACK: operators": 0x200, "unwind tables": 0x40})

    def test_two_percent_more_than_recorded_is_allowed_and_not_more(self):
        recorded = size.read_recorded("# a comment\narm64-v8a clang-19 300000  # why\n")
        self.assertTrue(size.check("arm64-v8a", "clang-19", 306000, recorded)[0])
        allowed, line = size.check("arm64-v8a", "clang-19", 306001, recorded)
        self.assertFalse(allowed)
        self.assertIn("write 306001 into tests/platforms/size/recorded.txt", line)

    def test_another_compiler_is_held_to_the_limit_alone(self):
        self.assertTrue(size.check("arm64-v8a", "clang-17", 399000, {("arm64-v8a", "clang-19"): 300000})[0])
        self.assertFalse(size.check("arm64-v8a", "clang-17", 400001, {})[0])

    def test_every_recorded_figure_is_within_the_limit(self):
        recorded = size.read_recorded(size.RECORDED.read_text())
        self.assertEqual({abi for abi, _ in recorded}, {"arm64-v8a", "arm64-v8a-minimal", "armeabi-v7a", "x86_64"})
        for (abi, _), figure in recorded.items():
            self.assertLessEqual(figure, size.LIMITS.get(abi, figure))


if __name__ == "__main__":
    unittest.main()
