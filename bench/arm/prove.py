#!/usr/bin/env python3
"""Shows how far estimate.py's method is from the truth, where the truth can be measured: on an x86-64 machine.

augur-request-cycles measures what a ranking costs here and which functions the cycles go to. The instructions that
the same program executes are traced, and simulated by llvm-mca with the model of this processor, as estimate.py does
for ARM. The table says for each function what was measured, what LLVM's model says as it is, and what it says with the
corrections that docs/arm-estimate.md describes. Written for AMD's Zen 5, for which LLVM 19 has the model of Zen 4.
"""
import argparse
import array
import collections
import pathlib
import re
import shlex
import tempfile

import emulate
import estimate
import mca

TARGET = "augur-request-cycles"
STEP = pathlib.Path(__file__).with_name("step.c")
AS_IS = ("-mtriple=x86_64", "-mcpu=znver4")
# Zen 5 begins 8 instructions a cycle where Zen 4 begins 6, and has longer queues.
CORRECTED = AS_IS + ("-dispatch=8", "-lqueue=200", "-squeue=104")

PREFIXES = re.compile(r"^((bnd|notrack|data16|repz?|lock|cs)\s+)+")
JUMP = re.compile(r"^(j\w+)\s+[0-9a-f]+ <.*$")
CALL = re.compile(r"^(call|ret)\b.*$")  # llvm-mca would take 100 cycles for it
# In LLVM's model a load that repeats one element occupies a shuffle unit, and a vector's store one that loads need.
# Loops of them show that neither is so: they are given as a plain load, and as a store of an integer register.
BROADCAST = re.compile(r"^v(?:broadcasts[sd]|pbroadcast[bwdq])\s+([^,(]*\([^)]*\)),\s*")
STORE = re.compile(r"^v?mov([au]p[sd]|s[sd]|dq[au]\d*)\s+%[xyz]mm\d+,\s*([^,(]*\([^)]*\))(\{%k\d\})?$")
# Loops of these run two a cycle (of vpermt2ps 1.6), in the model one or half of one. They are given as others of the
# same units that the model knows to run two a cycle.
FASTER = [(re.compile(pattern), text) for pattern, text in (
    (r"^vpdpbusd ", "vfmadd231ps "), (r"^vrangeps\s+\S+?,\s*", "vmaxps "), (r"^vperm[it]2ps ", "vpermilps "))]
# The model has units of 256 bits. Those of Zen 5 servers have 512, so a 512-bit instruction is given as one of 256.
NARROWER = re.compile(r"%[xy]mm")
STACK_SLOT = re.compile(r"-?(0x)?[0-9a-f]*\(%r[sb]p\)")
# Cycles of a round that adds to a sum on the stack: the addition, the store, the load that waits for it. Measured.
FORWARDED = {"vfmadd": 13, "addps": 12}


def assembly(instructions, corrected):
    lines = []
    for text in instructions:
        text = PREFIXES.sub("", re.sub(r"\s+#.*$", "", text))
        text = re.sub(r"\s*<.*>", "", JUMP.sub(r"\1 .", CALL.sub("jmp .", text)))
        if corrected:
            text = BROADCAST.sub(r"vmovups \1, ", text)
            text = STORE.sub(r"movq %rax, \2", text)
            for pattern, faster in FASTER:
                text = pattern.sub(faster, text)
            if not NARROWER.search(text):
                text = text.replace("%zmm", "%ymm").replace("{1to8}", "{1to4}").replace("{1to16}", "{1to8}")
        lines.append(text)
    return lines


def chain_cycles(trace, text):
    """The least cycles of a trace whose hottest loop adds to a sum on the stack: loaded, then stored to the same place.
    0 if there is none. llvm-mca lets no load wait for a store."""
    loop = estimate.hottest_loop(trace, contiguous=False)
    loaded = {}
    for address in loop or []:
        slot = STACK_SLOT.search(text[address])
        if slot is None:
            continue
        if text[address].endswith(slot[0]):
            if slot[0] in loaded:
                return collections.Counter(trace)[address] * loaded[slot[0]]
        else:
            for name, cycles in FORWARDED.items():
                if name in text[address].split()[0]:
                    loaded[slot[0]] = cycles
    return 0


class Emulated:
    """The trace by qemu-user, which knows AVX2, but no AVX-512."""

    def __init__(self, program, directory, arguments, share, longest):
        emulator = emulate.Emulator(program, directory, "qemu-x86_64", "max")
        request, once = emulate.request(emulator, arguments)
        self.functions = collections.Counter()
        for address, times in request.items():
            self.functions[program.function_at(address)] += times
        total = sum(self.functions.values())
        starts = [start for start, count in self.functions.most_common()
                  if count >= share * total and request[start] > 0]

        def trace(start):
            skip = once[start] - (request[start] + 1) // 2
            addresses = emulator.call(start, skip, arguments + [1], longest)
            return [address for address in addresses if program.function_at(address) == start]

        self.traces = dict(zip(starts, emulate.each(trace, starts)))


