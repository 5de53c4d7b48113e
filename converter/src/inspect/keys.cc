// Keys, as they are shown; see keys.h.
#include "inspect/keys.h"

#include <cstdio>

#include "common/key_hash.h"
#include "common/key_rule.h"
#include "error.h"
#include "inspect/show.h"
#include "quantise/model_parts.h"
#include "text/text.h"
#include "vocabulary/build.h"
#include "vocabulary/key_file.h"

namespace augur::convert {
namespace {

const char* modulo_text(fb::Modulo modulo) {
  switch (modulo) {
    case fb::Modulo::Unsigned:
      return "";
    case fb::Modulo::Floored:
      return ", sign as in Python";
    case fb::Modulo::Truncated:
      return ", sign as in C";
    case fb::Modulo::Absolute:
      return ", of the absolute value";
  }
  return ", unknown modulo";
}

const char* bytes_text(fb::KeyBytes bytes) {
  switch (bytes) {
    case fb::KeyBytes::Decimal64:
      return "the decimal text";
    case fb::KeyBytes::Decimal32:
      return "the decimal text of an int32";
    case fb::KeyBytes::Float32:
      return "the text of a float32";
    case fb::KeyBytes::Binary32:
      return "4 bytes";
    case fb::KeyBytes::Binary64:
      return "8 bytes";
  }
  return "unknown bytes";
}

HashRule rule_of(const fb::Hash& hash) {
  HashRule rule;
  rule.kind = static_cast<HashKind>(hash.kind());
  rule.seed = hash.seed();
  rule.first_row = hash.first_row();
  rule.buckets = hash.buckets();
  rule.modulo = static_cast<HashModulo>(hash.modulo());
  rule.bytes = static_cast<KeyBytes>(hash.bytes());
  rule.zero_is_padding = hash.zero_is_padding();
  return rule;
}

// A key as its table has it.
struct Key {
  bool is_string = false;
  const std::string& text;
  int64_t number = 0;

