// What augur-inspect shows of a table's keys: vocabularies, hashes, and single keys looked up.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "augur_generated.h"
#include "common/vocabulary.h"
#include "description/node.h"

namespace augur::convert {

struct VocabularySummary {
  std::string key_type;  // "integer", "string"
  uint64_t size = 0;     // how many keys
  uint64_t bytes = 0;
  std::string hash;          // hexadecimal, as stated; empty: not stated
  bool hash_matches = true;  // whether the content has that hash
  std::string padding_key;   // the key of the padding row; empty: not stated
  std::string unknown_key;

  double bytes_a_key() const;
};

VocabularySummary summarise_vocabulary(const fb::VocabularyT& vocabulary);
// "1000000 string keys, 9.78 MB, 9.8 bytes a key, padding '[PAD]', hash 12ab..."
std::string vocabulary_text(const VocabularySummary& vocabulary);
Json vocabulary_json(const std::optional<VocabularySummary>& vocabulary);

// "row", "integer", "string"
std::string key_type_name(fb::KeyType type);

// "farm64 of the decimal text into 999 rows from 1, 0 is padding"; a string has bytes of its own.
std::string hash_text(const fb::HashT& hash, fb::KeyType keys);

// A key that --key asks for, "TABLE=KEY". Throws Error if there is no "=".
struct AskedKey {
  std::string table;
  std::string key;
};
std::vector<AskedKey> parse_keys(const std::vector<std::string>& arguments);

struct FoundKey {
  AskedKey asked;
  std::optional<uint32_t> row;  // nullopt: the vocabulary does not have the key
  std::string remark;           // "the padding row"; "not in the vocabulary"
};

// Where a table's keys are looked up.
struct KeyPlace {
  fb::KeyType key_type = fb::KeyType::Row;
  const fb::Vocabulary* vocabulary = nullptr;  // nullptr: keys are hashed
  const fb::EmbeddingTable* table = nullptr;   // nullptr: not known, in a sidecar file
  uint32_t rows = kNoRow;                      // of the table; kNoRow: not known
};

// Where the keys of the asked table are looked up: in the model, and in the sidecar files that are
// given for its tables. All must be sound, as the runtime checks them. Throws Error if there is no
// such table, or if the sidecar file with its vocabulary is not given.
using TableFiles = std::map<std::string, const fb::TableFile*>;  // by the table's name
KeyPlace find_place(const AskedKey& asked, const fb::Model& model, const TableFiles& files);
// The same for a sidecar file alone, named `name`.
KeyPlace find_place(const AskedKey& asked, const fb::TableFile& file, const std::string& name);

// Throws Error if the table has no keys, or `asked` is no key of its type.
FoundKey find_key(const AskedKey& asked, const KeyPlace& place);

// A row for each key; "" for none.
std::string found_keys_text(const std::vector<FoundKey>& keys);
Json found_keys_json(const std::vector<FoundKey>& keys);

// Throws Error, which names the first, if a key was not found.
void require_found(const std::vector<FoundKey>& keys);

}  // namespace augur::convert
