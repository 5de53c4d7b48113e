// Fuzzes files of keys: any bytes are refused with a message, or are keys of which none stands
// twice, and whose vocabulary finds the row of each.
#include <cstdio>
#include <cstdlib>
#include <set>
#include <string_view>

#include "common/key_hash.h"
#include "error.h"
#include "vocabulary/build.h"
#include "vocabulary/key_file.h"

using namespace augur::convert;

namespace {

// Stops the fuzzer.
void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s\n", what);
  std::abort();
}

KeyFile parse(char form, std::string_view text) {
  switch (form) {
    case 'j':
      return parse_key_file(text, "keys.json", std::nullopt, KeyForm::kByName);
    case 'm':
      return parse_key_file(text, "keys.json", "m", KeyForm::kByName);
    case 'c':
      return parse_key_file(text, "keys.csv", std::nullopt, KeyForm::kRowCommaKey);
    default:
      return parse_key_file(text, "keys.txt", std::nullopt, KeyForm::kByName);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const KeyFile file = parse(text.front(), text.substr(1));
    std::set<std::string> seen;
    std::vector<VocabularyEntry> entries;
    for (const KeyEntry& entry : file.entries) {
      require(seen.insert(entry.key).second, "a key stands once");
      require(entry.row < 1u << 30 && entry.line > 0, "rows and lines are those of a table");
      if (const auto number = integer_key(entry.key))
        require(std::to_string(*number) == entry.key, "an integer has one text");
      entries.push_back(
          {augur::hash_string(entry.key.data(), entry.key.size()), entry.row, entry.key});
    }
    const augur::fb::VocabularyT vocabulary =
        build_vocabulary(entries, augur::fb::KeyType::String, kStringFingerprint);
    for (const VocabularyEntry& entry : entries)
      require(view_of(vocabulary).find(entry.hash) == entry.row, "a vocabulary has its keys");
  } catch (const augur::Error& error) {
    require(error.what()[0] != '\0', "a refusal has a message");
  }
  return 0;
}
