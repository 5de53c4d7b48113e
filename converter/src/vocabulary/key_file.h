// The keys of a table's rows, as the app's catalogue calls them, read from a file of the user's.
// docs/description-ids.md describes the forms.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace augur::convert {

struct KeyEntry {
  std::string key;  // any bytes
  uint32_t row = 0;
  uint32_t line = 0;  // from 1
};

struct KeyFile {
  std::string name;               // "items.txt", "feature_vocab.json#item_id"; for messages
  std::vector<KeyEntry> entries;  // in the file's order, no key twice
  bool numbers = false;           // they are numbers in the file: JSON alone can tell

  // The entry of that key, or nullptr. Looks at all of them.
  const KeyEntry* find(std::string_view key) const;
  // "items.txt:12"
  std::string place(const KeyEntry& entry) const;
};

enum class KeyForm {
  kByName,       // as the file's name and first line tell
  kRowCommaKey,  // text: a row, a comma and a key in every line; what follows a second comma is
                 // left out, as in TensorFlow's TextFileInitializer
};

// Reads "items.txt", where the key in line i (from 0) is that of row i, or where every line is a
// key, a tab and a row; or "items.json", an object {key: row} or a list of keys in the order of
// their rows. "vocab.json#item" is the member "item" of a JSON file's object. Throws Error, which
// names the file and the line, if it cannot be read, is in none of these forms, or has a key twice.
KeyFile read_key_file(const std::string& path, KeyForm form = KeyForm::kByName);

// The file of such a path and, behind the last "#", the member. A file that has the whole name has
// no member.
std::pair<std::string, std::optional<std::string>> split_member(const std::string& path);

// The integer that a key is written as: decimal digits alone, without leading zeros, after at most
// one minus, and in 64 bits. nullopt for all others.
std::optional<int64_t> integer_key(std::string_view key);

}  // namespace augur::convert
