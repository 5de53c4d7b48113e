#include "common/key_rule.h"

#include <doctest/doctest.h>

#include <limits>
#include <string>

#include "data/key_values.h"

namespace augur {
namespace {

using namespace key_values;

constexpr std::int64_t kLowest = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kHighest = std::numeric_limits<std::int64_t>::max();

HashRule rule(HashKind kind, std::uint32_t buckets, HashModulo modulo = HashModulo::kUnsigned,
              KeyBytes bytes = KeyBytes::kDecimal64, std::uint32_t seed = 0) {
  HashRule result;
  result.kind = kind;
  result.seed = seed;
  result.buckets = buckets;
  result.modulo = modulo;
  result.bytes = bytes;
  return result;
}

// Rules that must give a row.
std::uint32_t row_of(const HashRule& rule, std::uint64_t hash) {
  std::uint32_t row = 0;
  REQUIRE(row_of_hash(rule, hash, &row));
  return row;
}

std::uint32_t row_of_integer(const HashRule& rule, std::int64_t key) {
  std::uint64_t hash = 0;
  REQUIRE(hash_integer_key(rule, key, &hash));
  return row_of(rule, hash);
}

std::uint32_t row_of_text(const HashRule& rule, const std::string& key) {
  return row_of(rule, hash_string_key(rule, key.data(), key.size()));
}

// DeepCTR's mask_zero: row 0 is padding, the others are 1 + hash mod (buckets - 1).
HashRule masked(HashRule rule) {
  rule.first_row = 1;
  --rule.buckets;
  rule.zero_is_padding = true;
  return rule;
}

TEST_CASE("DeepCTR's Hash layer on columns of int32, int64 and float32") {
  for (const HashLayerNumber& expected : kHashLayerNumbers) {
    CAPTURE(expected.key);
    CAPTURE(expected.buckets);
    const HashRule plain =
        rule(HashKind::kFarm64, expected.buckets, HashModulo::kUnsigned, expected.bytes);
    CHECK(row_of_integer(plain, expected.key) == expected.row);
    CHECK((expected.masked_row == 0) == is_zero_key(expected.key));
    if (expected.masked_row > 0)
      CHECK(row_of_integer(masked(plain), expected.key) == expected.masked_row);
  }
}

TEST_CASE("DeepCTR's Hash layer on columns of strings") {
  for (const HashLayerText& expected : kHashLayerTexts) {
    CAPTURE(expected.key);
    CAPTURE(expected.buckets);
    const std::string key = expected.key;
    const HashRule plain = rule(HashKind::kFarm64, expected.buckets);
    CHECK(row_of_text(plain, key) == expected.row);
    CHECK((expected.masked_row == 0) == is_zero_key(key.data(), key.size()));
    if (expected.masked_row > 0) CHECK(row_of_text(masked(plain), key) == expected.masked_row);
  }
}

TEST_CASE("Spark's HashingTF") {
  for (const SparkText& expected : kSparkTexts) {
    CAPTURE(expected.key);
    const HashRule terms = rule(HashKind::kMurmur3, 1000, HashModulo::kFloored, {}, 42);
    const std::string key = expected.key;
    CHECK(hash_string_key(terms, key.data(), key.size()) ==
          static_cast<std::uint32_t>(expected.hash));
    CHECK(row_of_text(terms, key) == expected.index);
  }
  for (const SparkNumber& expected : kSparkNumbers) {
    CAPTURE(expected.key);
    const HashRule terms = rule(HashKind::kMurmur3, 1000, HashModulo::kFloored, expected.bytes, 42);
    std::uint64_t hash = 0;
    CHECK(hash_integer_key(terms, expected.key, &hash));
    CHECK(hash == static_cast<std::uint32_t>(expected.hash));
    CHECK(row_of(terms, hash) == expected.index);
  }
}

TEST_CASE("scikit-learn's FeatureHasher without signs") {
  bool lowest = false;
  for (const FeatureHasherText& expected : kFeatureHasherTexts) {
    CAPTURE(expected.key);
    const HashRule terms = rule(HashKind::kMurmur3, expected.features, HashModulo::kAbsolute);
    CHECK(row_of_text(terms, expected.key) == expected.index);
    const std::string key = expected.key;
    lowest = lowest || hash_string_key(terms, key.data(), key.size()) == 0x80000000u;
  }
  CHECK(lowest);  // a hash whose absolute value no int32 has is among them
}

TEST_CASE("modulo: Python's, C's, of the absolute value, without sign") {
  for (const PythonModulo& expected : kPythonModulo) {
    CAPTURE(expected.key);
    CAPTURE(expected.buckets);
    const std::int64_t key = expected.key;
    const auto with = [&](HashModulo modulo) {
      return rule(HashKind::kModulo, expected.buckets, modulo);
    };
    CHECK(row_of_integer(with(HashModulo::kFloored), key) == expected.row);
    CHECK(row_of_integer(with(HashModulo::kUnsigned), key) ==
          static_cast<std::uint64_t>(key) % expected.buckets);
    const std::int64_t in_c = key % std::int64_t{expected.buckets};
    std::uint32_t row = 0;
    CHECK(row_of_hash(with(HashModulo::kTruncated), static_cast<std::uint64_t>(key), &row) ==
          (in_c >= 0));
    if (in_c >= 0) CHECK(row == in_c);
    CHECK(row_of_integer(with(HashModulo::kAbsolute), key) == (in_c < 0 ? -in_c : in_c));
  }
}

TEST_CASE("Murmur3's hash has a sign unless the modulo is Unsigned") {
  const std::uint64_t hash = 0xFFFFFFF6u;  // -10 as an int32
  CHECK(row_of(rule(HashKind::kMurmur3, 7, HashModulo::kUnsigned), hash) == 0xFFFFFFF6u % 7);
  CHECK(row_of(rule(HashKind::kMurmur3, 7, HashModulo::kFloored), hash) == 4);
  CHECK(row_of(rule(HashKind::kMurmur3, 7, HashModulo::kAbsolute), hash) == 3);
  CHECK(row_of(rule(HashKind::kMurmur3, 5, HashModulo::kTruncated), hash) == 0);
  std::uint32_t row = 0;
  CHECK_FALSE(row_of_hash(rule(HashKind::kMurmur3, 7, HashModulo::kTruncated), hash, &row));
}

TEST_CASE("splitmix64: the rows of docs/file-format.md") {
  HashRule hash = rule(HashKind::kSplitMix64, 999);
  hash.first_row = 1;
  CHECK(row_of_integer(hash, 0) == 737);
  CHECK(row_of_integer(hash, 1000) == 743);
  CHECK(row_of_integer(hash, -1) == 459);
  hash.seed = 7;
  CHECK(row_of_integer(hash, 5000000000) == 811);
}

TEST_CASE("a rule that reads an int32 refuses integers that do not fit into one") {
  for (const KeyBytes bytes : {KeyBytes::kDecimal32, KeyBytes::kBinary32}) {
    for (const HashKind kind : {HashKind::kFarm64, HashKind::kMurmur3}) {
      const HashRule narrow = rule(kind, 10, HashModulo::kUnsigned, bytes);
      std::uint64_t hash = 0;
      for (const std::int64_t fits : {0x7FFFFFFFLL, 0LL, -0x80000000LL})
        CHECK(hash_integer_key(narrow, fits, &hash));
      for (const std::int64_t key :
           {0x80000000LL, -0x80000001LL, 0x100000000LL, static_cast<long long>(kLowest),
            static_cast<long long>(kHighest)})
        CHECK_FALSE(hash_integer_key(narrow, key, &hash));
    }
  }
  std::uint64_t hash = 0;
  CHECK(hash_integer_key(rule(HashKind::kModulo, 10, {}, KeyBytes::kDecimal32), kHighest, &hash));
}

std::string bytes_of(std::int64_t key, KeyBytes form) {
  const IntegerBytes bytes(key, form);
  return {static_cast<const char*>(bytes.data()), bytes.size()};
}

TEST_CASE("the bytes of integers") {
  CHECK(bytes_of(0, KeyBytes::kDecimal64) == "0");
  CHECK(bytes_of(-10, KeyBytes::kDecimal32) == "-10");
  CHECK(bytes_of(kHighest, KeyBytes::kDecimal64) == "9223372036854775807");
  CHECK(bytes_of(kLowest, KeyBytes::kDecimal64) == "-9223372036854775808");
  CHECK(bytes_of(0, KeyBytes::kFloat32) == "0.000000");
  CHECK(bytes_of(-1, KeyBytes::kFloat32) == "-1.000000");
  CHECK(bytes_of(16777217, KeyBytes::kFloat32) == "16777216.000000");
  CHECK(bytes_of(kHighest, KeyBytes::kFloat32) == "9223372036854775808.000000");
  CHECK(bytes_of(kLowest, KeyBytes::kFloat32) == "-9223372036854775808.000000");
  CHECK(bytes_of(-2, KeyBytes::kBinary32) == "\xFE\xFF\xFF\xFF");
  CHECK(bytes_of(0x0102030405060708, KeyBytes::kBinary64) == "\x08\x07\x06\x05\x04\x03\x02\x01");
}

TEST_CASE("zero: the integer, the string \"0\", and their hashes") {
  CHECK(is_zero_key("0", 1));
  for (const std::string text : {"", "00", "-0", "0.0", "1"})
    CHECK_FALSE(is_zero_key(text.data(), text.size()));
  CHECK_FALSE(is_zero_key(1));
  const HashRule decimal = rule(HashKind::kFarm64, 10);
  CHECK(zero_hash(decimal, true) == farm_fingerprint64("0", 1));
  CHECK(zero_hash(decimal, false) == farm_fingerprint64("0", 1));
  CHECK(zero_hash(rule(HashKind::kFarm64, 10, {}, KeyBytes::kFloat32), false) ==
        farm_fingerprint64("0.000000", 8));
  CHECK(zero_hash(rule(HashKind::kMurmur3, 10, {}, KeyBytes::kBinary32, 42), false) ==
        murmur3_32("\0\0\0\0", 4, 42));
  CHECK(zero_hash(rule(HashKind::kModulo, 10), false) == 0);
}

}  // namespace
}  // namespace augur
