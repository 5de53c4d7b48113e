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
    emulated: str  # the processor that qemu pretends to be, which decides what kernels run
    arguments: tuple[str, ...] = ()  # of llvm-mca; none: cortex_a55.py


# qemu's "max" has every extension; SVE is switched off, because Augur has no kernels for it.
DOT, I8MM = "cortex-a76", "max,sve=off"
CORES = {
    "cortex-a55": Core(1.8, DOT),
    # LLVM's model lets 8 instructions a cycle begin, the core takes 4 (section 2.1 of its optimization guide).
    "neoverse-n1": Core(2.5, DOT, ("-mcpu=neoverse-n1", "-dispatch=4")),
    "neoverse-v1": Core(2.6, I8MM, ("-mcpu=neoverse-v1", "-dispatch=8")),
    "neoverse-v2": Core(2.8, I8MM, ("-mcpu=neoverse-v2", "-dispatch=8")),
}
MCA = ("-mtriple=aarch64", "-mattr=+dotprod,+fullfp16,+i8mm,+fp16fml,+bf16")
MODELS = [model + weights for weights in ("", "_int8")
          for model in ("bilinear", "bilinear_reset_before", "mlp")]
ENOUGH = 20000  # instructions: shorter traces are repeated
ROUNDS = 200  # how many rounds of a loop are simulated
PRODUCT = 16  # a loop with at least so many multiply-adds is taken for a matrix product
MULTIPLY_ADD = re.compile(r"(fmla|fmlal2?|[su]dot|usdot|[su]mmla|usmmla) ")


def short(name):
    name = name.replace("(augur::ActivationKind)", "")
    name = re.sub(r"augur::(N_\w+::)?|\[clone.*\]|\(.*|(?<=\d)ul\b|^void ", "", name)
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
    """One ranking: a row for each function, and for each loop that computes products."""

    def __init__(self, options, emulator, simulator, cores, model):
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
        loops = [[program.text[address] for address in hottest_loop(addresses) or []]
                 for addresses in traces]
        work = [(text, core) for text in texts for core in cores]
        work += [(loop * ROUNDS, core) for loop in loops for core in cores if self.products(loop) >= PRODUCT]
        found = iter(emulate.each(lambda item: simulator.cycles(*item), work))
        self.rows = []  # name, instructions, core -> cycles
        self.loops = []  # name, instructions, multiply-adds, core -> cycles
        for start, text in zip(starts, texts):
            count = functions[start]
            self.rows.append((short(program.name_of(start)), count,
                              {core: next(found) / len(text) * count for core in cores}))
        for start, loop in zip(starts, loops):
            if self.products(loop) >= PRODUCT:
                self.loops.append((short(program.name_of(start)), len(loop), self.products(loop),
                                   {core: next(found) / ROUNDS for core in cores}))
        rest = 1 / self.covered - 1
        self.rows.append(("all others", round(self.instructions * (1 - self.covered)),
                          {core: rest * sum(row[2][core] for row in self.rows) for core in cores}))
        self.total = {core: sum(row[2][core] for row in self.rows) for core in cores}

    @staticmethod
    def products(loop):
        return sum(MULTIPLY_ADD.match(line) is not None for line in loop)


class Report:
    """The request of one model on all cores; those that choose the same kernels are emulated once."""

    def __init__(self, options, emulators, simulator, model):
        self.model = model
        self.cores = options.cores
        self.pairs = options.steps * options.candidates
        self.requests = {}  # emulated processor -> Request
        for emulated, emulator in emulators.items():
            cores = [core for core in options.cores if CORES[core].emulated == emulated]
            self.requests[emulated] = Request(options, emulator, simulator, cores, model)
        self.total = {core: cycles for request in self.requests.values()
                      for core, cycles in request.total.items()}

    def as_json(self):
        return {core: {"request": self.total[core] / self.pairs,
                       "functions": {name: cycles[core] / self.pairs for name, _, cycles in request.rows}}
                for request in self.requests.values() for core in request.total}

    def print(self, options, baseline):
        print(f"\n## {self.model}, H={options.width}, T={options.steps}, N={options.candidates}")
        for emulated, request in self.requests.items():
            cores = list(request.total)
            clocks = ", ".join(f"{request.total[c] / CORES[c].clock / 1e3:.0f} on {c} at {CORES[c].clock} GHz"
                               for c in cores)
            print(f"\nKernels for {emulated}: {request.instructions} instructions, {100 * request.covered:.1f}% of "
                  f"them in functions that were simulated; microseconds: {clocks}\n")
            self.print_table("cycles per candidate·step | instructions", cores, [
                (name, [f"{count / self.pairs:.0f}"], {c: f"{cycles[c] / self.pairs:.0f}" for c in cores})
                for name, count, cycles in request.rows + [("**sum**", request.instructions, request.total)]])
            if request.loops:
                self.print_table("cycles of a round | instructions | multiply-adds", cores, [
                    (name, [str(count), str(products)], {c: f"{cycles[c]:.1f}" for c in cores})
                    for name, count, products, cycles in request.loops])
        if self.model in baseline:
            self.print_ratios(baseline[self.model])

    @staticmethod
    def print_table(head, cores, rows):
        print(f"| {head} | " + " | ".join(cores) + " |")
        print("|---|" + "---:|" * (head.count("|") + len(cores)))
        for name, columns, cycles in rows:
            print("| " + " | ".join([name, *columns, *(cycles[c] for c in cores)]) + " |")
        print()

    def print_ratios(self, before):
        now = self.as_json()
        cores = [core for core in self.cores if core in before]

        def ratios(part):
            return {c: f"{part(before[c]):.0f} / {part(now[c]):.0f} = {part(before[c]) / max(part(now[c]), 1e-9):.2f}"
                    if part(now[c]) else f"{part(before[c]):.0f} / –" for c in cores}

        names = dict.fromkeys(name for core in cores for side in (now, before) for name in side[core]["functions"])
        rows = [(name, [], ratios(lambda side, name=name: side["functions"].get(name, 0))) for name in names]
        self.print_table("cycles before / now = ratio", cores,
                         [("**the request**", [], ratios(lambda side: side["request"]))] + rows)


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
    reports = {}
    with tempfile.TemporaryDirectory() as directory:
        emulators = {CORES[core].emulated: emulate.Emulator(program, directory, options.qemu, CORES[core].emulated)
                     for core in options.cores}
        for model in options.models.split(","):
            report = Report(options, emulators, simulator, model)
            report.print(options, baseline)
            reports[model] = report.as_json()
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(reports, indent=1) + "\n")


if __name__ == "__main__":
    main()
