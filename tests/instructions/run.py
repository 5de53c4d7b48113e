#!/usr/bin/env python3
"""Counts the instructions of a fixed set of requests and compares them with tests/instructions/recorded.txt.

    python3 tests/instructions/run.py BUILD... [--record]

BUILD is a build folder of preset host (x86-64) or linux-aarch64 in which the target augur-counted-requests is built.
QEMU runs that program (requests.cc) on each of the processors below, and a plugin (counter.c) counts. No time is
measured, so a busy machine changes nothing, and two runs count exactly the same.

Fails if a request takes over 2% more instructions than recorded, if other kernels ran, or if requests and record do not
match. Counts hold for one compiler; where nothing is recorded for it, nothing is compared, and the exit status is 77 if
that is so for all. --record writes what was counted into the record.
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
RECORDED = HERE / "recorded.txt"
PROGRAM = "augur-counted-requests"
TOLERANCE = 0.02
SKIPPED = 77

# What QEMU emulates: a processor for each set of kernels, and the program's arguments. Only int8 models are counted
# where others run the same instructions as on a processor before.
PROCESSORS = {
    "x86_64": [("Haswell", [])],
    "aarch64": [("cortex-a53", []), ("cortex-a76", ["int8"]), ("max", ["int8"])],
}
SECTION = re.compile(r"\[(\S+) (\S+)\] (\S.*)$")


class Failure(Exception):
    pass


class Counts:
    """The counts of one compiler on one processor."""

    def __init__(self, compiler, processor, kernels):
        self.compiler, self.processor, self.kernels = compiler, processor, kernels
        self.requests = {}

    @property
    def key(self):
        return self.compiler, self.processor

    def text(self):
        lines = [f"[{self.compiler} {self.processor}] {self.kernels}"]
        return "\n".join(lines + [f"{name:<44} {count:>11,}" for name, count in self.requests.items()])


class Record:
    """The text of recorded.txt: comments, then sections of counts."""

    def __init__(self, text):
        self.head, self.sections = [], {}
        section = None
        for number, line in enumerate(text.splitlines(), 1):
            if line.startswith("#") and section is None:
                self.head.append(line)
                continue
            if not line.strip():
                continue
            found = SECTION.match(line)
            if found:
                section = Counts(*found.groups())
                if section.key in self.sections:
                    raise Failure(f"{RECORDED.name}:{number}: a second section [{' '.join(section.key)}]")
                self.sections[section.key] = section
                continue
            fields = line.split()
            if section is None or len(fields) != 2 or not re.fullmatch(r"\d{1,3}(,\d{3})*", fields[1]):
                raise Failure(f"{RECORDED.name}:{number}: neither '[COMPILER PROCESSOR] KERNELS' nor 'REQUEST COUNT': "
                              f"{line}")
            if fields[0] in section.requests:
                raise Failure(f"{RECORDED.name}:{number}: a second count of {fields[0]}")
            section.requests[fields[0]] = int(fields[1].replace(",", ""))

    def text(self):
        sections = [self.sections[key].text() for key in sorted(self.sections)]
        return "\n\n".join(["\n".join(self.head)] + sections) + "\n"


def compare(counts, recorded, how):
    """(whether the counts are allowed, lines that say so). `how` is the command that records them."""
    label = " ".join(counts.key)
    if recorded is None:
        return None, [f"{label}: skipped, nothing is recorded for it. To record it: {how}"]
    if counts.kernels != recorded.kernels:
        return False, [f"{label}: the kernels '{counts.kernels}' ran, those recorded are '{recorded.kernels}'. If that "
                       f"is meant, record it: {how}"]
    wrong, fewer, changes = [], [], []
    for name in {**recorded.requests, **counts.requests}:
        if name not in recorded.requests:
            wrong.append(f"{label}: {name} is not recorded")
        elif name not in counts.requests:
            wrong.append(f"{label}: {name} is recorded, but there is no such request")
        else:
            count, before = counts.requests[name], recorded.requests[name]
            changes.append(100 * (count - before) / before)
            line = f"{label}: {name}: {count:,} instructions, {changes[-1]:+.1f}% of the recorded {before:,}"
            if count > before * (1 + TOLERANCE):
                wrong.append(f"{line}: more than {100 * TOLERANCE:.0f}% more")
            elif count < before * (1 - TOLERANCE):
                fewer.append(line)
    if wrong:
        wrong += fewer
        wrong.append(f"{label}: change the code, or record what it does now in a commit that says why: {how}")
        return False, wrong
    if fewer:
        fewer.append(f"{label}: renew the record, so that it keeps what was gained: {how}")
    fewer.append(f"{label}: {len(changes)} requests, {min(changes):+.1f}% to {max(changes):+.1f}% of the recorded "
                 f"instructions ({counts.kernels})")
    return True, fewer


class Build:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.program = self.folder / "bin" / PROGRAM
        if not self.program.exists():
            raise Failure(f"{self.program} is missing: build the target {PROGRAM} in {folder}")
        compiler = self.setting("CMakeCXXCompiler.cmake", "CMAKE_CXX_COMPILER_ID")
        version = self.setting("CMakeCXXCompiler.cmake", "CMAKE_CXX_COMPILER_VERSION")
        self.compiler = {"GNU": "gcc"}.get(compiler, compiler.lower()) + "-" + version.split(".")[0]
        self.architecture = self.setting("CMakeSystem.cmake", "CMAKE_SYSTEM_PROCESSOR")
        if self.architecture not in PROCESSORS:
            raise Failure(f"{folder}: for {self.architecture} nothing is counted, only for {', '.join(PROCESSORS)}")
        self.emulator = f"qemu-{self.architecture}"

    def setting(self, file, name):
        for path in self.folder.glob(f"CMakeFiles/[0-9]*/{file}"):
            found = re.search(rf'^set\({name} "(.*)"\)$', path.read_text(), re.M)
            if found:
                return found[1]
        raise Failure(f"{self.folder} is no build folder: no {name} in CMakeFiles/*/{file}")

    def address_of(self, function):
        for line in output(["nm", str(self.program)]).splitlines():
            if line.lower().endswith(f" t {function}"):
                return line.split()[0]
        raise Failure(f"{self.program} has no function {function}")

    def count(self, processor, arguments, plugin, folder):
        out = folder / f"{self.architecture}-{processor}"
        options = {"file": plugin, "begin": self.address_of("counting_begins"), "end": self.address_of("counting_ends"),
                   "out": out}
        command = [self.emulator, "-cpu", processor, "-plugin", ",".join(f"{k}={v}" for k, v in options.items())]
        if self.architecture != os.uname().machine:
            command += ["-L", f"/usr/{self.architecture}-linux-gnu"]
        # Nothing of this process's environment; functions are found before the first of them is called.
        names = output(command + [str(self.program)] + arguments,
                       {"LD_BIND_NOW": "1", "PATH": os.environ["PATH"]}).splitlines()
        numbers = out.read_text().splitlines()
        if len(numbers) != len(names) - 1:
            raise Failure(f"{self.program}: {len(names) - 1} requests, {len(numbers)} counts")
        counts = Counts(self.compiler, processor, names[0])
        counts.requests = {name: int(number) for name, number in zip(names[1:], numbers)}
        return counts


def output(command, environment=None):
    if shutil.which(command[0]) is None:
        package = "qemu-user" if command[0].startswith("qemu") else "binutils gcc"
        raise Failure(f"{command[0]} is not installed. On Debian: apt-get install {package}")
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=environment,
                          check=False)
    if done.returncode != 0:
        raise Failure(f"{' '.join(command)}: exit status {done.returncode}\n{done.stderr}")
    return done.stdout


def count_all(builds, processors=None):
    """The counts of each build on each processor, or on `processors`."""
    jobs = [(build, *processor) for build in builds for processor in processors or PROCESSORS[build.architecture]]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        plugin = folder / "counter.so"
        output(["cc", "-O2", "-shared", "-fPIC", str(HERE / "counter.c"), "-o", str(plugin)])
        with concurrent.futures.ThreadPoolExecutor(
                int(os.environ.get("CMAKE_BUILD_PARALLEL_LEVEL") or os.cpu_count() or 1)) as pool:
            running = [pool.submit(build.count, processor, arguments, plugin, folder)
                       for build, processor, arguments in jobs]
            return [job.result() for job in running]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("builds", nargs="+", metavar="BUILD")
    parser.add_argument("--record", action="store_true")
    options = parser.parse_args()
    try:
        record = Record(RECORDED.read_text())
        counted = count_all([Build(folder) for folder in options.builds])
    except Failure as failure:
        print(failure)
        return 1
    if options.record:
        record.sections.update({counts.key: counts for counts in counted})
        RECORDED.write_text(record.text())
        print("recorded: " + ", ".join(" ".join(counts.key) for counts in counted))
        return 0
    how = f"python3 {pathlib.Path(__file__).resolve().relative_to(ROOT)} {' '.join(options.builds)} --record"
    results = [compare(counts, record.sections.get(counts.key), how) for counts in counted]
    print("\n".join(line for _, lines in results for line in lines))
    if any(allowed is False for allowed, _ in results):
        return 1
    return SKIPPED if all(allowed is None for allowed, _ in results) else 0


if __name__ == "__main__":
    sys.exit(main())
