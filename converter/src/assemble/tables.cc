// The tables of a description; see parts.h.
#include "assemble/parts.h"
#include "assemble/vocabulary.h"
#include "text/text.h"

namespace augur::convert {
namespace {

constexpr int64_t kMost = UINT32_MAX;

void check_stated(const Node& node, const char* key, size_t found, const std::string& tensor) {
  const std::optional<Node> stated = node.find(key);
  if (stated && static_cast<size_t>(stated->integer(1, kMost)) != found) {
    stated->fail("tensor " + augur::quoted(tensor) + " has " + std::to_string(found) + " " + key +
                 ", not " + stated->value().dump() +
                 "; the vocabulary and the checkpoint do not belong together");
  }
}

// {"unknown_row": N} or {"hash": {...}}.
void read_rule_object(const Node& rule, const TableInfo& info, fb::EmbeddingTableT& table) {
  rule.allow_keys("an out-of-table rule", {"hash", "unknown_row"});
  const std::optional<Node> unknown = rule.find("unknown_row");
  if (!unknown) {
    table.out_of_table = fb::OutOfTable::Hash;
    table.hash = read_hash(rule.at("hash"), info);
    return;
  }
  if (rule.has("hash")) rule.fail("states two rules; one decides");
  table.out_of_table = fb::OutOfTable::UnknownRow;
  table.unknown_row =
      static_cast<uint32_t>(unknown->integer(0, static_cast<int64_t>(info.rows) - 1));
  if (info.has_padding_row && table.unknown_row == info.padding_row) {
    unknown->fail("is the padding_row too; state the rule \"padding_id\" or \"padding_row\"");
  }
}

void read_rule(const Node& rule, const TableInfo& info, fb::EmbeddingTableT& table) {
  if (rule.is_object()) return read_rule_object(rule, info, table);
  table.out_of_table = rule.choice<fb::OutOfTable>({{"error", fb::OutOfTable::Error},
                                                    {"padding_row", fb::OutOfTable::PaddingRow},
                                                    {"padding_id", fb::OutOfTable::PaddingId}});
  if (table.out_of_table != fb::OutOfTable::Error && !info.has_padding_row) {
    rule.fail(rule.value().dump() +
              " needs a row to be named, but the key \"padding_row\" is null");
  }
}

// Throws Error unless the rule of a table with keys says what becomes of each of them.
void check_keyed_rule(const Node& node, const fb::EmbeddingTableT& table) {
  const bool hashes = table.out_of_table == fb::OutOfTable::Hash;
  const bool has_vocabulary = node.has("vocabulary");
  if (table.key_type != fb::KeyType::Row && !has_vocabulary && !hashes) {
    node.at("out_of_table")
        .fail(
            "the table has keys, and nothing says which rows they have: state a \"vocabulary\", "
            "or {\"hash\": ...} here");
  }
  if (!has_vocabulary || !hashes) return;
  const Node hash = node.at("out_of_table").at("hash");
  if (table.hash->zero_is_padding) {
    hash.at("zero_is_padding")
        .fail("is for tables without a vocabulary; there \"padding_key\" names the padding");
  }
  if (table.key_type == fb::KeyType::String && table.hash->kind != fb::HashKind::SplitMix64) {
    hash.at("kind").fail(
        "hashes the bytes of strings, and a table with a vocabulary keeps of them "
        "only the hash that they are looked up by; state \"splitmix64\"");
  }
}

std::unique_ptr<fb::EmbeddingTableT> read_one_table(const Node& node, fb::KeyType keys,
                                                    Context& context) {
  node.allow_keys("a table", {"name", "weights", "rows", "dim", "out_of_table", "padding_row",
                              "vocabulary", "keys"});
  auto table = std::make_unique<fb::EmbeddingTableT>();
  table->name = node.at("name").name();
  table->key_type = keys;
  const TableValues values = read_table(node.at("weights"), context.weights);
  if (values.rows > static_cast<size_t>(kMost) || values.dim > static_cast<size_t>(kMost)) {
    node.at("weights").fail("has more rows or columns than a model file can hold");
  }
  check_stated(node, "rows", values.rows, values.name);
  check_stated(node, "dim", values.dim, values.name);
  TableInfo info;
  info.rows = values.rows;
  info.dim = values.dim;
  info.rows_stated = node.has("rows");
  info.keys = keys;

  const Node padding = node.at("padding_row");
  if (!padding.is_null()) {
    info.has_padding_row = true;
    info.padding_row =
        static_cast<uint32_t>(padding.integer(0, static_cast<int64_t>(values.rows) - 1));
    table->padding_row = info.padding_row;
  }
  read_rule(node.at("out_of_table"), info, *table);
  check_keyed_rule(node, *table);
  if (const auto vocabulary = node.find("vocabulary"); vocabulary && !vocabulary->has("of")) {
    read_vocabulary(*vocabulary, info, *table, context);
  }
  table->weights = make_tensor(
      values.values, {static_cast<uint32_t>(values.rows), static_cast<uint32_t>(values.dim)},
      values.name);
  context.tables[table->name] = info;
  return table;
}

}  // namespace

Tables read_tables(const Node& list, Context& context) {
  const std::vector<Node> nodes = list.items();
  refuse_duplicate_names(nodes, "table");
  Tables tables;
  tables.reserve(nodes.size());
  for (const Node& node : nodes)
    tables.push_back(read_one_table(node, read_key_type(node, nodes), context));
  for (size_t i = 0; i < nodes.size(); ++i) {
    const auto vocabulary = nodes[i].find("vocabulary");
    if (vocabulary && vocabulary->has("of")) share_vocabulary(*vocabulary, *tables[i], context);
  }
  return tables;
}

}  // namespace augur::convert
