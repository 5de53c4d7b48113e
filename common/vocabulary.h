// A vocabulary: a map from keys to rows, which is read in the file. docs/file-format.md says how it
// is looked up, and converter/src/vocabulary/ builds it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "common/checksum.h"
#include "common/key_hash.h"
#include "common/sha256.h"

namespace augur {

inline constexpr std::uint32_t kNoRow = 0xFFFFFFFFu;       // no key
inline constexpr std::uint32_t kRemovedRow = 0xFFFFFFFEu;  // in a delta: a key that was removed

// The members of schema/augur.fbs's Vocabulary. The file owns what the pointers lead to; pilots are
// aligned to 2 bytes, slots need not be aligned. What a file states must pass check_vocabulary()
// before anything else is called. The default is a vocabulary without keys.
struct VocabularyView {
  const std::uint16_t* pilots = nullptr;  // [bucket_count]
  std::uint32_t bucket_count = 0;
  const unsigned char* slots = nullptr;  // [slot_count]: fingerprint_bytes, then 4 bytes of the row
  std::uint32_t slot_count = 0;
  std::uint32_t size = 0;
  std::uint64_t seed = 0;
  unsigned fingerprint_bytes = 4;

  std::size_t slot_bytes() const { return fingerprint_bytes + sizeof(std::uint32_t); }

  // The numbers that keys are spread by. The seed changes all of them.
  std::uint64_t spread(const Hash128& key) const { return splitmix64(key.low ^ seed); }
  std::uint32_t bucket_of(std::uint64_t spread) const { return scaled(spread, bucket_count); }
  std::uint32_t slot_of(std::uint64_t spread, std::uint16_t pilot) const {
    return scaled(splitmix64(spread ^ (pilot + std::uint64_t{1}) * 0x9E3779B97F4A7C15u),
                  slot_count);
  }

  // Its lowest fingerprint_bytes are in the slot. It is independent of bucket and slot.
  static std::uint64_t fingerprint_of(const Hash128& key) { return splitmix64(key.high); }

  std::uint32_t row_in(std::size_t slot) const {
    std::uint32_t row;
    std::memcpy(&row, slots + slot * slot_bytes() + fingerprint_bytes, sizeof(row));
    return row;
  }

  // The key's row, kNoRow or kRemovedRow. Another key than those of the vocabulary is taken for one
  // of them with a chance of at most 2^(-8 fingerprint_bytes).
  std::uint32_t find(const Hash128& key) const {
    if (size == 0) return kNoRow;
    const std::uint64_t x = spread(key);
    const std::uint32_t slot = slot_of(x, pilots[bucket_of(x)]);
    const bool same = begins_with(slots + slot * slot_bytes(), fingerprint_of(key));
    return same ? row_in(slot) : kNoRow;
  }

 private:
  // Whether the slot's fingerprint is that of the number: compares its first and its last 4 bytes,
  // which is quicker than a call of memcmp.
  bool begins_with(const unsigned char* slot, std::uint64_t number) const {
    if (fingerprint_bytes < 4) return std::memcmp(slot, &number, fingerprint_bytes) == 0;
    const unsigned rest = fingerprint_bytes - 4;
    std::uint32_t first;
    std::uint32_t last;
    std::memcpy(&first, slot, sizeof(first));
    std::memcpy(&last, slot + rest, sizeof(last));
    return first == static_cast<std::uint32_t>(number) &&
           last == static_cast<std::uint32_t>(number >> (8 * rest));
  }

  // The upper 64 bits of the product of 64 and 32 bits: for a random x, a random number below n.
  static std::uint32_t scaled(std::uint64_t x, std::uint32_t n) {
    const std::uint64_t low = (x & 0xFFFFFFFFu) * n;
    return static_cast<std::uint32_t>(((x >> 32) * n + (low >> 32)) >> 32);
  }
};

// Vocabulary.checksum: of the numbers, the pilots and the slots.
inline std::uint64_t vocabulary_checksum(const VocabularyView& vocabulary) {
  const std::uint32_t numbers[] = {vocabulary.fingerprint_bytes,
                                   vocabulary.size,
                                   vocabulary.slot_count,
                                   vocabulary.bucket_count,
                                   static_cast<std::uint32_t>(vocabulary.seed),
                                   static_cast<std::uint32_t>(vocabulary.seed >> 32)};
  std::uint64_t sum = checksum64(numbers, sizeof(numbers), 0);
  if (vocabulary.size == 0) return sum;
  sum = checksum64(vocabulary.pilots, vocabulary.bucket_count * sizeof(std::uint16_t), sum);
  return checksum64(vocabulary.slots, vocabulary.slot_count * vocabulary.slot_bytes(), sum);
}

// Vocabulary.hash. key_type: as in the schema.
inline Digest vocabulary_hash(const VocabularyView& vocabulary, std::uint8_t key_type) {
  const std::uint8_t bytes[] = {key_type, static_cast<std::uint8_t>(vocabulary.fingerprint_bytes)};
  const std::uint32_t counts[] = {vocabulary.size, vocabulary.slot_count, vocabulary.bucket_count};
  Sha256 hash;
  hash.add(bytes, sizeof(bytes));
  hash.add(&vocabulary.seed, sizeof(vocabulary.seed));
  hash.add(counts, sizeof(counts));
  hash.add(vocabulary.pilots, vocabulary.bucket_count * sizeof(std::uint16_t));
  hash.add(vocabulary.slots, vocabulary.slot_count * vocabulary.slot_bytes());
  return hash.digest();
}

// Whether the members fit each other and find() stays inside of them: nullptr, or what is wrong, a
// part of a sentence for a message. Reads nothing that the pointers lead to. slots_size: how many
// bytes the file has for the slots.
inline const char* check_vocabulary_shape(const VocabularyView& vocabulary,
                                          std::uint64_t slots_size) {
  if (vocabulary.fingerprint_bytes < 2 || vocabulary.fingerprint_bytes > 8)
    return "its fingerprints have not 2 to 8 bytes";
  if (slots_size != std::uint64_t{vocabulary.slot_count} * vocabulary.slot_bytes())
    return "its slots have another size than slot_count and fingerprint_bytes say";
  if (vocabulary.size > vocabulary.slot_count) return "it has more keys than slots";
  if (vocabulary.size > 0 && vocabulary.bucket_count == 0) return "it has keys but no pilots";
  return nullptr;
}

// All that must hold before a vocabulary of a file is used: nullptr, or what is wrong, as above.
// Every row must be below row_limit, or, where `removed` says so, kRemovedRow. Reads all of it.
inline const char* check_vocabulary(const VocabularyView& vocabulary, std::uint64_t slots_size,
                                    std::uint64_t checksum, std::uint32_t row_limit,
                                    bool removed = false) {
  const char* wrong = check_vocabulary_shape(vocabulary, slots_size);
  if (wrong != nullptr) return wrong;
  if (vocabulary_checksum(vocabulary) != checksum) return "its content has another checksum";
  std::uint32_t used = 0;
  for (std::size_t slot = 0; slot < vocabulary.slot_count; ++slot) {
    const std::uint32_t row = vocabulary.row_in(slot);
    if (row == kNoRow) continue;
    ++used;
    if (row >= row_limit && !(removed && row == kRemovedRow))
      return "it names a row that is too high";
  }
  if (used != vocabulary.size) return "it has another number of keys than it states";
  return nullptr;
}

}  // namespace augur
