"""Reads Mach-O files, as far as the checks of the xcframework need it.

read(bytes) gives a list of Images, one for each architecture. Only 64-bit little-endian files are known, which is what iOS
has. Raises ValueError where a file is not as the format says.
"""
import dataclasses
import hashlib
import struct
import uuid

ARCHITECTURES = {0x0100000C: "arm64", 0x01000007: "x86_64"}
FILE_TYPES = {1: "object", 2: "executable", 6: "dylib", 10: "dSYM"}
PLATFORMS = {1: "macos", 2: "ios", 6: "maccatalyst", 7: "ios-simulator"}
FLAGS = {0x1: "NOUNDEFS", 0x80: "TWOLEVEL", 0x20000: "ALLOW_STACK_EXECUTION", 0x100000: "NO_REEXPORTED_DYLIBS",
         0x200000: "PIE"}
WRITE, EXECUTE = 2, 4

LC_SYMTAB, LC_DYSYMTAB, LC_LOAD_DYLIB, LC_ID_DYLIB, LC_SEGMENT_64, LC_UUID = 0x2, 0xB, 0xC, 0xD, 0x19, 0x1B
LC_CODE_SIGNATURE, LC_ENCRYPTION_INFO_64, LC_BUILD_VERSION = 0x1D, 0x2C, 0x32
LC_LOAD_WEAK_DYLIB, LC_REEXPORT_DYLIB, LC_RPATH = 0x80000018, 0x8000001F, 0x8000001C
LC_DYLD_INFO, LC_DYLD_INFO_ONLY, LC_DYLD_EXPORTS_TRIE = 0x22, 0x80000022, 0x80000033
LOADING = (LC_LOAD_DYLIB, LC_LOAD_WEAK_DYLIB, LC_REEXPORT_DYLIB)


@dataclasses.dataclass
class Segment:
    name: str
    protection: int
    sections: list  # of names


@dataclasses.dataclass
class Image:
    architecture: str
    file_type: str
    flags: set
    commands: list = dataclasses.field(default_factory=list)  # of numbers
    segments: list = dataclasses.field(default_factory=list)
    platform: str = ""
    minimum: str = ""  # the oldest version of the system, such as "13.0"
    sdk: str = ""
    install_name: str = ""
    version: str = ""
    loads: list = dataclasses.field(default_factory=list)
    rpaths: list = dataclasses.field(default_factory=list)
    uuid: object = None
    exports: set = dataclasses.field(default_factory=set)  # what dyld finds
    imports: set = dataclasses.field(default_factory=set)
    locals: set = dataclasses.field(default_factory=set)  # symbols that stripping removes
    relocations: int = 0  # those that dyld would apply to any place, code too
    encryption: object = None  # the range that the App Store encrypts
    signature: str = ""  # "", "valid", or what is wrong with it


def read(data):
    if len(data) < 32:
        raise ValueError("too short for a Mach-O file")
    magic, count = struct.unpack_from(">II", data)
    if magic != 0xCAFEBABE:
        return [_image(data)]
    images = []
    for index in range(count):
        _, _, offset, size, align = struct.unpack_from(">5I", data, 8 + 20 * index)
        if offset % (1 << align) or offset + size > len(data):
            raise ValueError(f"architecture {index} lies at {offset}, {size} bytes, alignment 2^{align}")
        images.append(_image(data[offset:offset + size]))
    return images


def _version(number):
    major, minor, patch = number >> 16, number >> 8 & 255, number & 255
    return f"{major}.{minor}" + (f".{patch}" if patch else "")


def _text(data, offset, end=None):
    stop = data.index(b"\0", offset) if end is None else end
    return data[offset:stop].split(b"\0")[0].decode()


def _image(data):
    magic, cpu, _, file_type, count, size, flags, _ = struct.unpack_from("<8I", data)
    if magic != 0xFEEDFACF:
        raise ValueError(f"starts with {magic:08x}, not with the magic number of a 64-bit Mach-O file")
    image = Image(ARCHITECTURES.get(cpu, f"cpu {cpu}"), FILE_TYPES.get(file_type, f"file type {file_type}"),
                  {name for bit, name in FLAGS.items() if flags & bit})
    offset = 32
    for _ in range(count):
        command, length = struct.unpack_from("<II", data, offset)
        if length < 8 or offset + length > 32 + size:
            raise ValueError(f"a load command at {offset} has {length} bytes")
        image.commands.append(command)
        _command(image, data, command, offset, length)
        offset += length
    return image


