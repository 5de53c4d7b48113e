// Builds a vocabulary from keys and their rows.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "augur_generated.h"
#include "common/vocabulary.h"

namespace augur::convert {

struct VocabularyEntry {
  Hash128 hash;       // of the key: hash_string() or hash_integer()
  std::uint32_t row;  // or kRemovedRow, in a delta
  std::string name;   // the key as text, for messages
};

// Bytes of a fingerprint: a key that is not in the vocabulary is taken for one of its keys with a
// chance of at most 2^-32 or 2^-40. Shorter ones make lookups faster, because more of the
// vocabulary stays in the caches.
inline constexpr unsigned kIntegerFingerprint = 4;
inline constexpr unsigned kStringFingerprint = 5;

// The vocabulary of these keys, without padding_key and unknown_key. The same keys and rows give
// the same bytes, in whatever order they come. A million keys take about a second.
// fingerprint_bytes is 2 to 8. Throws Error if two keys have one hash.
fb::VocabularyT build_vocabulary(const std::vector<VocabularyEntry>& entries, fb::KeyType key_type,
                                 unsigned fingerprint_bytes);

// A view for reading; `vocabulary` must outlive it.
VocabularyView view_of(const fb::VocabularyT& vocabulary);
VocabularyView view_of(const fb::Vocabulary& vocabulary);

}  // namespace augur::convert
