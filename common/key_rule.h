// From a key to a row by a hash: the rules of schema/augur.fbs's Hash. docs/file-format.md
// specifies them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "common/key_hash.h"

namespace augur {

// The three enums have the numbers that the schema's have.
enum class HashKind : std::uint8_t { kNone, kSplitMix64, kFarm64, kMurmur3, kModulo };
enum class HashModulo : std::uint8_t { kUnsigned, kFloored, kTruncated, kAbsolute };
enum class KeyBytes : std::uint8_t { kDecimal64, kDecimal32, kFloat32, kBinary32, kBinary64 };

struct HashRule {
  HashKind kind = HashKind::kNone;
  std::uint32_t seed = 0;
  std::uint32_t first_row = 0;
  std::uint32_t buckets = 0;
  HashModulo modulo = HashModulo::kUnsigned;
  KeyBytes bytes = KeyBytes::kDecimal64;
  bool zero_is_padding = false;
};

// Whether the hash reads a key's bytes. Strings can have no other hash.
inline bool hashes_bytes(const HashRule& rule) {
  return rule.kind == HashKind::kFarm64 || rule.kind == HashKind::kMurmur3;
}

// A string's hash, before it becomes a row. The rule's hash reads bytes.
inline std::uint64_t hash_string_key(const HashRule& rule, const void* bytes, std::size_t size) {
  return rule.kind == HashKind::kFarm64 ? farm_fingerprint64(bytes, size)
                                        : murmur3_32(bytes, size, rule.seed);
}

// The bytes of an integer that a hash reads.
class IntegerBytes {
 public:
  IntegerBytes(std::int64_t key, KeyBytes form) {
    if (form == KeyBytes::kBinary32 || form == KeyBytes::kBinary64) {
      size_ = form == KeyBytes::kBinary32 ? 4 : 8;
      std::memcpy(data_, &key, size_);  // little-endian, as every host
      return;
    }
    std::uint64_t magnitude =
        key < 0 ? 0 - static_cast<std::uint64_t>(key) : static_cast<std::uint64_t>(key);
    // Large integers are rounded. The rounded value is an integer too, of at most 2^63.
    if (form == KeyBytes::kFloat32)
      magnitude = static_cast<std::uint64_t>(static_cast<float>(magnitude));
    unsigned char digits[20];
    std::size_t count = 0;
    do {
      digits[count++] = static_cast<unsigned char>('0' + magnitude % 10);
      magnitude /= 10;
    } while (magnitude > 0);
    if (key < 0) data_[size_++] = '-';
    while (count > 0)
      data_[size_++] = digits[--count];
    if (form == KeyBytes::kFloat32) {
      std::memcpy(data_ + size_, ".000000", 7);
      size_ += 7;
    }
  }

  const void* data() const { return data_; }
  std::size_t size() const { return size_; }

 private:
  unsigned char data_[28];  // a sign, 20 digits, ".000000"
  std::size_t size_ = 0;
};

// An integer's hash, before it becomes a row; the integer itself for SplitMix64 and Modulo. False:
// the rule takes int32 alone, and the integer does not fit into one.
inline bool hash_integer_key(const HashRule& rule, std::int64_t key, std::uint64_t* hash) {
  *hash = static_cast<std::uint64_t>(key);
  if (!hashes_bytes(rule)) return true;
  const bool narrow = rule.bytes == KeyBytes::kDecimal32 || rule.bytes == KeyBytes::kBinary32;
  if (narrow && key != static_cast<std::int32_t>(key)) return false;
  const IntegerBytes bytes(key, rule.bytes);
  *hash = hash_string_key(rule, bytes.data(), bytes.size());
  return true;
}

// The row of a hash. A 32-bit hash must have its upper half 0. False: the remainder is negative,
// which the modulo Truncated makes an error. The rule's buckets are not 0.
inline bool row_of_hash(const HashRule& rule, std::uint64_t hash, std::uint32_t* row) {
  if (rule.kind == HashKind::kSplitMix64) hash = splitmix64(hash + rule.seed);
  const auto value = rule.kind == HashKind::kMurmur3
                         ? static_cast<std::int64_t>(static_cast<std::int32_t>(hash))
                         : static_cast<std::int64_t>(hash);
  const bool negative = rule.modulo != HashModulo::kUnsigned && value < 0;
  const std::uint64_t magnitude = negative ? 0 - static_cast<std::uint64_t>(value) : hash;
  auto remainder = static_cast<std::uint32_t>(magnitude % rule.buckets);
  if (negative && remainder > 0) {
    if (rule.modulo == HashModulo::kTruncated) return false;
    if (rule.modulo == HashModulo::kFloored) remainder = rule.buckets - remainder;
  }
  *row = rule.first_row + remainder;
  return true;
}

// With zero_is_padding, these keys are the padding id.
inline bool is_zero_key(std::int64_t key) {
  return key == 0;
}
inline bool is_zero_key(const void* bytes, std::size_t size) {
  return size == 1 && *static_cast<const unsigned char*>(bytes) == '0';
}

// The hash of such a key, for those of which only the hash is known.
inline std::uint64_t zero_hash(const HashRule& rule, bool strings) {
  if (strings) return hash_string_key(rule, "0", 1);
  std::uint64_t hash = 0;
  hash_integer_key(rule, 0, &hash);
  return hash;
}

}  // namespace augur
