// What is found out about a vocabulary before it is used, and its hashes.
#include <doctest/doctest.h>

#include "converter/vocabulary/keys.h"

namespace augur::convert::testing {
namespace {

fb::VocabularyT small(std::uint32_t size = 100) {
  return build_vocabulary(entries_of(fb::KeyType::Integer, size), fb::KeyType::Integer, 4);
}

// The checksum is made right again, so that the other checks are reached.
std::string fault_with_checksum(fb::VocabularyT vocabulary, std::uint32_t rows,
                                bool removed = false) {
  vocabulary.checksum = vocabulary_checksum(view_of(vocabulary));
  return fault_of(vocabulary, rows, removed);
}

void set_row(fb::VocabularyT& vocabulary, std::size_t slot, std::uint32_t row) {
  const VocabularyView view = view_of(vocabulary);
  std::memcpy(vocabulary.slots.data() + slot * view.slot_bytes() + view.fingerprint_bytes, &row,
              sizeof(row));
}

std::size_t first_slot(const fb::VocabularyT& vocabulary, bool used) {
  std::size_t slot = 0;
  while ((view_of(vocabulary).row_in(slot) != kNoRow) != used)
    ++slot;
  return slot;
}

TEST_CASE("members that do not fit each other") {
  const fb::VocabularyT sound = small();
  CHECK(fault_with_checksum(sound, 100) == "");
  for (const unsigned bytes : {0u, 1u, 9u, 255u}) {
    fb::VocabularyT vocabulary = sound;
    vocabulary.fingerprint_bytes = static_cast<std::uint8_t>(bytes);
    CHECK(fault_of(vocabulary, 100) == "its fingerprints have not 2 to 8 bytes");
  }
  for (const std::uint32_t slots : {0u, sound.slot_count - 1, sound.slot_count + 1, 0xFFFFFFFFu}) {
    fb::VocabularyT vocabulary = sound;
    vocabulary.slot_count = slots;
    CHECK(fault_of(vocabulary, 100) ==
          "its slots have another size than slot_count and fingerprint_bytes say");
  }
  fb::VocabularyT vocabulary = sound;
  vocabulary.slots.pop_back();
  CHECK(fault_of(vocabulary, 100) ==
        "its slots have another size than slot_count and fingerprint_bytes say");
  vocabulary = sound;
  vocabulary.size = sound.slot_count + 1;
  CHECK(fault_with_checksum(vocabulary, 100) == "it has more keys than slots");
  vocabulary = sound;
  vocabulary.pilots.clear();
  CHECK(fault_with_checksum(vocabulary, 100) == "it has keys but no pilots");
}

TEST_CASE("rows and the number of keys") {
  const fb::VocabularyT sound = small();
  CHECK(fault_of(sound, 99) == "it names a row that is too high");
  const std::size_t used = first_slot(sound, true);
  const std::size_t unused = first_slot(sound, false);

  fb::VocabularyT vocabulary = sound;
  set_row(vocabulary, used, kRemovedRow);
  CHECK(fault_with_checksum(vocabulary, 100) == "it names a row that is too high");
  CHECK(fault_with_checksum(vocabulary, 100, true) == "");
  set_row(vocabulary, used, kRemovedRow - 1);
  CHECK(fault_with_checksum(vocabulary, 100, true) == "it names a row that is too high");
  set_row(vocabulary, used, kNoRow);
  CHECK(fault_with_checksum(vocabulary, 100) == "it has another number of keys than it states");
  vocabulary = sound;
  set_row(vocabulary, unused, 5);
  CHECK(fault_with_checksum(vocabulary, 100) == "it has another number of keys than it states");
  vocabulary = sound;
  --vocabulary.size;
  CHECK(fault_with_checksum(vocabulary, 100) == "it has another number of keys than it states");
}

TEST_CASE("a removed key is found as such") {
  const fb::VocabularyT vocabulary = build_vocabulary(
      {integer_entry(5, kRemovedRow), integer_entry(6, 0)}, fb::KeyType::Integer, 4);
  CHECK(fault_of(vocabulary, 1, true) == "");
  CHECK(view_of(vocabulary).find(hash_integer(5)) == kRemovedRow);
  CHECK(view_of(vocabulary).find(hash_integer(6)) == 0);
}

TEST_CASE("every flipped bit is found") {
  for (const std::uint32_t size : {1u, 2u, 37u, 300u}) {
    fb::VocabularyT vocabulary = small(size);
    const auto flip_all = [&](auto& member) {
      for (std::size_t bit = 0; bit < 8 * sizeof(member); ++bit) {
        using Member = std::remove_reference_t<decltype(member)>;
        const auto mask = static_cast<Member>(Member{1} << bit);
        member = static_cast<Member>(member ^ mask);
        REQUIRE(fault_of(vocabulary, 1000) != "");
        member = static_cast<Member>(member ^ mask);
      }
    };
    flip_all(vocabulary.size);
    flip_all(vocabulary.slot_count);
    flip_all(vocabulary.fingerprint_bytes);
    flip_all(vocabulary.seed);
    flip_all(vocabulary.checksum);
    for (std::uint16_t& pilot : vocabulary.pilots)
      flip_all(pilot);
    for (std::uint8_t& byte : vocabulary.slots)
      flip_all(byte);
    CHECK(fault_of(vocabulary, size) == "");
    vocabulary.pilots.push_back(0);
    CHECK(fault_of(vocabulary, size) == "its content has another checksum");
  }
}

TEST_CASE("the hash is that of the bytes that docs/file-format.md names") {
  const fb::VocabularyT vocabulary = small(10);
  std::vector<std::uint8_t> bytes = {1, 4};  // Integer, fingerprint_bytes
  const auto add = [&bytes](std::uint64_t number, std::size_t width) {
    for (std::size_t i = 0; i < width; ++i)
      bytes.push_back(static_cast<std::uint8_t>(number >> (8 * i)));
  };
  add(vocabulary.seed, 8);
  add(10, 4);
  add(vocabulary.slot_count, 4);
  add(vocabulary.pilots.size(), 4);
  for (const std::uint16_t pilot : vocabulary.pilots)
    add(pilot, 2);
  bytes.insert(bytes.end(), vocabulary.slots.begin(), vocabulary.slots.end());
  const Digest digest = sha256(bytes.data(), bytes.size());
  CHECK(std::equal(digest.begin(), digest.end(), vocabulary.hash.begin(), vocabulary.hash.end()));
  CHECK(vocabulary_hash(view_of(vocabulary), 2) != digest);
}

TEST_CASE("the example of docs/file-format.md: the format does not change") {
  const fb::VocabularyT vocabulary = build_vocabulary(
      {string_entry("sku-1", 0), string_entry("sku-2", 1), string_entry("Zürich", 2)},
      fb::KeyType::String, 8);
  CHECK(vocabulary.slot_count == 4);
  CHECK(vocabulary.seed == 0xE220A8397B1DCDAFu);
  CHECK(vocabulary.pilots == std::vector<std::uint16_t>{1});
  CHECK(vocabulary.slots ==
        std::vector<std::uint8_t>{0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xFF, 0xFF,
                                  0xFF, 0xFF, 0xD0, 0x70, 0xD0, 0x25, 0x2B, 0x94, 0x0C, 0xBF,
                                  0x01, 0x00, 0x00, 0x00, 0x22, 0x60, 0xAE, 0x90, 0x6B, 0x50,
                                  0xD6, 0xA5, 0x00, 0x00, 0x00, 0x00, 0x92, 0x0D, 0xED, 0x3D,
                                  0x41, 0xD3, 0x8B, 0x28, 0x02, 0x00, 0x00, 0x00});
  CHECK(vocabulary.checksum == 0x72C884ADAD8F1326u);
  CHECK(vocabulary.hash[0] == 0xC6);
  CHECK(vocabulary.hash[31] == 0x21);
}

}  // namespace
}  // namespace augur::convert::testing
