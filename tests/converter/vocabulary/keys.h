// Entries for vocabularies of tests.
#pragma once

#include <cstdlib>
#include <string>
#include <vector>

#include "vocabulary/build.h"

namespace augur::convert::testing {

// A test under an emulator uses fewer keys.
inline std::uint32_t fewer_if_emulated(std::uint32_t count) {
  return std::getenv("AUGUR_EMULATED") != nullptr ? count / 20 : count;
}

inline VocabularyEntry integer_entry(std::int64_t key, std::uint32_t row) {
  return {hash_integer(key), row, std::to_string(key)};
}

inline VocabularyEntry string_entry(const std::string& key, std::uint32_t row) {
  return {hash_string(key.data(), key.size()), row, key};
}

// A shuffled catalogue: the rows are 0 ... size - 1, and none is that of its key's place, but for
// very small sizes.
inline std::vector<VocabularyEntry> entries_of(fb::KeyType type, std::uint32_t size) {
  std::vector<VocabularyEntry> entries;
  for (std::uint32_t i = 0; i < size; ++i) {
    const std::uint32_t row = size - 1 - i;
    entries.push_back(type == fb::KeyType::Integer
                          ? integer_entry(std::int64_t{i} * 1001 - 5000, row)
                          : string_entry("sku-" + std::to_string(i), row));
  }
  return entries;
}

inline unsigned usual_fingerprint(fb::KeyType type) {
  return type == fb::KeyType::Integer ? kIntegerFingerprint : kStringFingerprint;
}

// What is wrong with a vocabulary of this many rows; "" if nothing is.
inline std::string fault_of(const fb::VocabularyT& vocabulary, std::uint32_t rows,
                            bool removed = false) {
  const char* fault = check_vocabulary(view_of(vocabulary), vocabulary.slots.size(),
                                       vocabulary.checksum, rows, removed);
  return fault == nullptr ? "" : fault;
}

}  // namespace augur::convert::testing
