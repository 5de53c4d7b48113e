// Loads what turns keys into rows: types of keys, hash rules and vocabularies.
#include <cstring>

#include "loader/layers.h"
#include "loader/limits.h"

namespace augur {

augur_status load_key_type(Reader& reader, fb::KeyType file, augur_key_type* key_type) {
  switch (file) {
    case fb::KeyType::Row:
      *key_type = AUGUR_KEY_ROW;
      return AUGUR_OK;
    case fb::KeyType::Integer:
      AUGUR_TRY(reader.need(build::kKeys, build::kExtras, "keys"));
      *key_type = AUGUR_KEY_INTEGER;
      return AUGUR_OK;
    case fb::KeyType::String:
      AUGUR_TRY(reader.need(build::kKeys, build::kExtras, "keys"));
      *key_type = AUGUR_KEY_STRING;
      return AUGUR_OK;
  }
  return reader.bad("unknown type of keys %u", static_cast<unsigned>(file));
}

augur_status load_hash_rule(Reader& reader, const fb::Hash* file, augur_key_type key_type,
                            HashRule* rule) {
  AUGUR_TRY(reader.need(build::kKeys, build::kExtras, "keys"));
  if (file == nullptr || file->kind() == fb::HashKind::None)
    return reader.bad("its hash is not specified");
  if (file->kind() > fb::HashKind::MAX || file->modulo() > fb::Modulo::MAX ||
      file->bytes() > fb::KeyBytes::MAX) {
    return reader.bad("its hash is unknown: kind %u, modulo %u, bytes %u",
                      static_cast<unsigned>(file->kind()), static_cast<unsigned>(file->modulo()),
                      static_cast<unsigned>(file->bytes()));
  }
  if (key_type == AUGUR_KEY_STRING && file->kind() == fb::HashKind::Modulo)
    return reader.bad("its hash is a modulo of integers, but its keys are strings");
  if (key_type == AUGUR_KEY_ROW && file->kind() != fb::HashKind::SplitMix64)
    return reader.bad("its hash is for keys, but its ids are rows");
  if (key_type == AUGUR_KEY_STRING && file->kind() == fb::HashKind::SplitMix64 &&
      file->zero_is_padding()) {
    return reader.bad("its hash is SplitMix64, for which no string is zero");
  }
  rule->kind = static_cast<HashKind>(file->kind());
  rule->seed = file->seed();
  rule->first_row = file->first_row();
  rule->buckets = file->buckets();
  rule->modulo = static_cast<HashModulo>(file->modulo());
  rule->bytes = static_cast<KeyBytes>(file->bytes());
  rule->zero_is_padding = file->zero_is_padding();
  return AUGUR_OK;
}

augur_status load_vocabulary(Reader& reader, const fb::Vocabulary* file, augur_key_type key_type,
                             std::uint32_t rows, bool may_remove, VocabularyView* vocabulary,
                             const std::uint8_t** hash) {
  AUGUR_TRY(reader.need(build::kKeys, build::kExtras, "keys"));
  const Reader::Part part(reader, "vocabulary");
  augur_key_type found = AUGUR_KEY_ROW;
  AUGUR_TRY(load_key_type(reader, file->key_type(), &found));
  if (found != key_type) {
    return reader.bad("its keys are %s, the table's are %s",
                      found == AUGUR_KEY_STRING ? "strings" : "integers",
                      key_type == AUGUR_KEY_STRING ? "strings" : "integers");
  }
  VocabularyView view;
  view.pilots = file->pilots()->data();
  view.bucket_count = file->pilots()->size();
  view.slots = file->slots()->data();
  view.slot_count = file->slot_count();
  view.size = file->size();
  view.seed = file->seed();
  view.fingerprint_bytes = file->fingerprint_bytes();
  const char* damage =
      check_vocabulary(view, file->slots()->size(), file->checksum(), rows, may_remove);
  if (damage != nullptr) return reader.bad("%s: the file is damaged", damage);
  if (file->hash() != nullptr && file->hash()->size() != sizeof(Digest))
    return reader.bad("its hash has %u bytes, expected %zu", file->hash()->size(), sizeof(Digest));
  if (reader.verifying() && file->hash() != nullptr) {
    const Digest content = vocabulary_hash(view, static_cast<std::uint8_t>(file->key_type()));
    if (std::memcmp(content.data(), file->hash()->data(), content.size()) != 0)
      return reader.bad("its content has another hash than it states");
  }
  *vocabulary = view;
  *hash = file->hash() == nullptr ? nullptr : file->hash()->data();
  return AUGUR_OK;
}

augur_status load_keys(Reader& reader, const fb::Vocabulary* file, std::uint32_t rows,
                       EmbeddingTable* table) {
  if (file == nullptr) return AUGUR_OK;
  if (table->key_type == AUGUR_KEY_ROW)
    return reader.bad("it has a vocabulary, but its ids are rows");
  if (table->keys != nullptr && table->keys != table)
    return reader.bad("it has a vocabulary, and shares that of '%s'", table->keys->name);
  if (table->key_type == AUGUR_KEY_STRING && hashes_bytes(table->hash))
    return reader.bad("it has a vocabulary, but its rule hashes the bytes of all strings");
  AUGUR_TRY(load_vocabulary(reader, file, table->key_type, rows, false, &table->vocabulary,
                            &table->vocabulary_hash));
  table->keys = table;
  return AUGUR_OK;
}

namespace {

// The table of that name, which has a vocabulary of its own.
augur_status find_owner(Reader& reader, const fb::Model* file, const Span<EmbeddingTable>& tables,
                        const char* name, const EmbeddingTable** owner) {
  for (std::uint32_t i = 0; i < tables.size(); ++i) {
    const fb::EmbeddingTable* candidate = file->tables()->Get(i);
    // An external table's vocabulary comes with its rows.
    const bool has_one = candidate->vocabulary() != nullptr || candidate->external();
    if (!has_one || candidate->vocabulary_of() != nullptr) continue;
    if (std::strcmp(tables[i].name, name) != 0) continue;
    *owner = &tables[i];
    return AUGUR_OK;
  }
  return reader.bad("shares the vocabulary of '%s', which has none of its own", name);
}

}  // namespace

augur_status link_vocabularies(Reader& reader, const fb::Model* file,
                               const Span<EmbeddingTable>& tables) {
  for (std::uint32_t i = 0; i < tables.size(); ++i) {
    EmbeddingTable& table = tables[i];
    const fb::EmbeddingTable* from = file->tables()->Get(i);
    const Reader::Part part(reader, "table '%s'", table.name);
    if (from->vocabulary_of() != nullptr) {
      const EmbeddingTable* owner = nullptr;
      AUGUR_TRY(find_owner(reader, file, tables, from->vocabulary_of()->c_str(), &owner));
      if (table.keys != nullptr || owner->key_type != table.key_type) {
        return reader.bad(
            "cannot share the vocabulary of table '%s': it has one of its own, or keys "
            "of another type",
            owner->name);
      }
      if (table.key_type == AUGUR_KEY_STRING && hashes_bytes(table.hash))
        return reader.bad("shares a vocabulary, but its rule hashes the bytes of all strings");
      table.keys = owner;
    }
    // An external table's vocabulary comes with its rows, unless its rule hashes all keys.
    const bool hashed = table.out_of_table == AUGUR_TABLE_HASH;
    if (table.key_type == AUGUR_KEY_ROW || table.keys != nullptr || hashed) continue;
    if (table.external) table.keys = &table;
    if (table.keys == nullptr) return reader.bad("has keys, but neither a vocabulary nor a hash");
  }
  return AUGUR_OK;
}

}  // namespace augur
