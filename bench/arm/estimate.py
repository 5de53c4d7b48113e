#!/usr/bin/env python3
"""Estimates what a request costs on ARM, without an ARM machine.

qemu-user counts the instructions of one ranking, function by function. Then one call of each function
with a large enough share (--share) is traced, without the functions that it calls, and simulated: by
cortex_a55.py for the Cortex-A55, by llvm-mca for the others. These cycles per instruction are taken
for all instructions of that function. docs/arm-estimate.md says how far this can be trusted.
"""
import argparse
import collections
import dataclasses
import json
import pathlib
import re
import tempfile

import cortex_a55
import emulate
import mca

TARGET = "augur-arm-request"
TRIPLE = "aarch64-linux-gnu"


@dataclasses.dataclass(frozen=True)
class Core:
    clock: float  # GHz, assumed
    # What decides which kernels run: the processor that qemu pretends to be, and the core's number, for XNNPACK.
    emulated: str
    part: int
    arguments: tuple[str, ...] = ()  # of llvm-mca; none: cortex_a55.py


# qemu's "max" has every extension; SVE is switched off, because Augur has no kernels for it.
DOT, I8MM = "cortex-a76", "max,sve=off"
CORES = {
    "cortex-a55": Core(1.8, DOT, 0xd05),
    # LLVM's model lets 8 instructions a cycle begin, the core takes 4 (section 2.1 of its optimization guide).
    # The others stand for the cores of phones that they are related to: Cortex-A76, X1 and X3.
    "neoverse-n1": Core(2.5, DOT, 0xd0b, ("-mcpu=neoverse-n1", "-dispatch=4")),
    "neoverse-v1": Core(2.6, I8MM, 0xd44, ("-mcpu=neoverse-v1", "-dispatch=8")),
    "neoverse-v2": Core(2.8, I8MM, 0xd4e, ("-mcpu=neoverse-v2", "-dispatch=8")),
}
MCA = ("-mtriple=aarch64", "-mattr=+dotprod,+fullfp16,+i8mm,+fp16fml,+bf16")
MODELS = [model + weights for weights in ("", "_int8")
          for model in ("bilinear", "bilinear_reset_before", "mlp")]
ENOUGH = 20000  # instructions: shorter traces are repeated
ROUNDS = 200  # how many rounds of a loop are simulated
PRODUCT = 16  # a loop with at least so many multiply-adds is taken for a matrix product
MULTIPLY_ADD = re.compile(r"(fmla|fmlal2?|[su]dot|usdot|[su]mmla|usmmla) ")


# Functions get other names from version to version; these patterns find what a function belongs to.
PARTS = [("head: XNNPACK's products", "XNNPACK|xnn_"),
         ("MLP attention", "layer|score_block|quantise_lanes|activate_lanes|pair|half_sigmoid_"),
         ("attention's scores, softmax", "dot_|score_|softmax|weighted"),
         ("recurrence", "step|recur|lanes|row_|half|gate|integer")]


def part_of(name):
    return next((part for part, pattern in PARTS if re.search(pattern, name)), "others")


def short(name):
    name = name.replace("(augur::ActivationKind)", "")
    name = re.sub(r"augur::(N_\w+::)?|\[clone.*\]|\(.*|(?<=\d)ul\b|^(void|auto) ", "", name)
    return name.replace("xnn_f32_gemm_minmax_ukernel", "XNNPACK's product").strip()


def repeated(trace):
    """A short trace, several times: what a call costs among others, without filling and emptying the pipeline."""
    return trace * max(1, round(ENOUGH / len(trace)))


def hottest_loop(trace, contiguous=True):
    """The addresses of the loop without branches that most of the trace's instructions belong to;
    None if there is no such loop. `contiguous`: the loop must be instructions of 4 bytes without a gap."""
    counts = collections.Counter(trace)
    weights = collections.Counter()
    for times in counts.values():
        weights[times] += times
    rounds = weights.most_common(1)[0][0]
    loop = sorted(address for address, times in counts.items() if times == rounds)
    whole = not contiguous or loop[-1] - loop[0] == 4 * (len(loop) - 1)
    return loop if whole and rounds > 1 else None


class Simulator:
    def __init__(self, tool, directory):
        self.mca = mca.Mca(tool, directory)

    def cycles(self, instructions, core):
        if not CORES[core].arguments:
            return cortex_a55.cycles(instructions)
        return self.mca.cycles(mca.arm_assembly(instructions), MCA + CORES[core].arguments)


