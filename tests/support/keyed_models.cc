// Small models whose tables have vocabularies; see keyed_models.h.
#include "support/keyed_models.h"

#include "common/key_hash.h"
#include "reference/build.h"
#include "support/models.h"
#include "vocabulary/build.h"

namespace augur::tools_test {
namespace {

using convert::VocabularyEntry;

void set_vocabulary(fb::EmbeddingTableT& table, fb::KeyType type, unsigned fingerprint_bytes,
                    const std::vector<VocabularyEntry>& entries) {
  table.key_type = type;
  table.vocabulary = std::make_unique<fb::VocabularyT>(
      convert::build_vocabulary(entries, type, fingerprint_bytes));
}

}  // namespace

void add_vocabulary(fb::EmbeddingTableT& table, const std::vector<std::string>& keys,
                    const std::vector<uint32_t>& rows) {
  std::vector<VocabularyEntry> entries;
  for (size_t i = 0; i < keys.size(); ++i)
    entries.push_back({hash_string(keys[i].data(), keys[i].size()), rows[i], keys[i]});
  set_vocabulary(table, fb::KeyType::String, convert::kStringFingerprint, entries);
}

void add_vocabulary(fb::EmbeddingTableT& table, const std::vector<int64_t>& keys,
                    const std::vector<uint32_t>& rows) {
  std::vector<VocabularyEntry> entries;
  for (size_t i = 0; i < keys.size(); ++i)
    entries.push_back({hash_integer(keys[i]), rows[i], std::to_string(keys[i])});
  set_vocabulary(table, fb::KeyType::Integer, convert::kIntegerFingerprint, entries);
}

std::unique_ptr<fb::ModelT> keyed_dien(std::vector<uint32_t> rows) {
  if (rows.empty()) rows = {9, 8, 7, 6, 5, 4, 3, 2, 1};
  std::unique_ptr<fb::ModelT> model = small_dien();
  model->format = 4;
  for (const std::unique_ptr<fb::EmbeddingTableT>& table : model->tables) {
    if (table->name == "items") add_vocabulary(*table, kItemKeys, rows);
    if (table->name == "users") add_vocabulary(*table, kUserKeys, {4, 3, 2, 1});
  }
  return model;
}

std::unique_ptr<fb::ModelT> two_fields_one_column(fb::FieldKind kind, const std::string& table) {
  std::unique_ptr<fb::ModelT> model = keyed_dien();
  model->candidate.push_back(reference::make_field("again", kind, table));
  model->candidate.back()->column = "item";
  return model;
}

}  // namespace augur::tools_test
