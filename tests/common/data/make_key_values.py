"""Writes key_values.h: hashes and rows of keys as the libraries themselves compute them.

    python3 make_key_values.py --spark-jar spark-unsafe_2.12-3.5.1.jar --out key_values.h

Needs TensorFlow 2.12, DeepCTR 0.9.4, scikit-learn 1.3, mmh3 (the 128-bit Murmur3), Java 17 and the jar of
Spark's module spark-unsafe, version 3.5.1. Only a changed choice of keys needs a new run.
"""
import argparse
import pathlib
import subprocess
from importlib.metadata import version

import deepctr
import mmh3
import numpy
import sklearn
import tensorflow as tf
from deepctr.layers.utils import Hash
from sklearn.feature_extraction import FeatureHasher
from sklearn.utils import murmurhash3_32

INT32 = [0, 1, -1, 7, -7, 42, 99, 1000, 123456789, -123456789, 2**31 - 1, -2**31]
INT64 = INT32 + [2**31, -2**31 - 1, 5000000000, -5000000000, 10**15, 2**53 + 1, 2**63 - 1, -2**63]
FLOAT32 = INT32 + [16777216, 16777217, 16777219, -16777217, 5000000000, 10**15, 10**18, 2**63 - 1, -2**63]
TEXTS = ["", "0", "00", "0.0", "1", "-1", "a", "ab", "abc", "abcd", "sku-9", "sku-10", "item_0042", "Zürich", "日本語",
         "naïve café", "🚲", "__OOV__", "8 bytes.", "exactly 16 bytes", "seventeen bytes..", "x" * 32, "x" * 33, "x" * 64,
         "x" * 65, "https://example.org/catalogue/item?id=12345&colour=blue&size=42&season=winter-2026"]
LONGEST = 200


def text_of(length):
    """Bytes of all values; key_hash_test.cc computes the same."""
    return bytes((i * i * 7 + i * 31 + length * 13 + 5) & 255 for i in range(length))


def quoted(text):
    """A C string literal. Bytes that are not ASCII are octal, which ends after three digits."""
    return '"' + "".join(chr(b) if 32 <= b < 127 and chr(b) not in '"\\' else "\\%03o" % b for b in text) + '"'


def farm(text):
    return int.from_bytes(tf.fingerprint([text], "farmhash64").numpy()[0].tobytes(), "little")


def number(value):
    return "INT64_MIN" if value == -2**63 else "%d" % value


def table(declaration, rows):
    """A C array, with as many rows in a line as fit."""
    lines = [""]
    for row in rows:
        text = "{%s}," % ", ".join(row)
        if lines[-1] and len(lines[-1]) + len(text) > 114:
            lines.append("")
        lines[-1] += (" " if lines[-1] else "") + text
    return "inline constexpr %s[] = {\n%s\n};\n" % (declaration, "\n".join("    " + line for line in lines))


def rows_of(tensor, buckets, mask_zero):
    return [int(row) for row in Hash(buckets, mask_zero=mask_zero)(tensor).numpy()]


def hash_layer_of_integers():
    forms = (INT32, tf.int32, "Decimal32"), (INT64, tf.int64, "Decimal64"), (FLOAT32, tf.float32, "Float32")
    for keys, dtype, form in forms:
        column = tf.constant(numpy.array(keys, dtype.as_numpy_dtype))
        rows = [rows_of(column, 1000, mask_zero) for mask_zero in (False, True)]
        for key, plain, masked in zip(keys, *rows):
            yield number(key), "KeyBytes::k" + form, "1000", "%d" % plain, "%d" % masked


def hash_layer_of_texts():
    for buckets in (10, 1000):
        rows = [rows_of(tf.constant(TEXTS), buckets, mask_zero) for mask_zero in (False, True)]
        for text, plain, masked in zip(TEXTS, *rows):
            yield quoted(text.encode()), "%d" % buckets, "%d" % plain, "%d" % masked


def spark(jar, kind, values):
    """[(hash, index)]"""
    folder = pathlib.Path(__file__).resolve().parent
    out = subprocess.run(["java", "-cp", jar, folder / "SparkHashes.java"], text=True, stdout=subprocess.PIPE, check=True,
                         input="".join("%s %s\n" % (kind, value) for value in values)).stdout
    return [line.split() for line in out.splitlines()]


