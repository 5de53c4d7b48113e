// A model with keys.
#include "golden/keyed_model.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/key_hash.h"
#include "reference/embedding.h"
#include "reference/random_model.h"
#include "vocabulary/build.h"

namespace augur::golden {
namespace {

constexpr const char* kItems = "s0_f0";
constexpr const char* kBrand = "brand";

reference::ModelSpec spec() {
  using Kind = fb::FieldKind;
  reference::ModelSpec spec;
  spec.seed = 20261128;
  spec.features = {{Kind::Id, 2, fb::OutOfTable::PaddingId},
                   {Kind::Ids, 2, fb::OutOfTable::UnknownRow, fb::Pooling::Mean, false, true}};
  spec.candidate = {{Kind::Id, 2, fb::OutOfTable::Hash}, {Kind::Id, 2, fb::OutOfTable::Hash}};
  reference::StackSpec dien;
  dien.fields = {{Kind::Id, 3, fb::OutOfTable::UnknownRow}, {Kind::Number, 1}};
  dien.mask = fb::MaskRule::NotPadding;
  dien.extractor = {4};
  dien.hidden = 4;
  spec.stacks = {dien};
  spec.head = {5};
  return spec;
}

fb::EmbeddingTableT& table_of(fb::ModelT& model, const std::string& name) {
  return **std::find_if(model.tables.begin(), model.tables.end(),
                        [&](const auto& table) { return table->name == name; });
}

std::uint32_t rows_of(const fb::EmbeddingTableT& table) {
  return table.weights->shape.at(0);
}

// The keys of the rows; "": the key is not stored.
std::vector<std::string> keys_of(const fb::EmbeddingTableT& table) {
  std::vector<std::string> keys;
  for (std::uint32_t row = 0; row < rows_of(table); ++row) {
    if (table.key_type == fb::KeyType::Integer) {
      const std::int64_t key = 9000000000 + 7 * std::int64_t{row};
      keys.push_back(row == table.padding_row ? "" : std::to_string(row % 3 == 0 ? -key : key));
    } else if (row == table.padding_row) {
      keys.emplace_back("[PAD]");
    } else if (row == table.unknown_row) {
      keys.emplace_back("[UNK]");
    } else {
      keys.push_back((row % 4 == 0 ? "søkk " : "sku-") + std::to_string(row));
    }
  }
  return keys;
}

void give_vocabulary(fb::EmbeddingTableT& table, reference::Vocabularies& vocabularies) {
  const bool strings = table.key_type == fb::KeyType::String;
  const std::vector<std::string> keys = keys_of(table);
  std::vector<convert::VocabularyEntry> entries;
  for (std::uint32_t row = 0; row < keys.size(); ++row) {
    const std::string& key = keys[row];
    if (key.empty()) continue;
    entries.push_back(
        {strings ? hash_string(key.data(), key.size()) : hash_integer(std::stoll(key)), row, key});
    vocabularies[table.name][key] = row;
  }
  table.vocabulary = std::make_unique<fb::VocabularyT>(convert::build_vocabulary(
      entries, table.key_type,
      strings ? convert::kStringFingerprint : convert::kIntegerFingerprint));
  table.vocabulary->padding_key = strings ? "[PAD]" : "none";
  if (strings) table.vocabulary->unknown_key = "[UNK]";
}

std::unique_ptr<fb::HashT> farm64(std::uint32_t first_row, std::uint32_t buckets, bool zero) {
  auto hash = std::make_unique<fb::HashT>();
  hash->kind = fb::HashKind::Farm64;
  hash->first_row = first_row;
  hash->buckets = buckets;
  hash->zero_is_padding = zero;
  return hash;
}

// A row of the model without keys as a key of the column that the field reads.
void give_key(const fb::EmbeddingTableT& table, reference::Cell& cell) {
  if (table.key_type == fb::KeyType::Row) return;
  const std::vector<std::string> keys = keys_of(table);
  for (std::int64_t& id : cell.ids) {
    const bool known = id >= 0 && id < static_cast<std::int64_t>(keys.size());
    const std::string name = known ? keys[static_cast<std::size_t>(id)] : "";
    if (table.out_of_table == fb::OutOfTable::Hash) {
      cell.strings.push_back(id % 17 == 0 ? "0" : "brand " + std::to_string(id));
    } else if (table.key_type == fb::KeyType::String) {
      cell.strings.push_back(known ? name : "new-" + std::to_string(id));
    } else if (!name.empty()) {
      id = std::stoll(name);
    }
  }
  if (table.key_type == fb::KeyType::String) cell.ids.clear();
}

void give_keys(fb::ModelT& model, const reference::Fields& fields, reference::Rows& rows) {
  std::map<std::string, std::vector<reference::Cell>> columns;
  for (const auto& field : fields) {
    std::vector<reference::Cell> cells = rows.columns.at(field->name);
    for (reference::Cell& cell : cells) {
      if (!field->table.empty()) give_key(table_of(model, field->table), cell);
    }
    columns.emplace(reference::column_of(*field), std::move(cells));
  }
  rows.columns = std::move(columns);
}

}  // namespace

KeyedModel keyed_model() {
  KeyedModel keyed;
  keyed.model = reference::random_model(spec());
  fb::ModelT& model = *keyed.model;
  for (const auto& table : model.tables) {
    table->key_type = fb::KeyType::String;
    if (table->out_of_table == fb::OutOfTable::UnknownRow) table->unknown_row = rows_of(*table) - 1;
  }
  fb::EmbeddingTableT& items = table_of(model, kItems);
  give_vocabulary(items, keyed.vocabularies);
  table_of(model, "f0").key_type = fb::KeyType::Integer;
  give_vocabulary(table_of(model, "f0"), keyed.vocabularies);
  table_of(model, "f1").vocabulary_of = kItems;
  table_of(model, "f1").padding_row = items.padding_row;
  for (const char* name : {"c0", "c1"}) {
    fb::EmbeddingTableT& table = table_of(model, name);
    table.padding_row = 0;
    table.hash = farm64(0, rows_of(table), false);
    fb::FieldT& field = **std::find_if(model.candidate.begin(), model.candidate.end(),
                                       [&](const auto& f) { return f->name == name; });
    field.column = kBrand;
    if (field.name == "c1") field.hash = farm64(1, rows_of(table) - 1, true);
  }
  return keyed;
}

reference::Request keyed_request(const KeyedModel& keyed, reference::Generator& generator,
                                 std::size_t events, std::size_t candidates) {
  fb::ModelT& model = *keyed.model;
  reference::Request request = reference::random_request(model, generator, events, candidates);
  give_keys(model, model.features, request.features);
  give_keys(model, model.candidate, request.candidates);
  for (const auto& stack : model.stacks)
    give_keys(model, stack->fields, request.histories.at(stack->name));
  return request;
}

}  // namespace augur::golden
