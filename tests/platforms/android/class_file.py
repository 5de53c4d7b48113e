"""Reads of a Java class file what the tests of the AAR ask: its version, name and methods."""
import struct
from typing import NamedTuple

NATIVE = 0x100
# The length of a constant's content, by its tag; 1 (text) has a length of its own, 5 and 6 take two indices.
SIZES = {3: 4, 4: 4, 5: 8, 6: 8, 7: 2, 8: 2, 9: 4, 10: 4, 11: 4, 12: 4, 15: 3, 16: 2, 17: 4, 18: 4, 19: 2, 20: 2}


class Method(NamedTuple):
    name: str
    descriptor: str  # such as (I[B)J
    flags: int


class ClassFile(NamedTuple):
    major: int  # 52 is Java 8
    name: str  # such as dev/augur/Model
    references: set  # names of the classes that it names
    methods: list


def read(data):
    """Raises ValueError if it is not a class file."""
    if data[:4] != b"\xca\xfe\xba\xbe":
        raise ValueError("not a class file")
    major, count = struct.unpack_from(">HH", data, 6)
    texts, classes, at, index = {}, {}, 10, 1
    while index < count:
        tag = data[at]
        at += 1
        if tag == 1:
            size = struct.unpack_from(">H", data, at)[0]
            texts[index] = data[at + 2:at + 2 + size].decode("utf-8", "surrogatepass")
            at += 2 + size
        else:
            if tag == 7:
                classes[index] = struct.unpack_from(">H", data, at)[0]
            at += SIZES[tag]
        index += 2 if tag in (5, 6) else 1
    this, interfaces = struct.unpack_from(">H", data, at + 2)[0], struct.unpack_from(">H", data, at + 6)[0]
    at += 8 + 2 * interfaces
    lists = []
    for _ in range(2):  # fields, then methods
        members, at = struct.unpack_from(">H", data, at)[0], at + 2
        lists.append([])
        for _ in range(members):
            flags, name, descriptor, attributes = struct.unpack_from(">HHHH", data, at)
            at += 8
            for _ in range(attributes):
                at += 6 + struct.unpack_from(">I", data, at + 2)[0]
            lists[-1].append(Method(texts[name], texts[descriptor], flags))
    return ClassFile(major, texts[classes[this]], {texts[name] for name in classes.values()}, lists[1])
