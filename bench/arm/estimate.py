#!/usr/bin/env python3
"""Estimates what a request costs on ARM, without an ARM machine.

qemu-user counts the instructions of one ranking, function by function. Then one call of each function
with a large enough share (--share) is traced, and llvm-mca estimates its cycles on each processor,
without the functions that it calls. These cycles per instruction are taken for all instructions of
that function. docs/arm-estimate.md says what this leaves out.
"""
import argparse
import collections
import pathlib
import re
import tempfile

import clang_kernels
import emulate
import mca

TARGET = "augur-arm-request"
TRIPLE = "aarch64-linux-gnu"
CLOCKS = {"cortex-a55": 1.8, "neoverse-n1": 2.5, "neoverse-v1": 2.6, "neoverse-v2": 2.8,
          "apple-m1": 3.2}  # GHz, assumed
MODELS = [model + weights for weights in ("", "_int8")
          for model in ("bilinear", "bilinear_reset_before", "mlp")]
ROUNDS = 200  # how many rounds of a loop llvm-mca gets
PRODUCT = 16  # a loop with at least so many multiply-adds is taken for a matrix product


def short(name):
    name = name.replace("(augur::ActivationKind)", "")
    name = re.sub(r"augur::(N_NEON\w*::)?|\[clone.*\]|\(.*|(?<=\d)ul\b|^void ", "", name)
    return name.replace("xnn_f32_gemm_minmax_ukernel", "XNNPACK's product").strip()


def hottest_loop(trace):
    """The addresses of the loop without branches that most of the trace's instructions belong to;
    None if there is no such loop."""
    counts = collections.Counter(trace)
    weights = collections.Counter()
    for times in counts.values():
        weights[times] += times
    rounds = weights.most_common(1)[0][0]
    loop = sorted(address for address, times in counts.items() if times == rounds)
    contiguous = loop[-1] - loop[0] == 4 * (len(loop) - 1)
    return loop if contiguous and rounds > 1 else None


class Estimate:
    """One ranking of `rows` candidates after `steps` events."""

    def __init__(self, options, emulator, model):
        self.pairs = options.steps * options.candidates
        arguments = [model, options.width, options.steps, options.candidates]
        once = emulator.counts(arguments + [1])
        request = emulator.counts(arguments + [2])
        request.subtract(once)
        program = emulator.program
        functions = collections.Counter()
        for address, times in request.items():
            functions[program.function_at(address)] += times
        self.instructions = sum(functions.values())
        self.rows = []  # name, instructions, core -> cycles
        self.loops = []  # name, instructions, multiply-adds, core -> cycles
        traced = collections.Counter()
        traced_instructions = 0
        for start, count in functions.most_common():
            # A call is found by the function's first instruction, which never ran here.
            if count < options.share * self.instructions or request[start] <= 0:
                continue
            skip = once[start] - (request[start] + 1) // 2
            trace = emulator.call(start, skip, arguments + [1], options.longest)
            trace = [address for address in trace if program.function_at(address) == start]
            text = [program.text[address] for address in trace]
            cycles = {core: mca.cycles(text, core, options.mca) / len(text) * count
                      for core in options.cores}
            traced.update(cycles)
            traced_instructions += count
            name = short(program.name_of(start))
            self.rows.append((name, count, cycles))
            loop = hottest_loop(trace)
            if loop is None:
                continue
            text = [program.text[address] for address in loop]
            multiply_adds = sum(line.startswith(("fmla ", "sdot ")) for line in text)
            if multiply_adds < PRODUCT:
                continue
            self.loops.append((
                name, len(text), multiply_adds,
                {core: mca.cycles(text * ROUNDS, core, options.mca) / ROUNDS
                 for core in options.cores}))
        self.covered = traced_instructions / self.instructions
        rest = self.instructions - traced_instructions
        scale = rest / traced_instructions
        self.rows.append(("all others", rest, {c: traced[c] * scale for c in options.cores}))
        self.total = {core: sum(row[2][core] for row in self.rows) for core in options.cores}

    def print(self, title, options):
        print(f"\n{title}: {self.instructions} instructions, {100 * self.covered:.1f}% of them in "
              "functions that llvm-mca was given\n")
        print("| per candidate·step | instructions | "
              + " | ".join(f"{core}, cycles" for core in options.cores) + " |")
        print("|---|" + "---:|" * (1 + len(options.cores)))
        for name, count, cycles in self.rows + [("**sum**", self.instructions, self.total)]:
            print(f"| {name} | {count / self.pairs:.0f} | "
                  + " | ".join(f"{cycles[c] / self.pairs:.0f}" for c in options.cores) + " |")
        print("| **the request, µs** | | " + " | ".join(
            f"{self.total[c] / CLOCKS[c] / 1e3:.0f} at {CLOCKS[c]} GHz"
            for c in options.cores) + " |")
        print("\n| a round of the product's loop | instructions | `fmla`, `sdot` | "
              + " | ".join(f"{core}, cycles" for core in options.cores) + " |")
        print("|---|" + "---:|" * (2 + len(options.cores)))
        for name, count, products, cycles in self.loops:
            print(f"| {name} | {count} | {products} | "
                  + " | ".join(f"{cycles[c]:.1f}" for c in options.cores) + " |")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", help="the build directory of preset linux-aarch64")
    parser.add_argument("--models", default=",".join(MODELS))
    parser.add_argument("--cores", default=",".join(CLOCKS), help="of " + ", ".join(CLOCKS))
    parser.add_argument("--width", type=int, default=36)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--candidates", type=int, default=100)
    parser.add_argument("--mca", default="llvm-mca-19", help="llvm-mca, of LLVM 17 or newer")
    parser.add_argument("--clang", help="compile the kernels with this clang++ instead of GCC")
    parser.add_argument("--qemu", default="qemu-aarch64")
    parser.add_argument("--cpu", default="cortex-a76",
                        help="processor that qemu emulates; without SVE, for which other kernels would run")
    parser.add_argument("--share", type=float, default=0.005,
                        help="functions with a smaller share of all instructions are not traced")
    parser.add_argument("--longest", type=int, default=60000, help="instructions given to llvm-mca")
    options = parser.parse_args()
    options.cores = options.cores.split(",")
    unknown = set(options.cores) - set(CLOCKS)
    if unknown:
        parser.error(f"no clock is known of {', '.join(sorted(unknown))}")
    emulate.need(options.mca, "llvm-19")
    emulate.need(options.qemu, "qemu-user")
    emulate.need(TRIPLE + "-objdump", f"g++-{TRIPLE}")
    if options.clang:
        emulate.need(options.clang, "clang")
    path = pathlib.Path(options.build) / "bin" / TARGET
    if not path.exists():
        raise SystemExit(f"{path} is not there: cmake --preset linux-aarch64 && "
                         f"cmake --build --preset linux-aarch64 --target {TARGET}")
    with tempfile.TemporaryDirectory() as directory:
        if options.clang:
            path = clang_kernels.program_with(options.clang, options.build, TARGET, TRIPLE,
                                              pathlib.Path(directory) / TARGET)
        program = emulate.Program(path, TRIPLE + "-")
        emulator = emulate.Emulator(program, directory, options.qemu, options.cpu)
        for model in options.models.split(","):
            Estimate(options, emulator, model).print(
                f"{model}, kernels by {options.clang or 'g++'}, H={options.width}, "
                f"T={options.steps}, N={options.candidates}", options)


if __name__ == "__main__":
    main()
