"""Reads of an ELF file (little endian, 32 or 64 bits) what the tests of Android's libraries ask."""
import struct
from typing import NamedTuple

SHARED = 3  # the type of a library, and of a program that is loaded at any address
LOAD, DYNAMIC, INTERPRETER, NOTE, TLS, STACK, RELRO = 1, 2, 3, 4, 7, 0x6474E551, 0x6474E552
EXECUTE, WRITE = 1, 2  # flags of a segment
NEEDED, SYMBOL_HASH, STRINGS, SYMBOLS, SONAME, TEXTREL, BIND_NOW, FLAGS, FLAGS_1 = 1, 4, 5, 6, 14, 22, 24, 30, 0x6FFFFFFB
NO_BITS = 8  # a section without bytes in the file
LOCAL, GLOBAL = 0, 1  # bindings of symbols


class Segment(NamedTuple):
    type: int
    flags: int
    offset: int
    address: int
    size: int
    align: int


class Elf(NamedTuple):
    bits: int
    machine: int
    type: int
    segments: list
    sections: list  # names
    dynamic: dict  # tag -> list of values
    needed: list
    soname: str  # empty if there is none
    defined: list  # names that other libraries see
    undefined: list  # names that it must find in other libraries
    build_id: str  # hexadecimal, empty if there is none
    interpreter: str  # of a program

    def of_type(self, type_):
        return [segment for segment in self.segments if segment.type == type_]


def text_at(data, offset):
    return data[offset:data.index(b"\0", offset)].decode("utf-8", "replace")


def read(data):
    """Raises ValueError if it is not such a file."""
    if data[:4] != b"\x7fELF" or data[4:6] not in (b"\1\1", b"\2\1"):
        raise ValueError("not an ELF file in little endian")
    wide = data[4] == 2
    try:
        return read_as(data, wide)
    except (struct.error, IndexError) as error:
        raise ValueError(f"a broken ELF file: {error}") from error


def read_as(data, wide):
    word = "Q" if wide else "I"
    type_, machine = struct.unpack_from("<HH", data, 16)
    header = struct.unpack_from(f"<{word * 3}IHHHHHH", data, 24)
    program_at, section_at = header[1], header[2]
    program_size, programs, section_size, sections_count, names_index = header[5:10]

    segments = []
    for i in range(programs):
        fields = struct.unpack_from("<IIQQQQQQ" if wide else "<IIIIIIII", data, program_at + i * program_size)
        if wide:
            kind, flags, offset, address, _, size, _, align = fields
        else:
            kind, offset, address, _, size, _, flags, align = fields
        segments.append(Segment(kind, flags, offset, address, size, align))

    sections = []  # (name's offset, type, offset, size)
    for i in range(sections_count):
        name, kind, _, _, offset, size = struct.unpack_from(f"<II{word * 4}", data, section_at + i * section_size)
        sections.append((name, kind, offset, size))
    names_at = sections[names_index][2] if sections else 0
    section_names = [text_at(data, names_at + section[0]) for section in sections]

    dynamic = {}
    for segment in segments:
        if segment.type == DYNAMIC:
            for at in range(segment.offset, segment.offset + segment.size, 16 if wide else 8):
                tag, value = struct.unpack_from(f"<{word * 2}", data, at)
                if tag == 0:
                    break
                dynamic.setdefault(tag, []).append(value)

    strings = file_offset(segments, dynamic.get(STRINGS, [0])[0])
    needed = [text_at(data, strings + value) for value in dynamic.get(NEEDED, [])]
    soname = text_at(data, strings + dynamic[SONAME][0]) if SONAME in dynamic else ""
    defined, undefined = read_symbols(data, wide, segments, dynamic, strings)
    interpreter = "".join(text_at(data, s.offset) for s in segments if s.type == INTERPRETER)
    return Elf(64 if wide else 32, machine, type_, segments, section_names, dynamic, needed, soname, defined, undefined,
               read_build_id(data, segments), interpreter)


def file_offset(segments, address):
    for segment in segments:
        if segment.type == LOAD and segment.address <= address < segment.address + segment.size:
            return segment.offset + address - segment.address
    return 0


def read_symbols(data, wide, segments, dynamic, strings):
    """The dynamic symbols; the table of hashes says how many there are."""
    if SYMBOLS not in dynamic or SYMBOL_HASH not in dynamic:
        return [], []
    _, count = struct.unpack_from("<II", data, file_offset(segments, dynamic[SYMBOL_HASH][0]))
    table = file_offset(segments, dynamic[SYMBOLS][0])
    defined, undefined = [], []
    for i in range(1, count):
        if wide:
            name, info, _, section, _, _ = struct.unpack_from("<IBBHQQ", data, table + 24 * i)
        else:
            name, _, _, info, _, section = struct.unpack_from("<IIIBBH", data, table + 16 * i)
        binding = info >> 4
        if section and binding != LOCAL:
            defined.append(text_at(data, strings + name))
        elif binding == GLOBAL:  # a weak one may be missing: it is 0 then
            undefined.append(text_at(data, strings + name))
    return sorted(defined), sorted(undefined)


def read_build_id(data, segments):
    for segment in segments:
        at, end = segment.offset, segment.offset + segment.size
        while segment.type == NOTE and at + 12 <= end:
            name_size, size, kind = struct.unpack_from("<III", data, at)
            content = at + 12 + (name_size + 3) // 4 * 4
            if kind == 3 and data[at + 12:at + 16] == b"GNU\0":
                return data[content:content + size].hex()
            at = content + (size + 3) // 4 * 4
    return ""