def smallest_hash():
    """4 bytes whose murmurhash3_32 with seed 0 is -2^31: all steps of the hash can be undone for them."""
    mask = 0xFFFFFFFF
    h = 0x80000000
    h ^= h >> 16
    h = h * pow(0xc2b2ae35, -1, 2**32) & mask
    h ^= h >> 13 ^ h >> 26
    h = h * pow(0x85ebca6b, -1, 2**32) & mask
    h ^= h >> 16
    h ^= 4
    h = (h - 0xe6546b64) * pow(5, -1, 2**32) & mask
    k = (h >> 13 | h << 19) & mask
    k = k * pow(0x1b873593, -1, 2**32) & mask
    k = (k >> 15 | k << 17) & mask
    text = (k * pow(0xcc9e2d51, -1, 2**32) & mask).to_bytes(4, "little")
    assert murmurhash3_32(text, 0) == -2**31
    return text


def feature_hasher():
    texts = [text.encode() for text in TEXTS if text] + [smallest_hash()]
    for features in (7, 1000, 2**20):
        hasher = FeatureHasher(features, input_type="string", alternate_sign=False)
        for text in texts:
            yield quoted(text), "%d" % features, "%d" % hasher.transform([[text]]).indices[0]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--spark-jar", required=True)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    arguments = parser.parse_args()
    versions = tf.__version__, deepctr.__version__, sklearn.__version__, version("mmh3")
    texts = [text_of(length) for length in range(LONGEST + 1)]
    of_length = [
        ("0x%016xu" % farm(text), *("0x%016xu" % half for half in mmh3.hash64(text, signed=False)),
         "%d" % murmurhash3_32(text, 0), hashed[0])
        for text, hashed in zip(texts, spark(arguments.spark_jar, "bytes", [text.hex() for text in texts]))]
    spark_texts = [
        (quoted(text.encode()), *hashed)
        for text, hashed in zip(TEXTS, spark(arguments.spark_jar, "bytes", [text.encode().hex() for text in TEXTS]))]
    spark_numbers = [
        (number(key), "KeyBytes::k" + form, *hashed)
        for kind, form, keys in (("int", "Binary32", INT32), ("long", "Binary64", INT64))
        for key, hashed in zip(keys, spark(arguments.spark_jar, kind, keys))]
    python_modulo = [(number(key), "%d" % buckets, "%d" % (key % buckets))
                     for buckets in (10, 999, 2**32 - 1) for key in INT64]
    arguments.out.write_text('''\
// Hashes and rows of keys as libraries computed them. Written by make_key_values.py with TensorFlow %s,
// DeepCTR %s, scikit-learn %s, mmh3 %s and Spark 3.5.1.
#pragma once

#include "common/key_rule.h"

namespace augur::key_values {

// clang-format off

// Of text_of(0), text_of(1), ...: TensorFlow's fingerprint of the method farmhash64, mmh3's hash64 (x64, 128 bits),
// scikit-learn's murmurhash3_32 with seed 0, and Spark's hashUnsafeBytes2 with seed 42.
struct OfLength {
  std::uint64_t farm, low, high;
  std::int32_t scikit, spark;
};

''' % versions + table("OfLength kOfLength", of_length) + '''
// DeepCTR's layer Hash(buckets) on a column of int32, int64 or float32; masked: with mask_zero.
struct HashLayerNumber {
  std::int64_t key;
  KeyBytes bytes;
  std::uint32_t buckets, row, masked_row;
};

''' + table("HashLayerNumber kHashLayerNumbers", hash_layer_of_integers()) + '''
// The same on a column of strings.
struct HashLayerText {
  const char* key;
  std::uint32_t buckets, row, masked_row;
};

''' + table("HashLayerText kHashLayerTexts", hash_layer_of_texts()) + '''
// Spark's HashingTF with 1000 features: the hash with seed 42, and the feature's index.
struct SparkText {
  const char* key;
  std::int32_t hash;
  std::uint32_t index;
};

struct SparkNumber {
  std::int64_t key;
  KeyBytes bytes;  // a term of type Integer or of type Long
  std::int32_t hash;
  std::uint32_t index;
};

''' + table("SparkText kSparkTexts", spark_texts) + "\n" + table("SparkNumber kSparkNumbers", spark_numbers) + '''
// scikit-learn's FeatureHasher(features, input_type="string", alternate_sign=False). The last key of each number of
// features has the hash -2^31.
struct FeatureHasherText {
  const char* key;
  std::uint32_t features, index;
};

''' + table("FeatureHasherText kFeatureHasherTexts", feature_hasher()) + '''
// Python's key % buckets.
struct PythonModulo {
  std::int64_t key;
  std::uint32_t buckets, row;
};

''' + table("PythonModulo kPythonModulo", python_modulo) + '''
// clang-format on

}  // namespace augur::key_values
''')


main()