  Hash128 hash() const {
    return is_string ? hash_string(text.data(), text.size()) : hash_integer(number);
  }
};

// The row of a key that the table's rule hashes; nullopt: the rule refuses it.
std::optional<uint32_t> hashed_row(const Key& key, const fb::EmbeddingTable& table) {
  const HashRule rule = rule_of(*table.hash());
  const bool is_zero =
      key.is_string ? is_zero_key(key.text.data(), key.text.size()) : is_zero_key(key.number);
  if (rule.zero_is_padding && is_zero) return table.padding_row();
  uint64_t hash = 0;
  uint32_t row = 0;
  if (key.is_string) {
    hash = hashes_bytes(rule) ? hash_string_key(rule, key.text.data(), key.text.size())
                              : key.hash().low;
  } else if (!hash_integer_key(rule, key.number, &hash)) {
    return std::nullopt;
  }
  if (!row_of_hash(rule, hash, &row)) return std::nullopt;
  return row;
}

std::string row_remark(uint32_t row, const fb::EmbeddingTable* table) {
  if (table == nullptr) return "";
  if (table->out_of_table() == fb::OutOfTable::UnknownRow && row == table->unknown_row())
    return "the unknown row";
  return row == table->padding_row() ? "the padding row" : "";
}

bool is_hashed(const fb::EmbeddingTable* table) {
  return table != nullptr && table->out_of_table() == fb::OutOfTable::Hash &&
         table->hash() != nullptr && table->hash()->buckets() > 0;
}

}  // namespace

double VocabularySummary::bytes_a_key() const {
  return size == 0 ? 0 : static_cast<double>(bytes) / static_cast<double>(size);
}

VocabularySummary summarise_vocabulary(const fb::VocabularyT& vocabulary) {
  VocabularySummary summary;
  summary.key_type = key_type_name(vocabulary.key_type);
  summary.size = vocabulary.size;
  summary.bytes = stored_bytes(vocabulary);
  summary.hash = hex_text(vocabulary.hash.data(), vocabulary.hash.size());
  summary.padding_key = vocabulary.padding_key;
  summary.unknown_key = vocabulary.unknown_key;
  const VocabularyView view = view_of(vocabulary);
  if (summary.hash.empty() || check_vocabulary_shape(view, vocabulary.slots.size()) != nullptr)
    return summary;
  const Digest hash = vocabulary_hash(view, static_cast<uint8_t>(vocabulary.key_type));
  summary.hash_matches = summary.hash == hex_text(hash.data(), hash.size());
  return summary;
}

std::string vocabulary_text(const VocabularySummary& vocabulary) {
  char bytes_a_key[32];
  std::snprintf(bytes_a_key, sizeof bytes_a_key, "%.1f bytes a key", vocabulary.bytes_a_key());
  const auto named = [](const char* what, const std::string& key) {
    return key.empty() ? "" : std::string(", ") + what + " " + augur::quoted(key);
  };
  return count_text(vocabulary.size, vocabulary.key_type + " key") + ", " +
         augur::bytes_text(vocabulary.bytes) + ", " + bytes_a_key +
         named("padding", vocabulary.padding_key) + named("unknown", vocabulary.unknown_key) +
         ", hash " + (vocabulary.hash.empty() ? "none" : vocabulary.hash) +
         (vocabulary.hash_matches ? "" : " (not that of the keys!)");
}

Json vocabulary_json(const std::optional<VocabularySummary>& vocabulary) {
  if (!vocabulary) return nullptr;
  const auto stated = [](const std::string& key) { return key.empty() ? Json() : Json(key); };
  return {{"key_type", vocabulary->key_type},
          {"keys", vocabulary->size},
          {"bytes", vocabulary->bytes},
          {"bytes_a_key", vocabulary->bytes_a_key()},
          {"padding_key", stated(vocabulary->padding_key)},
          {"unknown_key", stated(vocabulary->unknown_key)},
          {"hash", vocabulary->hash},
          {"hash_matches", vocabulary->hash_matches}};
}

std::string key_type_name(fb::KeyType type) {
  switch (type) {
    case fb::KeyType::Row:
      return "row";
    case fb::KeyType::Integer:
      return "integer";
    case fb::KeyType::String:
      return "string";
  }
  return "unknown";
}

std::string hash_text(const fb::HashT& hash, fb::KeyType keys) {
  const std::string rows =
      " into " + std::to_string(hash.buckets) + " rows from " + std::to_string(hash.first_row);
  const std::string seed = ", seed " + std::to_string(hash.seed);
  const std::string zero = hash.zero_is_padding ? ", 0 is padding" : "";
  const std::string of =
      keys == fb::KeyType::String ? "" : std::string(" of ") + bytes_text(hash.bytes);
  switch (hash.kind) {
    case fb::HashKind::Farm64:
      return "farm64" + of + rows + zero;
    case fb::HashKind::Murmur3:
      return "murmur3" + of + rows + modulo_text(hash.modulo) + seed + zero;
    case fb::HashKind::Modulo:
      return "modulo" + rows + modulo_text(hash.modulo) + zero;
    case fb::HashKind::SplitMix64:
    case fb::HashKind::None:
      break;
  }
  return "hash" + rows + seed + zero;
}

std::vector<AskedKey> parse_keys(const std::vector<std::string>& arguments) {
  std::vector<AskedKey> keys;
  for (const std::string& argument : arguments) {
    const size_t equals = argument.find('=');
    if (equals == std::string::npos || equals == 0)
      throw Error("--key " + argument + ": expected TABLE=KEY");
    keys.push_back({argument.substr(0, equals), argument.substr(equals + 1)});
  }
  return keys;
}

KeyPlace find_place(const AskedKey& asked, const fb::Model& model, const TableFiles& files) {
  const std::string option = "--key " + asked.table + "=" + asked.key + ": ";
  std::vector<std::string> known;
  const auto find = [&](const std::string& name) {
    const fb::EmbeddingTable* found = nullptr;
    for (uint32_t i = 0; model.tables() != nullptr && i < model.tables()->size(); ++i) {
      const fb::EmbeddingTable* table = model.tables()->Get(i);
      known.push_back(table->name()->str());
      if (known.back() == name) found = table;
    }
    return found;
  };
  const fb::EmbeddingTable* table = find(asked.table);
  if (table == nullptr) {
    throw Error(option + "the model has no table " + augur::quoted(asked.table) +
                did_you_mean(asked.table, known) + "; it has " + join(known));
  }
  const bool shares = table->vocabulary_of() != nullptr && table->vocabulary_of()->size() > 0;
  const fb::EmbeddingTable* owner = shares ? find(table->vocabulary_of()->str()) : table;
  KeyPlace place = {table->key_type(), owner->vocabulary(), table, kNoRow};
  const auto own_file = files.find(asked.table);
  if (!table->external()) {
    place.rows = table->weights()->shape()->Get(0);
  } else if (own_file != files.end()) {
    place.rows = own_file->second->weights()->shape()->Get(0);
  }
  if (!owner->external() || place.key_type == fb::KeyType::Row) return place;
  const auto file = files.find(owner->name()->str());
  if (file == files.end()) {
    throw Error(option + "the keys of table " + augur::quoted(owner->name()->str()) +
                " are in its sidecar file; give it with --table");
  }
  place.vocabulary = file->second->vocabulary();
  return place;
}

KeyPlace find_place(const AskedKey& asked, const fb::TableFile& file, const std::string& name) {
  const std::string option = "--key " + asked.table + "=" + asked.key + ": ";
  if (file.name()->str() != asked.table) {
    throw Error(option + name + " is the sidecar file of table " +
                augur::quoted(file.name()->str()));
  }
  if (file.vocabulary() == nullptr)
    throw Error(option + name + " has no vocabulary; ask the model that it belongs to");
  return {file.vocabulary()->key_type(), file.vocabulary(), nullptr, kNoRow};
}

FoundKey find_key(const AskedKey& asked, const KeyPlace& place) {
  const std::string option = "--key " + asked.table + "=" + asked.key + ": ";
  const bool hashed = is_hashed(place.table);
  if (place.key_type == fb::KeyType::Row)
    throw Error(option + "the table has no keys; its ids are its rows");
  Key key{place.key_type == fb::KeyType::String, asked.key};
  if (!key.is_string) {
    const std::optional<int64_t> number = integer_key(asked.key);
    if (!number) throw Error(option + "the table's keys are 64-bit integers in decimal digits");
    key.number = *number;
  }
  FoundKey found{asked, std::nullopt, ""};
  if (place.vocabulary != nullptr) {
    const uint32_t row = view_of(*place.vocabulary).find(key.hash());
    // A row beyond those of a table that shares the vocabulary is unknown to it.
    const bool is_there = row != kNoRow && row != kRemovedRow && row < place.rows;
    if (is_there) found.row = row;
    found.remark = is_there ? row_remark(row, place.table) : "not in the vocabulary";
    if (is_there || !hashed) return found;
  } else if (!hashed) {
    throw Error(option + "the table has no vocabulary");
  }
  const std::optional<uint32_t> row = hashed_row(key, *place.table);
  const std::string hash =
      row ? "hashed to row " + std::to_string(*row) : std::string("refused by the table's hash");
  found.remark += (found.remark.empty() ? "" : ", ") + hash;
  if (place.vocabulary == nullptr) found.row = row;
  return found;
}

std::string found_keys_text(const std::vector<FoundKey>& keys) {
  if (keys.empty()) return "";
  TextTable table;
  for (const FoundKey& key : keys) {
    table.add({key.asked.table, augur::quoted(key.asked.key),
               key.row ? "row " + std::to_string(*key.row) : "no row", key.remark});
  }
  return "\nKeys\n" + table.text("  ");
}

Json found_keys_json(const std::vector<FoundKey>& keys) {
  Json list = Json::array();
  for (const FoundKey& key : keys) {
    list.push_back({{"table", key.asked.table},
                    {"key", key.asked.key},
                    {"row", key.row ? Json(*key.row) : Json()},
                    {"remark", key.remark}});
  }
  return list;
}

void require_found(const std::vector<FoundKey>& keys) {
  for (const FoundKey& key : keys) {
    if (key.row) continue;
    throw Error("--key " + key.asked.table + "=" + key.asked.key + ": " + key.remark);
  }
}

}  // namespace augur::convert
