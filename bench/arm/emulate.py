"""Runs a static program under qemu-user with plugin.c and reads which instructions it executed."""
import bisect
import collections
import concurrent.futures
import pathlib
import re
import shutil
import subprocess
import tempfile

PLUGIN = pathlib.Path(__file__).with_name("plugin.c")
INSTRUCTION = re.compile(r"^\s*([0-9a-f]+):\s+(.+?)\s*(?://.*)?$")
CALLS, RETURNS = ("bl", "blr", "call"), ("ret",)
CPUINFO = """processor\t: 0
CPU implementer\t: 0x41
CPU architecture: 8
CPU variant\t: 0x1
CPU part\t: {:#05x}
CPU revision\t: 0
"""
PROCESSES = 2  # how many emulators or llvm-mca run at once


def run(command, directory=None):
    done = subprocess.run(command, capture_output=True, text=True, cwd=directory)
    if done.returncode != 0:
        words = " ".join(map(str, command))
        raise SystemExit(f"{words}: exit status {done.returncode}\n{done.stderr}")
    return done.stdout


def need(tool, package):
    if shutil.which(tool) is None:
        raise SystemExit(f"{tool} is not installed. On Debian: apt-get install {package}")


def each(function, values):
    """[function(v) for v in values], several at once."""
    with concurrent.futures.ThreadPoolExecutor(PROCESSES) as pool:
        return list(pool.map(function, values))


class Program:
    """A program's functions and instructions."""

    def __init__(self, path, prefix=""):
        self.path = path
        self.text = {}  # address -> assembly
        for line in run([prefix + "objdump", "-d", "--no-show-raw-insn", path]).splitlines():
            match = INSTRUCTION.match(line)
            if match:
                self.text[int(match[1], 16)] = match[2].replace("\t", " ")
        functions = {}
        for line in run([prefix + "nm", "-C", "--defined-only", path]).splitlines():
            address, kind, name = line.split(" ", 2)
            if kind in "tTwWiV" and not name.startswith("$"):
                functions.setdefault(int(address, 16), name)
        self.starts = sorted(functions)
        self.names = [functions[start] for start in self.starts]

    def function_at(self, address):
        """The start address of the function that contains this instruction."""
        return self.starts[bisect.bisect_right(self.starts, address) - 1]

    def name_of(self, start):
        return self.names[bisect.bisect_left(self.starts, start)]


class Emulator:
    """qemu-user as the processor `cpu`. If `part` is given, /proc/cpuinfo says that it is Arm's core of this number."""

    def __init__(self, program, directory, qemu, cpu, part=None):
        self.program = program
        self.directory = pathlib.Path(directory)
        self.plugin = self.directory / "plugin.so"
        self.qemu = [qemu, "-cpu", cpu]
        if part is not None:  # qemu looks for files here first
            root = self.directory / f"core-{part:x}"
            (root / "proc").mkdir(parents=True)
            (root / "proc" / "cpuinfo").write_text(CPUINFO.format(part))
            self.qemu += ["-L", root]
        if not self.plugin.exists():
            run(["cc", "-O2", "-shared", "-fPIC", PLUGIN, "-o", self.plugin])

    def _run(self, options, arguments):
        plugin = ",".join([f"file={self.plugin}"] + [f"{k}={v}" for k, v in options.items()])
        run(self.qemu + ["-plugin", plugin, self.program.path] + [str(a) for a in arguments])

    def counts(self, arguments):
        """A counter: address -> how often its instruction was executed."""
        with tempfile.NamedTemporaryFile("r", dir=self.directory) as out:
            self._run({"counts": out.name}, arguments)
            rows = [line.split() for line in out]
        return collections.Counter({int(address, 16): int(times) for address, times in rows})

    def call(self, start, skip, arguments, longest):
        """The addresses that one call of the function at `start` executes, in order, with those of the
        functions that it calls; at most `longest` of them."""
        addresses = []
        depth = 0
        with tempfile.NamedTemporaryFile("r", dir=self.directory) as out:
            self._run({"trace": out.name, "from": f"{start:x}", "skip": skip, "length": longest}, arguments)
            for line in out:
                address = int(line, 16)
                addresses.append(address)
                name = self.program.text[address].split(" ", 1)[0]
                if name in CALLS:
                    depth += 1
                elif name in RETURNS:
                    depth -= 1
                    if depth < 0:
                        break
        return addresses


def request(emulator, arguments):
    """What the program executes between its first ranking and the end of its second: a counter
    address -> times, and the counter of a run that ranks once."""
    once, twice = each(emulator.counts, [arguments + [1], arguments + [2]])
    twice.subtract(once)
    return twice, once