def _command(image, data, command, offset, length):
    end = offset + length
    if command == LC_SEGMENT_64:
        name = _text(data, offset + 8, offset + 24)
        protection, sections = struct.unpack_from("<2I", data, offset + 60)
        names = [_text(data, offset + 72 + 80 * index, offset + 88 + 80 * index) for index in range(sections)]
        image.segments.append(Segment(name, protection, names))
    elif command in LOADING or command == LC_ID_DYLIB:
        start, _, current, _ = struct.unpack_from("<4I", data, offset + 8)
        name = _text(data, offset + start, end)
        if command == LC_ID_DYLIB:
            image.install_name = name
            image.version = f"{current >> 16}.{current >> 8 & 255}.{current & 255}"
        else:
            image.loads.append(name)
    elif command == LC_RPATH:
        image.rpaths.append(_text(data, offset + struct.unpack_from("<I", data, offset + 8)[0], end))
    elif command == LC_UUID:
        image.uuid = uuid.UUID(bytes=data[offset + 8:offset + 24])
    elif command == LC_BUILD_VERSION:
        platform, minimum, sdk = struct.unpack_from("<3I", data, offset + 8)
        image.platform = PLATFORMS.get(platform, f"platform {platform}")
        image.minimum, image.sdk = _version(minimum), _version(sdk)
    elif command == LC_SYMTAB:
        _symbols(image, data, *struct.unpack_from("<4I", data, offset + 8))
    elif command == LC_DYSYMTAB:
        image.relocations = sum(struct.unpack_from("<I", data, offset + at)[0] for at in (68, 76))
    elif command in (LC_DYLD_INFO, LC_DYLD_INFO_ONLY):
        _exports(image, data, *struct.unpack_from("<2I", data, offset + 40))
    elif command == LC_DYLD_EXPORTS_TRIE:
        _exports(image, data, *struct.unpack_from("<2I", data, offset + 8))
    elif command == LC_ENCRYPTION_INFO_64:
        start, size, cryptid = struct.unpack_from("<3I", data, offset + 8)
        image.encryption = (start, size, cryptid)
    elif command == LC_CODE_SIGNATURE:
        image.signature = _signature(data, *struct.unpack_from("<2I", data, offset + 8))


def _symbols(image, data, at, count, strings, _):
    for index in range(count):
        name_at, kind, _, _, _ = struct.unpack_from("<IBBHQ", data, at + 16 * index)
        name = _text(data, strings + name_at)
        if kind & 0xE0 or not kind & 1:  # a debugging entry, or a local symbol
            # "radr://5614542" is what Apple's strip writes in place of the names that it removes.
            image.locals.update({name} - {"", "radr://5614542"})
        elif kind & 0xE == 0:
            image.imports.add(name)


def _uleb(data, offset):
    value = shift = 0
    while True:
        byte = data[offset]
        value |= (byte & 127) << shift
        offset, shift = offset + 1, shift + 7
        if byte < 128:
            return value, offset


def _exports(image, data, at, size):
    """Walks the tree of exported names."""
    nodes = [(0, "")] if size else []
    for _ in range(size + 1):  # more nodes than bytes would be a circle
        if not nodes:
            return
        offset, prefix = nodes.pop()
        length, offset = _uleb(data, at + offset)
        if length:
            image.exports.add(prefix)
        offset += length
        children = data[offset]
        offset += 1
        for _ in range(children):
            part = _text(data, offset)
            node, offset = _uleb(data, offset + len(part) + 1)
            nodes.append((node, prefix + part))
    raise ValueError("the tree of exports has no end")


def _signature(data, at, size):
    """Whether the hashes of the pages are right. The signer is not looked at."""
    magic, _, count = struct.unpack_from(">3I", data, at)
    if magic != 0xFADE0CC0 or at + size > len(data):
        return "is not a signature"
    for index in range(count):
        kind, start = struct.unpack_from(">2I", data, at + 12 + 8 * index)
        if kind != 0:
            continue
        directory = at + start
        _, _, _, _, hashes, _, _, slots, limit = struct.unpack_from(">9I", data, directory)
        hash_size, hash_type, _, page_bits = struct.unpack_from(">4B", data, directory + 36)
        if hash_type != 2 or hash_size != 32:
            return f"has hashes of type {hash_type}"
        page = 1 << page_bits
        for slot in range(slots):
            expected = data[directory + hashes + 32 * slot:directory + hashes + 32 * (slot + 1)]
            if hashlib.sha256(data[slot * page:min((slot + 1) * page, limit)]).digest() != expected:
                return f"has a wrong hash of page {slot}"
        return "valid"
    return "has no code directory"
