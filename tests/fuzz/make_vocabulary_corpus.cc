// Writes the corpus of the fuzzer of vocabularies, small sound ones: make_vocabulary_corpus FOLDER
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "converter/vocabulary/keys.h"
#include "error.h"
#include "vocabulary_input.h"

namespace augur::fuzz {
namespace {

using convert::VocabularyEntry;

void write(const std::filesystem::path& file, const std::vector<VocabularyEntry>& entries,
           unsigned fingerprint_bytes, bool removed, bool repaired) {
  const fb::VocabularyT vocabulary =
      convert::build_vocabulary(entries, fb::KeyType::Integer, fingerprint_bytes);
  VocabularyInput input = {};
  input.fingerprint_bytes = vocabulary.fingerprint_bytes;
  input.removed = removed ? 1 : 0;
  input.repaired = repaired ? 1 : 0;
  input.buckets = static_cast<std::uint8_t>(vocabulary.pilots.size());
  input.size = vocabulary.size;
  input.slot_count = vocabulary.slot_count;
  input.row_limit = vocabulary.size;
  input.seed = vocabulary.seed;
  input.checksum = vocabulary.checksum;
  std::ofstream out(file, std::ios::binary);
  const auto put = [&out](const void* bytes, std::size_t size) {
    out.write(static_cast<const char*>(bytes), static_cast<std::streamsize>(size));
  };
  put(&input, sizeof(input));
  put(vocabulary.pilots.data(), vocabulary.pilots.size() * 2);
  put(vocabulary.slots.data(), vocabulary.slots.size());
  if (!out.flush()) throw Error(file.string() + ": cannot be written");
}

void write_all(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder / "vocabulary");
  const auto keys = [](std::uint32_t size) {
    std::vector<VocabularyEntry> entries;
    for (std::uint32_t i = 0; i < size; ++i)
      entries.push_back(convert::testing::integer_entry(i, i));
    return entries;
  };
  write(folder / "vocabulary/empty", keys(0), 4, false, false);
  write(folder / "vocabulary/one", keys(1), 8, false, true);
  write(folder / "vocabulary/integers", keys(20), 4, false, false);
  write(folder / "vocabulary/narrow", keys(9), 2, false, true);
  std::vector<VocabularyEntry> changed = keys(5);
  changed[2].row = kRemovedRow;
  write(folder / "vocabulary/removed", changed, 5, true, true);
}

}  // namespace
}  // namespace augur::fuzz

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: make_vocabulary_corpus FOLDER\n");
    return 2;
  }
  try {
    augur::fuzz::write_all(argv[1]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "make_vocabulary_corpus: %s\n", error.what());
    return 1;
  }
  return 0;
}
