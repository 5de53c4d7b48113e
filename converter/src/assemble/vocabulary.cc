// The keys of tables; see vocabulary.h.
#include "assemble/vocabulary.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "common/key_hash.h"
#include "text/text.h"
#include "vocabulary/build.h"
#include "vocabulary/key_file.h"

namespace augur::convert {
namespace {

fb::KeyType read_type(const Node& node) {
  return node.choice<fb::KeyType>(
      {{"integer", fb::KeyType::Integer}, {"string", fb::KeyType::String}});
}

// The table that "of" names, whose vocabulary must be its own.
const Node& find_owner(const Node& of, const std::vector<Node>& tables) {
  const std::string name = of.name();
  std::vector<std::string> known;
  for (const Node& table : tables) {
    known.push_back(table.at("name").name());
    if (known.back() != name) continue;
    const auto vocabulary = table.find("vocabulary");
    if (!vocabulary || !vocabulary->has("file"))
      of.fail("table " + augur::quoted(name) + " has no vocabulary of its own to share");
    return table;
  }
  of.fail("there is no table " + augur::quoted(name) + did_you_mean(name, known));
}

KeyFile read_file_of(const Node& vocabulary, const Context& context) {
  const Node file = vocabulary.at("file");
  const std::string name = file.name();
  const std::filesystem::path path(name);
  const std::optional<Node> stated = vocabulary.find("form");
  const KeyForm form = stated ? stated->choice<KeyForm>({{"row_comma_key", KeyForm::kRowCommaKey}})
                              : KeyForm::kByName;
  try {
    return read_key_file(context.folder.empty() || path.is_absolute()
                             ? name
                             : (std::filesystem::path(context.folder) / path).string(),
                         form);
  } catch (const Error& error) {
    file.fail(error.what());
  }
}

// The row that a key such as "padding_key" has in the file; it must be `row`, which `what` names.
const KeyEntry* read_named_key(const Node& key, const KeyFile& file, uint32_t row,
                               const char* what) {
  const KeyEntry* entry = file.find(key.text());
  if (entry == nullptr) key.fail(augur::quoted(key.text()) + " is not a key of " + file.name);
  if (entry->row != row) {
    key.fail(augur::quoted(key.text()) + " has row " + std::to_string(entry->row) + " in " +
             file.place(*entry) + ", and the " + what + " is " + std::to_string(row));
  }
  return entry;
}

// The keys that name the padding row and the unknown row; nullptr: none does.
struct NamedKeys {
  const KeyEntry* padding = nullptr;
  const KeyEntry* unknown = nullptr;
};

NamedKeys read_named_keys(const Node& node, const KeyFile& file, const TableInfo& info,
                          const fb::EmbeddingTableT& table) {
  NamedKeys named;
  if (const auto key = node.find("padding_key")) {
    if (!info.has_padding_row) key->fail("the \"padding_row\" of the table is null");
    named.padding = read_named_key(*key, file, info.padding_row, "padding_row");
  }
  if (const auto key = node.find("unknown_key")) {
    if (table.out_of_table != fb::OutOfTable::UnknownRow)
      key->fail("needs the rule {\"unknown_row\": ...} in \"out_of_table\"");
    named.unknown = read_named_key(*key, file, table.unknown_row, "unknown_row");
  }
  return named;
}

void check_rows(const Node& node, const KeyFile& file, const TableInfo& info) {
  for (const KeyEntry& entry : file.entries) {
    if (entry.row < info.rows) continue;
    node.at("file").fail(file.place(entry) + ": key " + augur::quoted(entry.key) + " has row " +
                         std::to_string(entry.row) + ", but the table has " +
                         std::to_string(info.rows) + " rows");
  }
}

void warn_of_rows_without_key(const Node& node, const KeyFile& file, const TableInfo& info,
                              const fb::EmbeddingTableT& table, Context& context) {
  std::vector<bool> known(info.rows, false);
  for (const KeyEntry& entry : file.entries)
    known[entry.row] = true;
  if (info.has_padding_row) known[info.padding_row] = true;
  if (table.out_of_table == fb::OutOfTable::UnknownRow) known[table.unknown_row] = true;
  for (uint32_t i = 0; table.hash && i < table.hash->buckets; ++i)
    known[table.hash->first_row + i] = true;
  const auto missing = std::count(known.begin(), known.end(), false);
  if (missing == 0) return;
  const auto first = std::find(known.begin(), known.end(), false) - known.begin();
  std::string warning = node.at("file").where() + ": " + std::to_string(missing) + " of " +
                        std::to_string(info.rows) + " rows have no key in " + file.name +
                        ", the first is row " + std::to_string(first);
  // A list that lacks the padding's line gives every key the row before its own.
  const auto padding =
      std::find_if(file.entries.begin(), file.entries.end(),
                   [&info](const KeyEntry& entry) { return entry.row == info.padding_row; });
  if (info.has_padding_row && padding != file.entries.end() && !node.has("padding_key")) {
    warning += ". And row " + std::to_string(info.padding_row) + ", the padding row, has the key " +
               augur::quoted(padding->key) +
               ": is the first line missing? If it is the padding's key, name it in "
               "\"padding_key\"";
  }
  context.warnings.push_back(std::move(warning));
}

std::vector<VocabularyEntry> entries_of(const Node& node, const KeyFile& file,
                                        const NamedKeys& named, fb::KeyType type) {
  std::vector<VocabularyEntry> entries;
  entries.reserve(file.entries.size());
  for (const KeyEntry& entry : file.entries) {
    if (type == fb::KeyType::String) {
      entries.push_back({hash_string(entry.key.data(), entry.key.size()), entry.row, entry.key});
      continue;
    }
    const std::optional<int64_t> number = integer_key(entry.key);
    if (number) {
      entries.push_back({hash_integer(*number), entry.row, entry.key});
    } else if (&entry != named.padding && &entry != named.unknown) {
      node.at("keys").fail(file.place(entry) + ": key " + augur::quoted(entry.key) +
                           " is not a 64-bit integer in decimal digits; name it as the "
                           "padding_key or unknown_key, or state \"string\"");
    }
  }
  return entries;
}

}  // namespace

fb::KeyType read_key_type(const Node& table, const std::vector<Node>& tables) {
  const std::optional<Node> keys = table.find("keys");
  const std::optional<Node> vocabulary = table.find("vocabulary");
  if (!vocabulary) return keys ? read_type(*keys) : fb::KeyType::Row;
  if (keys) keys->fail("is for tables without a vocabulary; a vocabulary states its own \"keys\"");
  if (!vocabulary->has("of")) {
    vocabulary->allow_keys("a vocabulary", {"file", "form", "keys", "padding_key", "unknown_key"});
    return read_type(vocabulary->at("keys"));
  }
  vocabulary->allow_keys("a shared vocabulary", {"of"});
  return read_type(find_owner(vocabulary->at("of"), tables).at("vocabulary").at("keys"));
}

void read_vocabulary(const Node& node, TableInfo& info, fb::EmbeddingTableT& table,
                     Context& context) {
  const KeyFile file = read_file_of(node, context);
  if (file.numbers && info.keys == fb::KeyType::String) {
    node.at("keys").fail("the keys in " + file.name + " are numbers; state \"integer\"");
  }
  check_rows(node, file, info);
  const NamedKeys named = read_named_keys(node, file, info, table);
  warn_of_rows_without_key(node, file, info, table, context);
  const unsigned bytes =
      info.keys == fb::KeyType::String ? kStringFingerprint : kIntegerFingerprint;
  const std::vector<VocabularyEntry> entries = entries_of(node, file, named, info.keys);
  try {
    table.vocabulary =
        std::make_unique<fb::VocabularyT>(build_vocabulary(entries, info.keys, bytes));
  } catch (const Error& error) {
    node.at("file").fail(file.name + ": " + error.what());
  }
  if (named.padding != nullptr) table.vocabulary->padding_key = named.padding->key;
  if (named.unknown != nullptr) table.vocabulary->unknown_key = named.unknown->key;
  for (const KeyEntry& entry : file.entries)
    info.highest_key_row = std::max(info.highest_key_row, entry.row);
}

void share_vocabulary(const Node& node, fb::EmbeddingTableT& table, const Context& context) {
  const Node of = node.at("of");
  table.vocabulary_of = of.name();
  const TableInfo& owner = context.tables.at(table.vocabulary_of);
  const size_t rows = context.tables.at(table.name).rows;
  if (owner.highest_key_row < rows) return;
  of.fail("the vocabulary of table " + augur::quoted(table.vocabulary_of) + " names row " +
          std::to_string(owner.highest_key_row) + ", but table " + augur::quoted(table.name) +
          " has " + std::to_string(rows) + " rows");
}

}  // namespace augur::convert
