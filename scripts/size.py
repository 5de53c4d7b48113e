#!/usr/bin/env python3
"""The size of libaugur.so for Android, and what it consists of.

    size.py check BUILD...       compares each stripped library with tests/platforms/size/recorded.txt
    size.py report BUILD...      prints the tables of docs/size.md
    size.py write BUILD...       writes these tables into docs/size.md

BUILD is the build folder of an android-* preset in which the target augur_shared is built. The linker's map, which the
build leaves there as libaugur.map, tells what each part is.

`check` fails if a library is more than 2% larger than recorded, or larger than the limit of its ABI. A figure holds for
one compiler; with another compiler only the limit is checked.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
RECORDED = ROOT / "tests/platforms/size/recorded.txt"
PAGE = ROOT / "docs/size.md"
BEGIN, END = "<!-- tables: scripts/size.py -->", "<!-- end of tables -->"
LIMITS = {"arm64-v8a": 400_000, "arm64-v8a-minimal": 180_000}
TOLERANCE = 0.02

MAP_LINE = re.compile(r" *[0-9a-f]+ +[0-9a-f]+ +([0-9a-f]+) +[0-9]+ ( *)(.*)$")
CODE, DATA = (".text", ".plt"), (".rodata", ".data", ".data.rel.ro", ".got", ".got.plt", ".init_array", ".fini_array")
UNWIND = (".eh_frame", ".eh_frame_hdr", ".ARM.exidx", ".ARM.extab", ".gcc_except_table")
LINKING = (".rela.dyn", ".rela.plt", ".rel.dyn", ".rel.plt", ".dynsym", ".dynstr", ".gnu.hash", ".hash", ".dynamic")
OTHER = "headers and padding"


def part_of(section, source):
    """The name of the row to which `source` (an object file and its section) belongs."""
    if section in UNWIND:
        return "unwind tables"
    if section in LINKING:
        return "symbols and relocations"
    if section in DATA:
        return "strings and tables"
    own = re.search(r"augur_objects\.dir/src/([a-z_]+)/(simd/)?", source)
    if own:
        return f"own code: {own[1]}/{own[2] or ''}"
    library = re.search(r"lib(XNNPACK|microkernels-prod|pthreadpool|cpuinfo)\.a\((.*)\)", source)
    if not library:
        return "C runtime"
    if library[1] == "microkernels-prod":
        return "XNNPACK: packing" if "packw" in library[2] else "XNNPACK: products"
    return "XNNPACK: operators" if library[1] == "XNNPACK" else library[1]


def read_map(lines):
    """{part: bytes} of a map of lld's."""
    parts, section = {}, ""
    for line in lines:
        found = MAP_LINE.match(line)
        if not found:
            continue
        size, indent, name = int(found[1], 16), len(found[2]), found[3]
        if indent == 0:
            section = name
        elif indent == 8 and section in CODE + DATA + UNWIND + LINKING:
            part = part_of(section, name)
            parts[part] = parts.get(part, 0) + size
    return parts


class Build:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.library = self.folder / "stripped/libaugur.so"
        if not self.library.exists():
            sys.exit(f"{self.library} is missing: build the target augur_shared of an android-* preset in {self.folder}")
        cache = (self.folder / "CMakeCache.txt").read_text()
        self.abi = re.search(r"^ANDROID_ABI:[A-Z]+=(.*)$", cache, re.M)[1]
        if re.search(r"^AUGUR_MINIMAL:[A-Z]+=ON$", cache, re.M):
            self.abi += "-minimal"
        compiler = next((self.folder / "CMakeFiles").glob("*/CMakeCCompiler.cmake")).read_text()
        self.compiler = "clang-" + re.search(r'CMAKE_C_COMPILER_VERSION "([0-9]+)', compiler)[1]
        self.size = self.library.stat().st_size

    def parts(self):
        parts = read_map((self.folder / "libaugur.map").read_text(errors="replace").splitlines())
        parts[OTHER] = self.size - sum(parts.values())
        return parts


def read_recorded(text):
    """{(ABI, compiler): bytes}."""
    recorded = {}
    for line in text.splitlines():
        fields = line.split("#")[0].split()
        if fields:
            abi, compiler, size = fields
            recorded[abi, compiler] = int(size)
    return recorded


def check(abi, compiler, size, recorded):
    """(whether the size is allowed, a line that says so)."""
    limit = LIMITS.get(abi)
    if limit and size > limit:
        return False, f"{abi}: {size:,} bytes, more than the limit of {limit:,}"
    before = recorded.get((abi, compiler))
    if before is None:
        return True, f"{abi}: {size:,} bytes ({compiler}: nothing recorded)"
    change = f"{100 * (size - before) / before:+.1f}% of the recorded {before:,}"
    if size > before * (1 + TOLERANCE):
        return False, (f"{abi}: {size:,} bytes, {change}: more than {100 * TOLERANCE:.0f}% larger. Make it smaller "
                       f"(docs/size.md tells how), or write {size} into {RECORDED.relative_to(ROOT)} in a commit that "
                       "says why")
    return True, f"{abi}: {size:,} bytes, {change}"


def table(builds):
    rows = {}
    for build in builds:
        for part, size in build.parts().items():
            rows.setdefault(part, {})[build.abi] = size
    abis = [build.abi for build in builds]
    order = sorted(rows, key=lambda part: (part == OTHER, not part.startswith("own"), not part.startswith("XNN"), part))
    lines = ["| bytes | " + " | ".join(abis) + " |", "|---|" + "---:|" * len(abis)]
    for part in order:
        lines.append(f"| {part} | " + " | ".join(f"{rows[part].get(abi, 0):,}" for abi in abis) + " |")
    lines.append("| **libaugur.so, stripped** | " + " | ".join(f"**{build.size:,}**" for build in builds) + " |")
    return "\n".join(lines)


def write(builds):
    text = PAGE.read_text()
    head, rest = text.split(BEGIN)
    _, tail = rest.split(END)
    PAGE.write_text(f"{head}{BEGIN}\n{table(builds)}\n{END}{tail}")


def main(arguments):
    if len(arguments) < 2 or arguments[0] not in ("check", "report", "write"):
        print(__doc__.strip(), file=sys.stderr)
        return 2
    builds = [Build(folder) for folder in arguments[1:]]
    if arguments[0] == "check":
        recorded = read_recorded(RECORDED.read_text())
        results = [check(build.abi, build.compiler, build.size, recorded) for build in builds]
        print("\n".join(line for _, line in results))
        return 0 if all(allowed for allowed, _ in results) else 1
    if arguments[0] == "report":
        print(table(builds))
    else:
        write(builds)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
