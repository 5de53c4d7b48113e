"""Tests bench/arm: what the estimate reads from disassemblies, and the Cortex-A55's cycles for known sequences."""
import pathlib
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench" / "arm"))

import cortex_a55  # noqa: E402
import estimate  # noqa: E402
import mca  # noqa: E402
import prove  # noqa: E402

PRODUCT = "fmla v{}.4s, v28.4s, v29.s[0]"


def cycles(*lines, rounds=400):
    """The cycles of a round."""
    return round(cortex_a55.cycles(lines * rounds) / rounds, 1)


class CortexA55(unittest.TestCase):
    """The cycles that follow from the tables and the rules for pairs in Arm's guide."""

    def test_q_form_arithmetic_is_one_a_cycle(self):
        self.assertEqual(cycles(*(PRODUCT.format(i) for i in range(8))), 8)
        self.assertEqual(cycles(*(f"fadd v{i}.4s, v{i}.4s, v30.4s" for i in range(8))), 8)

    def test_d_form_arithmetic_is_two_a_cycle(self):
        self.assertEqual(cycles(*(f"fadd v{i}.2s, v{i}.2s, v30.2s" for i in range(8))), 4)

    def test_dependent_multiply_adds_wait_for_each_other(self):
        self.assertEqual(cycles(PRODUCT.format(0)), 4)

    def test_dot_products_pass_their_sum_on(self):
        self.assertEqual(cycles("sdot v0.4s, v1.16b, v2.4b[1]"), 1)

    def test_a_narrow_load_hides_behind_a_multiply_add(self):
        products = [PRODUCT.format(i) for i in range(4)]
        self.assertEqual(cycles(products[0], "ldr d20, [x1]", *products[1:]), 4)
        self.assertEqual(cycles(products[0], "ldr x2, [x1, #8]", *products[1:]), 4)
        self.assertEqual(cycles(products[0], "mov v20.d[1], x2", *products[1:]), 4)
        self.assertEqual(cycles(products[0], "ld1r {v20.4s}, [x1]", *products[1:]), 5)

    def test_a_wide_load_takes_two_cycles(self):
        products = [PRODUCT.format(i) for i in range(4)]
        self.assertEqual(cycles(products[0], "ldr q20, [x1], #16", *products[1:]), 6)
        self.assertEqual(cycles(*products, "ldp q20, q21, [x1]"), 8)
        self.assertEqual(cycles("ld1 {v20.4s, v21.4s}, [x1], #32"), 4)

    def test_stores(self):
        products = [PRODUCT.format(i) for i in range(4)]
        self.assertEqual(cycles(products[0], "str q20, [x1], #16", *products[1:]), 4)
        self.assertEqual(cycles(products[0], "stp q20, q21, [x1]", *products[1:]), 6)

    def test_one_division_at_a_time(self):
        self.assertEqual(cycles("fdiv v0.4s, v1.4s, v2.4s", *(PRODUCT.format(i) for i in range(4, 8))), 10)

    def test_integers_go_two_at_a_time(self):
        self.assertEqual(cycles("add x0, x0, #1", "subs x1, x1, #1"), 1)
        self.assertEqual(cycles("subs x1, x1, #1", "b.ne 400100 <f+0x20>"), 1)

    def test_a_result_is_waited_for(self):
        loads = ("ldr x0, [x9]", "add x1, x0, #1", "add x2, x1, #1")
        self.assertEqual(cortex_a55.cycles(loads), 4)

    def test_xnnpacks_pattern_hides_all_loads(self):
        """Its kernel for this core loads 128 bits as two halves, each beside a multiply-add, in this order."""
        self.assertEqual(cycles(PRODUCT.format(0), "ldr d20, [x1], #8", PRODUCT.format(1), "ldr x8, [x1], #8",
                                PRODUCT.format(2), "ldr d21, [x2], #8", PRODUCT.format(3), "mov v20.d[1], x8"), 4)

    def test_an_unknown_instruction_is_named(self):
        with self.assertRaisesRegex(SystemExit, "smmla v0.4s"):
            cortex_a55.cycles(["smmla v0.4s, v1.16b, v2.16b"])


class Text(unittest.TestCase):
    def test_arm_assembly(self):
        self.assertEqual(mca.arm_assembly(["b.ne 4010c0 <f+0x10>", "bl 400000 <g>", "str q0, [x1], #16", "ret"]),
                         ["b.ne .", "b .", "str q0, [x1]", "add x1, x1, #16", "b ."])

    def test_x86_assembly(self):
        lines = ["jne 47d2f0 <f+0xf0>", "call 47d2f0 <f>", "vbroadcastss 0x4(%rax),%zmm1 # 5 <k>",
                 "vmovups %zmm2,0x40(%rbx){%k2}", "vaddps %zmm1,%zmm2,%zmm3", "vextractf32x4 $0x1,%zmm1,%xmm2"]
        self.assertEqual(prove.assembly(lines, True),
                         ["jne .", "jmp .", "vmovups 0x4(%rax), %ymm1", "movq %rax, 0x40(%rbx)",
                          "vaddps %ymm1,%ymm2,%ymm3", "vextractf32x4 $0x1,%zmm1,%xmm2"])

    def test_names(self):
        name = "void augur::N_NEON_WITHOUT_AES::step_lanes_after<3ul, 2ul>(augur::N_NEON_WITHOUT_AES::LaneStep const&)"
        self.assertEqual(estimate.short(name), "step_lanes_after<3, 2>")

    def test_hottest_loop(self):
        self.assertEqual(estimate.hottest_loop([0, 4, 8, 12, 4, 8, 12, 4, 8, 12, 16]), [4, 8, 12])
        self.assertIsNone(estimate.hottest_loop([0, 4, 8]))

    def test_a_sum_on_the_stack_is_found(self):
        text = {0: "vmovaps (%rax),%ymm1", 6: "vfmadd213ps -0x18(%rsp),%ymm4,%ymm1", 12: "vmovaps %ymm1,-0x18(%rsp)"}
        self.assertEqual(prove.chain_cycles([0, 6, 12] * 5, text), 5 * 13)
        text[12] = "vmovaps %ymm1,-0x38(%rsp)"
        self.assertEqual(prove.chain_cycles([0, 6, 12] * 5, text), 0)


if __name__ == "__main__":
    unittest.main()
