"""Checks of libraries and programs for Android 5.0 and later. Each check returns a list of what is wrong."""
import pathlib

import elf

ROOT = pathlib.Path(__file__).resolve().parents[3]
SYMBOLS = ROOT / "toolchains/stand-in/ndk/symbols"
MACHINES = {"arm64-v8a": 183, "armeabi-v7a": 40, "x86_64": 62}
SYSTEM = ("libandroid.so", "libc.so", "libdl.so", "liblog.so", "libm.so")
PAGE = {64: 16384, 32: 4096}  # bytes; Android 15 may have pages of 16 KB, on 64-bit processors
# Ways to store relocations that Android before 6.0 and before 9 cannot read: DT_ANDROID_REL, DT_ANDROID_RELA, DT_RELR.
NEWER_RELOCATIONS = {0x6000000F: "DT_ANDROID_REL", 0x60000011: "DT_ANDROID_RELA", 36: "DT_RELR", 0x6FFFE000: "DT_ANDROID_RELR"}


def symbols_of(library, abi):
    """The names that a library of the system has at API level 21, from the stand-in's lists."""
    names, section = set(), ""
    for line in (SYMBOLS / library).with_suffix(".txt").read_text().splitlines():
        if line.startswith("#"):
            continue
        if line.endswith(":"):
            section = line[:-1]
        elif section in ("all", "variables") or section == "armv7" and abi == "armeabi-v7a" or (
                section == "64-bit" and abi != "armeabi-v7a"):
            names |= set(line.split())
    return names


def check_both(file, abi):
    """What libraries and programs have in common."""
    wrong = []
    if file.machine != MACHINES[abi] or file.bits != (32 if abi == "armeabi-v7a" else 64):
        wrong.append(f"it is for machine {file.machine} with {file.bits} bits, not for {abi}")
    if file.type != elf.SHARED:
        wrong.append(f"its type is {file.type}: it cannot be loaded at any address")
    loads = file.of_type(elf.LOAD)
    page = PAGE[file.bits]
    for segment in loads:
        if segment.align < page or (segment.address - segment.offset) % page != 0:
            wrong.append(f"a segment is aligned to {segment.align} bytes; pages have {page}")
        if segment.flags & elf.WRITE and segment.flags & elf.EXECUTE:
            wrong.append("a segment can be written and executed")
    stacks = file.of_type(elf.STACK)
    if not stacks or stacks[0].flags & elf.EXECUTE:
        wrong.append("its stack can be executed")
    if not file.of_type(elf.RELRO):
        wrong.append("it has no RELRO: tables of addresses stay writable")
    flags, flags_1 = (file.dynamic.get(tag, [0])[0] for tag in (elf.FLAGS, elf.FLAGS_1))
    if not (elf.BIND_NOW in file.dynamic or flags & 8 or flags_1 & 1):
        wrong.append("it has no BIND_NOW: tables of addresses stay writable")
    if elf.TEXTREL in file.dynamic or flags & 4:
        wrong.append("it has text relocations, which Android refuses")
    wrong += [f"it has {name}, which Android 5.0 cannot read" for tag, name in NEWER_RELOCATIONS.items() if tag in file.dynamic]
    if elf.SYMBOL_HASH not in file.dynamic:
        wrong.append("it has no DT_HASH: Android 5.0 cannot find its symbols")
    if len(file.build_id) != 40:
        wrong.append(f"its build id is '{file.build_id}', expected 20 bytes")
    wrong += [f"it has the section {name}: bitcode" for name in file.sections if name.startswith((".llvmbc", ".llvmcmd"))]
    return wrong


def check_undefined(file, abi, libraries):
    """libraries: library -> the names it has, for those of Augur that it may need."""
    wrong = [f"it needs {name}" for name in file.needed if name not in SYSTEM and name not in libraries]
    known = set().union(*(symbols_of(name, abi) for name in file.needed if name in SYSTEM),
                        *(libraries[name] for name in file.needed if name in libraries))
    wrong += [f"{name} is not in the libraries that it needs, at API level 21" for name in file.undefined if name not in known]
    return wrong


def check_library(data, abi, name, exports, libraries=None):
    """exports(name) -> whether other libraries may see the name."""
    file = elf.read(data)
    wrong = check_both(file, abi) + check_undefined(file, abi, libraries or {})
    if file.soname != name:
        wrong.append(f"its soname is '{file.soname}', expected {name}")
    wrong += [f"it shows {symbol}" for symbol in file.defined if not exports(symbol)]
    if not file.defined:
        wrong.append("it shows nothing")
    if file.of_type(elf.TLS):
        wrong.append("it has thread-local variables of the kind that Android before 10 does not know")
    return wrong


def check_stripped(data, with_symbols):
    """data: a stripped library. with_symbols: the same library as it was linked."""
    file, original = elf.read(data), elf.read(with_symbols)
    wrong = [f"it has the section {name}, which only crash reports need" for name in file.sections
             if name in (".symtab", ".strtab") or name.startswith(".debug_")]
    if ".symtab" not in original.sections or not any(name.startswith(".debug_") for name in original.sections):
        wrong.append("the library for crash reports has no symbols or no debug information")
    if file.build_id != original.build_id:
        wrong.append("it has another build id than the library for crash reports")
    return wrong


def check_program(data, abi):
    file = elf.read(data)
    linker = "/system/bin/linker" + ("" if abi == "armeabi-v7a" else "64")
    wrong = check_both(file, abi) + check_undefined(file, abi, {})
    if file.interpreter != linker:
        wrong.append(f"it is loaded by '{file.interpreter}', expected {linker}")
    return wrong
