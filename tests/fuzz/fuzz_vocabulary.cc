// Fuzzes vocabularies, and the hashes of keys: any vocabulary is refused, or every key has a row
// that it may have, or none.
#include <cstdio>
#include <cstdlib>

#include "common/key_rule.h"
#include "vocabulary_input.h"

namespace {

using namespace augur;

// Stops the fuzzer.
void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s\n", what);
  std::abort();
}

void look_up(const VocabularyView& view, const Hash128& key, std::uint32_t limit, bool removed) {
  const std::uint32_t row = view.find(key);
  require(row < limit || row == kNoRow || (removed && row == kRemovedRow), "a row is in its range");
}

void exercise(const fuzz::Vocabulary& vocabulary) {
  const VocabularyView view = vocabulary.view();
  const bool removed = vocabulary.input.removed % 2 != 0;
  const std::uint32_t limit = vocabulary.input.row_limit;
  const std::uint64_t bytes = vocabulary.slots.size();
  if (check_vocabulary_shape(view, bytes) != nullptr) {
    require(check_vocabulary(view, bytes, 0, limit, removed) != nullptr,
            "a shape is checked first");
    return;
  }
  std::uint64_t checksum = vocabulary.input.checksum;
  if (vocabulary.input.repaired % 2 != 0) checksum = vocabulary_checksum(view);
  if (check_vocabulary(view, bytes, checksum, limit, removed) != nullptr) return;
  require(vocabulary_hash(view, 1) != vocabulary_hash(view, 2), "the hash covers the key type");
  for (std::int64_t key = -100; key < 100; ++key)
    look_up(view, hash_integer(key), limit, removed);
  constexpr std::uint64_t kHighest = ~std::uint64_t{0};
  for (const Hash128 key : {Hash128{0, 0}, Hash128{kHighest, kHighest}, Hash128{view.seed, 0},
                            Hash128{~view.seed, kHighest}})
    look_up(view, key, limit, removed);
}

// The input as a key, by every rule.
void hash(const std::uint8_t* data, std::size_t size) {
  const std::vector<unsigned char> text(data, data + size);  // exactly as long as it is
  hash_string(text.data(), text.size());
  std::int64_t key = 0;
  std::memcpy(&key, text.data(), size < sizeof(key) ? size : sizeof(key));
  HashRule rule;
  rule.first_row = 7;
  rule.buckets = size > 8 ? text[8] + 1u : 0xFFFFFFF0u;
  for (const HashKind kind :
       {HashKind::kSplitMix64, HashKind::kFarm64, HashKind::kMurmur3, HashKind::kModulo}) {
    rule.kind = kind;
    for (std::uint8_t form = 0; form <= 4; ++form) {
      rule.bytes = static_cast<KeyBytes>(form);
      for (std::uint8_t modulo = 0; modulo <= 3; ++modulo) {
        rule.modulo = static_cast<HashModulo>(modulo);
        std::uint64_t hash = 0;
        std::uint32_t row = rule.first_row;
        if (hash_integer_key(rule, key, &hash)) row_of_hash(rule, hash, &row);
        require(row - rule.first_row < rule.buckets, "an integer's row is in its range");
        row = rule.first_row;
        if (hashes_bytes(rule))
          row_of_hash(rule, hash_string_key(rule, text.data(), text.size()), &row);
        require(row - rule.first_row < rule.buckets, "a string's row is in its range");
      }
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  exercise(fuzz::Vocabulary(data, size));
  if (size > 0) hash(data, size);
  return 0;
}
