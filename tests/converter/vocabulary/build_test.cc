#include "vocabulary/build.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "converter/vocabulary/keys.h"
#include "error.h"

namespace augur::convert::testing {
namespace {

constexpr fb::KeyType kTypes[] = {fb::KeyType::Integer, fb::KeyType::String};

void check_every_key(const fb::VocabularyT& vocabulary,
                     const std::vector<VocabularyEntry>& entries) {
  const VocabularyView view = view_of(vocabulary);
  CHECK(std::all_of(entries.begin(), entries.end(), [&view](const VocabularyEntry& entry) {
    return view.find(entry.hash) == entry.row;
  }));
}

double bytes_a_key(const fb::VocabularyT& vocabulary) {
  return static_cast<double>(vocabulary.slots.size() + 2 * vocabulary.pilots.size()) /
         vocabulary.size;
}

TEST_CASE("every key is found with its row, for every size and fingerprint") {
  std::vector<std::uint32_t> sizes = {50, 63, 64, 65, 127, 500, 1000, 4097};
  for (std::uint32_t size = 0; size <= 40; ++size)
    sizes.push_back(size);
  for (const fb::KeyType type : kTypes) {
    for (const std::uint32_t size : sizes) {
      CAPTURE(size);
      const std::vector<VocabularyEntry> entries = entries_of(type, size);
      for (unsigned fingerprint = 2; fingerprint <= 8; ++fingerprint) {
        const fb::VocabularyT vocabulary = build_vocabulary(entries, type, fingerprint);
        CHECK(vocabulary.size == size);
        CHECK(vocabulary.key_type == type);
        CHECK(vocabulary.fingerprint_bytes == fingerprint);
        CHECK(vocabulary.hash.size() == 32);
        check_every_key(vocabulary, entries);
        CHECK(fault_of(vocabulary, size) == "");
      }
    }
  }
}

TEST_CASE("a key takes at most 10 bytes, a string at most 14") {
  for (const std::uint32_t size : {1000u, fewer_if_emulated(1000000)}) {
    for (const fb::KeyType type : kTypes) {
      const std::vector<VocabularyEntry> entries = entries_of(type, size);
      const fb::VocabularyT vocabulary = build_vocabulary(entries, type, usual_fingerprint(type));
      check_every_key(vocabulary, entries);
      CHECK(bytes_a_key(vocabulary) <= (type == fb::KeyType::Integer ? 10 : 14));
      CHECK(fault_of(vocabulary, size) == "");
    }
  }
}

bool same(const fb::VocabularyT& a, const fb::VocabularyT& b) {
  return a.seed == b.seed && a.slot_count == b.slot_count && a.pilots == b.pilots &&
         a.slots == b.slots && a.checksum == b.checksum && a.hash == b.hash;
}

TEST_CASE("the order of the keys does not change a byte") {
  for (const fb::KeyType type : kTypes) {
    std::vector<VocabularyEntry> entries = entries_of(type, 3000);
    const fb::VocabularyT vocabulary = build_vocabulary(entries, type, 4);
    std::reverse(entries.begin(), entries.end());
    CHECK(same(build_vocabulary(entries, type, 4), vocabulary));
    std::rotate(entries.begin(), entries.begin() + 1234, entries.end());
    CHECK(same(build_vocabulary(entries, type, 4), vocabulary));
  }
}

TEST_CASE("a vocabulary without keys finds nothing") {
  const fb::VocabularyT vocabulary = build_vocabulary({}, fb::KeyType::String, 8);
  CHECK(view_of(vocabulary).find(hash_string("", 0)) == kNoRow);
  CHECK(VocabularyView{}.find(hash_integer(0)) == kNoRow);
  CHECK(fault_of(vocabulary, 0) == "");
}

std::string message_of(const std::vector<VocabularyEntry>& entries) {
  try {
    build_vocabulary(entries, fb::KeyType::String, 8);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST_CASE("a key that is there twice is refused with both rows") {
  CHECK(message_of({string_entry("a", 0), string_entry("b", 1), string_entry("a", 2)}) ==
        "the key 'a' is there twice, with the rows 0 and 2; give every key once");
  std::vector<VocabularyEntry> many = entries_of(fb::KeyType::String, 10000);
  many.push_back(string_entry("sku-77", 10000));
  CHECK(message_of(many) ==
        "the key 'sku-77' is there twice, with the rows 9922 and 10000; give every key once");
}

TEST_CASE(
    "two keys of one hash are refused with both names, also where only its lower half is the "
    "same") {
  VocabularyEntry other = string_entry("other\n", 1);
  other.hash = string_entry("one", 0).hash;
  CHECK(message_of({string_entry("one", 0), other}) ==
        "the keys 'one' and 'other\\x0a' have the same hash; give one of them another name");
  ++other.hash.high;
  CHECK(message_of({string_entry("one", 0), other}) ==
        "the keys 'one' and 'other\\x0a' have the same hash; give one of them another name");
}

TEST_CASE("keys of one fingerprint are told apart by their slots") {
  // Only the lower half of the hash differs.
  std::vector<VocabularyEntry> entries;
  for (std::uint32_t i = 0; i < 1000; ++i)
    entries.push_back({{i, 7}, i, std::to_string(i)});
  check_every_key(build_vocabulary(entries, fb::KeyType::String, 2), entries);
}

}  // namespace
}  // namespace augur::convert::testing