class Request:
    """One ranking on one core: a row for each function, and for each loop that computes products."""

    def __init__(self, options, emulator, simulator, core, model):
        self.core = core
        self.pairs = options.steps * options.candidates
        arguments = [model, options.width, options.steps, options.candidates]
        request, once = emulate.request(emulator, arguments)
        program = emulator.program
        functions = collections.Counter()
        for address, times in request.items():
            functions[program.function_at(address)] += times
        self.instructions = sum(functions.values())
        # A call is found by the function's first instruction, which never ran in the others.
        starts = [start for start, count in functions.most_common()
                  if count >= options.share * self.instructions and request[start] > 0]
        self.covered = sum(functions[start] for start in starts) / self.instructions

        def trace(start):
            skip = once[start] - (request[start] + 1) // 2
            addresses = emulator.call(start, skip, arguments + [1], options.longest)
            return [address for address in addresses if program.function_at(address) == start]

        traces = emulate.each(trace, starts)
        texts = [repeated([program.text[address] for address in addresses]) for addresses in traces]
        cycles = emulate.each(lambda text: simulator.cycles(text, core), texts)
        self.rows = [(short(program.name_of(start)), functions[start], each / len(text) * functions[start])
                     for start, text, each in zip(starts, texts, cycles)]  # name, instructions, cycles
        rest = 1 - self.covered
        self.rows.append(("all others", round(self.instructions * rest),
                          rest / self.covered * sum(row[2] for row in self.rows)))
        self.total = sum(row[2] for row in self.rows)

        self.loops = []  # name, instructions, multiply-adds, cycles
        for start, addresses in zip(starts, traces):
            loop = [program.text[address] for address in hottest_loop(addresses) or []]
            products = sum(MULTIPLY_ADD.match(line) is not None for line in loop)
            if products >= PRODUCT:
                self.loops.append((short(program.name_of(start)), len(loop), products,
                                   simulator.cycles(loop * ROUNDS, core) / ROUNDS))

    def as_json(self):
        functions = collections.Counter()  # names of instances may be equal
        parts = collections.Counter()
        for name, _, cycles in self.rows:
            functions[name] += cycles / self.pairs
            parts[part_of(name)] += cycles / self.pairs
        return {"request": self.total / self.pairs, "instructions": self.instructions / self.pairs,
                "parts": parts, "functions": functions}

    def print(self):
        print(f"\n{self.core}: {self.total / CORES[self.core].clock / 1e3:.0f} µs at {CORES[self.core].clock} GHz; "
              f"{100 * self.covered:.1f}% of the instructions are of functions that were simulated\n\n"
              "| per candidate·step | instructions | cycles |\n|---|---:|---:|")
        for name, count, cycles in self.rows + [("**sum**", self.instructions, self.total)]:
            print(f"| {name} | {count / self.pairs:.0f} | {cycles / self.pairs:.0f} |")
        print("\n| a round of the loop | instructions | multiply-adds | cycles |\n|---|---:|---:|---:|")
        for name, count, products, cycles in self.loops:
            print(f"| {name} | {count} | {products} | {cycles:.1f} |")


def print_ratios(before, now):
    """The cycles of `before` and `now` (as_json) beside each other, for each core in both."""
    cores = [core for core in now if core in before]
    print("\n| cycles before / now = ratio | " + " | ".join(cores) + " |\n|---|" + "---:|" * len(cores))

    def row(name, find):
        pairs = [(find(before[core]), find(now[core])) for core in cores]
        print(f"| {name} | " + " | ".join(
            f"{old:.0f} / {new:.0f}" + (f" = {old / new:.2f}" if old and new else "") for old, new in pairs) + " |")

    row("**the request**", lambda side: side["request"])
    for kind in ("parts", "functions"):
        for name in dict.fromkeys(name for core in cores for side in (now, before) for name in side[core][kind]):
            row(name, lambda side, kind=kind, name=name: side[kind].get(name, 0))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", help="the build directory of preset linux-aarch64")
    parser.add_argument("--models", default=",".join(MODELS))
    parser.add_argument("--cores", default=",".join(CORES), help="of " + ", ".join(CORES))
    parser.add_argument("--width", type=int, default=36)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--candidates", type=int, default=100)
    parser.add_argument("--program", help=f"instead of the build's bin/{TARGET}")
    parser.add_argument("--json", metavar="FILE", help="write the cycles here, too")
    parser.add_argument("--baseline", metavar="FILE", help="compare with this file, which --json wrote")
    parser.add_argument("--mca", default="llvm-mca-19", help="llvm-mca, of LLVM 19")
    parser.add_argument("--qemu", default="qemu-aarch64")
    parser.add_argument("--share", type=float, default=0.005,
                        help="functions with a smaller share of all instructions are not traced")
    parser.add_argument("--longest", type=int, default=60000, help="instructions simulated of a function")
    options = parser.parse_args()
    options.cores = options.cores.split(",")
    unknown = set(options.cores) - set(CORES)
    if unknown:
        parser.error(f"nothing is known of {', '.join(sorted(unknown))}")
    return options


def main():
    options = arguments()
    emulate.need(options.mca, "llvm-19")
    emulate.need(options.qemu, "qemu-user")
    emulate.need(TRIPLE + "-objdump", f"binutils-{TRIPLE}")
    build = pathlib.Path(options.build)
    path = pathlib.Path(options.program or build / "bin" / TARGET)
    if not path.exists():
        raise SystemExit(f"{path} is not there: cmake --preset linux-aarch64 && "
                         f"cmake --build --preset linux-aarch64 --target {TARGET}")
    baseline = json.loads(pathlib.Path(options.baseline).read_text()) if options.baseline else {}
    program = emulate.Program(path, TRIPLE + "-")
    simulator = Simulator(options.mca, build / "arm-estimate")
    found = {}
    with tempfile.TemporaryDirectory() as directory:
        emulators = {core: emulate.Emulator(program, directory, options.qemu, CORES[core].emulated, CORES[core].part)
                     for core in options.cores}
        for model in options.models.split(","):
            print(f"\n## {model}, H={options.width}, T={options.steps}, N={options.candidates}")
            found[model] = {}
            for core, emulator in emulators.items():
                request = Request(options, emulator, simulator, core, model)
                request.print()
                found[model][core] = request.as_json()
            if model in baseline:
                print_ratios(baseline[model], found[model])
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