class Stepped:
    """The trace by step.c: slow, with all instructions that this processor has."""

    def __init__(self, program, directory, arguments, share, longest):
        step, out = pathlib.Path(directory) / "step", pathlib.Path(directory) / "steps"
        emulate.run(["cc", "-O2", STEP, "-o", step])
        emulate.run([step, out, program.path, *map(str, arguments), "0"])
        addresses = array.array("I", out.read_bytes())
        times = collections.Counter(addresses)
        self.functions = collections.Counter()
        self.traces = {}
        for address, count in times.items():
            self.functions[program.function_at(address) if address else 0] += count
        for start, count in self.functions.most_common():
            if start and count >= share * len(addresses) and times[start]:
                own = [a for a in addresses if a and program.function_at(a) == start]
                first = own.index(start, min(len(own) // 2, len(own) - own[::-1].index(start) - 1))
                self.traces[start] = own[first:first + longest]


def measured(options, program, arguments):
    """Cycles of the request, and how they are distributed over the functions."""
    command = shlex.split(options.prefix) + [program.path, *map(str, arguments), "1", str(options.seconds)]
    cycles, _, *samples = emulate.run(command).splitlines()
    functions = collections.Counter()
    for line in samples:
        address, count = line.split()
        functions[program.function_at(int(address, 16)) if int(address, 16) < 1 << 32 else 0] += int(count)
    total = float(cycles.split()[1])
    return total, {start: total * count / sum(functions.values()) for start, count in functions.items()}


def compare(options, program, simulator, directory, isa, model):
    arguments = [isa, model, options.width, options.steps, options.candidates]
    pairs = options.steps * options.candidates
    total, truth = measured(options, program, arguments)
    tracer = Stepped if isa == "avx512" else Emulated
    trace = tracer(program, directory, arguments, options.share, options.longest)
    starts = [start for start in trace.traces if truth.get(start, 0) > 0]
    texts = [[program.text[address] for address in trace.traces[start]] for start in starts]
    as_is = emulate.each(lambda text: simulator.cycles(assembly(text, False), AS_IS), texts)
    corrected = emulate.each(
        lambda text: simulator.cycles(assembly(estimate.repeated(text), True), CORRECTED), texts)
    print(f"\n## {model}, {isa}\n\n"
          "| cycles per candidate·step | measured | share | as it is | error | corrected | error |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    sums = [0.0, 0.0]
    for start, text, plain, better in zip(starts, texts, as_is, corrected):
        count = trace.functions[start]
        plain *= count / len(text)
        better *= count / len(estimate.repeated(text))
        chain = chain_cycles(trace.traces[start], program.text) * count / len(text)
        waits = chain > better
        better = max(better, chain)
        sums = [sums[0] + plain, sums[1] + better]
        name = estimate.short(program.name_of(start)) + (" (a sum on the stack)" if waits else "")
        print_row(name, truth[start], total, plain, better, pairs)
    # The rest has the mean cycles per instruction, as in estimate.py.
    scale = sum(trace.functions.values()) / sum(trace.functions[start] for start in starts)
    print_row("**the request**", total, total, sums[0] * scale, sums[1] * scale, pairs)


def print_row(name, truth, total, plain, better, pairs):
    print(f"| {name} | {truth / pairs:.1f} | {truth / total:.0%} | {plain / pairs:.1f} | {plain / truth - 1:+.0%} | "
          f"{better / pairs:.1f} | {better / truth - 1:+.1%} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", help="the build directory of preset host")
    parser.add_argument("--isa", default="sse2,avx2,avx512")
    parser.add_argument("--models", default="bilinear,bilinear_reset_before,mlp,bilinear_int8,mlp_int8",
                        help="int8 is computed with AVX-512 only")
    parser.add_argument("--width", type=int, default=36)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--candidates", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=6, help="for which each request is measured")
    parser.add_argument("--prefix", default="", help='before the measuring command, such as "chrt -f 10 taskset -c 1"')
    parser.add_argument("--mca", default="llvm-mca-19")
    parser.add_argument("--share", type=float, default=0.005)
    parser.add_argument("--longest", type=int, default=60000)
    options = parser.parse_args()
    path = pathlib.Path(options.build) / "bin" / TARGET
    if not path.exists():
        raise SystemExit(f"{path} is not there: cmake --preset host && cmake --build --preset host --target {TARGET}")
    program = emulate.Program(path)
    simulator = mca.Mca(options.mca, pathlib.Path(options.build) / "arm-estimate")
    with tempfile.TemporaryDirectory() as directory:
        for isa in options.isa.split(","):
            for model in options.models.split(","):
                if isa == "avx512" or not model.endswith("_int8"):
                    compare(options, program, simulator, directory, isa, model)


if __name__ == "__main__":
    main()
