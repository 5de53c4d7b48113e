// What lookups promise: keys that a vocabulary does not have, and the file format.
#include <doctest/doctest.h>

#include <cmath>

#include "converter/vocabulary/keys.h"

namespace augur::convert::testing {
namespace {

std::uint32_t foreign_keys() {
  const char* asked = std::getenv("AUGUR_FOREIGN_KEYS");
  return asked != nullptr ? static_cast<std::uint32_t>(std::strtoul(asked, nullptr, 10))
                          : fewer_if_emulated(1000000);
}

// How many of the keys that key_of(0), key_of(1), ... gives are found.
template <typename KeyOf>
std::uint32_t hits(const fb::VocabularyT& vocabulary, std::uint32_t count, KeyOf key_of) {
  const VocabularyView view = view_of(vocabulary);
  std::uint32_t found = 0;
  for (std::uint32_t i = 0; i < count; ++i)
    if (view.find(key_of(i)) != kNoRow) ++found;
  return found;
}

// Foreign to entries_of(): larger; multiples of 2^32; random.
Hash128 larger_integer(std::uint32_t i) {
  return hash_integer(std::int64_t{1} << 40 | i);
}
Hash128 high_integer(std::uint32_t i) {
  return hash_integer((std::int64_t{i} + 1) << 32);
}
Hash128 random_integer(std::uint32_t i) {
  return hash_integer(static_cast<std::int64_t>(splitmix64(i)));
}
Hash128 foreign_string(std::uint32_t i) {
  char text[16] = "item-";
  std::size_t size = 5;
  for (; i > 0; i /= 10)
    text[size++] = static_cast<char>('0' + i % 10);
  return hash_string(text, size);
}

// AUGUR_FOREIGN_KEYS=100000000 takes half a minute.
TEST_CASE("of a million foreign keys, or as many as asked for, none is found") {
  const std::uint32_t count = foreign_keys();
  const std::uint32_t size = fewer_if_emulated(100000);
  const fb::VocabularyT integers = build_vocabulary(entries_of(fb::KeyType::Integer, size),
                                                    fb::KeyType::Integer, kIntegerFingerprint);
  CHECK(hits(integers, count, larger_integer) == 0);
  CHECK(hits(integers, count, random_integer) == 0);
  const fb::VocabularyT strings = build_vocabulary(entries_of(fb::KeyType::String, size),
                                                   fb::KeyType::String, kStringFingerprint);
  CHECK(hits(strings, count, foreign_string) == 0);
}

TEST_CASE("with 16-bit fingerprints, a foreign key is found with a chance of 2^-16") {
  const std::uint32_t count = fewer_if_emulated(4000000);
  const auto check = [count](fb::KeyType type, auto key_of) {
    const fb::VocabularyT vocabulary = build_vocabulary(entries_of(type, 10000), type, 2);
    // A slot without a key has a fingerprint, too, and no row.
    const double used = static_cast<double>(vocabulary.size) / vocabulary.slot_count;
    const double expected = count * used / 65536;
    const std::uint32_t found = hits(vocabulary, count, key_of);
    CAPTURE(expected);
    CHECK(std::abs(found - expected) < 5 * std::sqrt(expected));
  };
  check(fb::KeyType::Integer, larger_integer);
  check(fb::KeyType::Integer, high_integer);
  check(fb::KeyType::Integer, random_integer);
  check(fb::KeyType::String, foreign_string);
}

// docs/file-format.md, step by step.
std::uint32_t documented_lookup(const fb::VocabularyT& vocabulary, std::uint64_t low,
                                std::uint64_t high) {
  // The upper 64 bits of a · n, by adding n for each bit of a.
  const auto upper = [](std::uint64_t a, std::uint64_t n) {
    std::uint64_t sum = 0;
    for (int bit = 0; bit < 64; ++bit)
      sum = (sum + (a >> bit & 1) * n) >> 1;
    return static_cast<std::size_t>(sum);
  };
  const std::uint64_t x = splitmix64(low ^ vocabulary.seed);
  const std::uint64_t pilot = vocabulary.pilots[upper(x, vocabulary.pilots.size())];
  const std::uint64_t y = splitmix64(x ^ (pilot + 1) * 0x9E3779B97F4A7C15u);
  const std::size_t bytes = vocabulary.fingerprint_bytes;
  const std::uint8_t* slot =
      vocabulary.slots.data() + upper(y, vocabulary.slot_count) * (bytes + 4);
  const std::uint64_t fingerprint = splitmix64(high);
  for (std::size_t i = 0; i < bytes; ++i) {
    if (slot[i] != (fingerprint >> (8 * i) & 255)) return kNoRow;
  }
  std::uint32_t row = 0;
  for (std::size_t i = 0; i < 4; ++i)
    row |= std::uint32_t{slot[bytes + i]} << (8 * i);
  return row;
}

TEST_CASE("a lookup is what docs/file-format.md says") {
  for (unsigned fingerprint = 2; fingerprint <= 8; ++fingerprint) {
    const auto entries = entries_of(fb::KeyType::Integer, 1000);
    const fb::VocabularyT vocabulary = build_vocabulary(entries, fb::KeyType::Integer, fingerprint);
    for (const VocabularyEntry& entry : entries)
      REQUIRE(documented_lookup(vocabulary, entry.hash.low, entry.hash.high) == entry.row);
    for (std::uint32_t i = 0; i < 2000; ++i) {
      const Hash128 key = random_integer(i);
      REQUIRE(documented_lookup(vocabulary, key.low, key.high) == view_of(vocabulary).find(key));
    }
  }
}

TEST_CASE("every bit of a fingerprint counts") {
  for (unsigned fingerprint = 2; fingerprint <= 8; ++fingerprint) {
    fb::VocabularyT vocabulary =
        build_vocabulary({integer_entry(77, 5)}, fb::KeyType::Integer, fingerprint);
    const VocabularyView view = view_of(vocabulary);
    const std::size_t used = view.row_in(0) == kNoRow ? view.slot_bytes() : 0;
    for (std::size_t bit = 0; bit < std::size_t{8} * fingerprint; ++bit) {
      std::uint8_t& byte = vocabulary.slots[used + bit / 8];
      byte = static_cast<std::uint8_t>(byte ^ 1u << bit % 8);
      REQUIRE(view.find(hash_integer(77)) == kNoRow);
      byte = static_cast<std::uint8_t>(byte ^ 1u << bit % 8);
      REQUIRE(view.find(hash_integer(77)) == 5);
    }
  }
}

}  // namespace
}  // namespace augur::convert::testing
