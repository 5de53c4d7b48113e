"""FarmHash's Fingerprint64 of short texts, and the layer Hash of DeepCTR (layers/utils.py) that uses it.

github.com/google/farmhash, farmhash.cc, namespace farmhashna: HashLen0to16, HashLen17to32.
"""

from typing import Union

import numpy as np

K0, K1, K2 = 0xC3A5C85C97CB3127, 0xB492B66FBE98F273, 0x9AE16A3B2F90404F
MASK = (1 << 64) - 1


def rotate(value: int, shift: int) -> int:
    return (value >> shift | value << (64 - shift)) & MASK


def shift_mix(value: int) -> int:
    return value ^ value >> 47


def hash_len_16(u: int, v: int, mul: int) -> int:
    a = shift_mix((u ^ v) * mul & MASK)
    b = shift_mix((v ^ a) * mul & MASK)
    return b * mul & MASK


def fingerprint64(text: bytes) -> int:
    def fetch(at: int, size: int = 8) -> int:
        return int.from_bytes(text[at:at + size], "little")

    length = len(text)
    mul = K2 + 2 * length & MASK
    if length == 0:
        return K2
    if length < 4:
        y = text[0] + (text[length >> 1] << 8)
        z = length + (text[-1] << 2)
        return shift_mix((y * K2 ^ z * K0) & MASK) * K2 & MASK
    if length < 8:
        return hash_len_16(length + (fetch(0, 4) << 3), fetch(length - 4, 4), mul)
    if length <= 16:
        a, b = fetch(0) + K2 & MASK, fetch(length - 8)
        c = rotate(b, 37) * mul + a & MASK
        d = (rotate(a, 25) + b) * mul & MASK
        return hash_len_16(c, d, mul)
    if length > 32:
        raise ValueError("the tests have no key of more than 32 bytes")
    a, b = fetch(0) * K1 & MASK, fetch(8)
    c, d = fetch(length - 8) * mul & MASK, fetch(length - 16) * K2 & MASK
    return hash_len_16(rotate(a + b & MASK, 43) + rotate(c, 30) + d & MASK,
                       a + rotate(b + K2 & MASK, 18) + c & MASK, mul)


def text_of(key: Union[int, str], dtype: str) -> str:
    """tf.as_string; a column of the dtype string is left as it is."""
    return f"{np.float32(key):f}" if dtype == "float32" else str(key)


def hash_row(key: Union[int, str], dtype: str, rows: int, mask_zero: bool) -> int:
    text = text_of(key, dtype)
    buckets = rows - 1 if mask_zero else rows
    row = fingerprint64(text.encode()) % buckets
    if not mask_zero:
        return row
    zero = text_of(0, dtype if dtype == "float32" else "int32")
    return 0 if text == zero else row + 1
