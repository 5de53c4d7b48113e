// The tables and the fields of a description; see parts.h.
#include "assemble/parts.h"

#include "text/text.h"

namespace augur::convert {
namespace {

constexpr int64_t kMost = UINT32_MAX;

void read_hash(const Node& node, const TableInfo& info, fb::EmbeddingTableT& table) {
  node.allow_keys("an out-of-table rule", {"hash"});
  const Node rule = node.at("hash");
  rule.allow_keys("a hash", {"kind", "seed", "first_row", "buckets"});
  auto hash = std::make_unique<fb::HashT>();
  hash->kind = rule.at("kind").choice<fb::HashKind>({{"splitmix64", fb::HashKind::SplitMix64}});
  hash->seed = static_cast<uint32_t>(rule.at("seed").integer(0, kMost));
  hash->first_row = static_cast<uint32_t>(rule.at("first_row").integer(0, kMost));
  hash->buckets = static_cast<uint32_t>(rule.at("buckets").integer(1, kMost));
  if (uint64_t{hash->first_row} + hash->buckets > info.rows) {
    rule.fail("rows " + std::to_string(hash->first_row) + " to " +
              std::to_string(uint64_t{hash->first_row} + hash->buckets - 1) +
              " are wanted, but the table has " + std::to_string(info.rows));
  }
  table.out_of_table = fb::OutOfTable::Hash;
  table.hash = std::move(hash);
}

void check_stated(const Node& node, const char* key, size_t found, const std::string& tensor) {
  const std::optional<Node> stated = node.find(key);
  if (stated && static_cast<size_t>(stated->integer(1, kMost)) != found) {
    stated->fail("tensor " + augur::quoted(tensor) + " has " + std::to_string(found) + " " + key +
                 ", not " + stated->value().dump() +
                 "; the vocabulary and the checkpoint do not belong together");
  }
}

std::unique_ptr<fb::EmbeddingTableT> read_one_table(const Node& node, Context& context) {
  node.allow_keys("a table", {"name", "weights", "rows", "dim", "out_of_table", "padding_row"});
  auto table = std::make_unique<fb::EmbeddingTableT>();
  table->name = node.at("name").name();
  const TableValues values = read_table(node.at("weights"), context.weights);
  if (values.rows > static_cast<size_t>(kMost) || values.dim > static_cast<size_t>(kMost)) {
    node.at("weights").fail("has more rows or columns than a model file can hold");
  }
  check_stated(node, "rows", values.rows, values.name);
  check_stated(node, "dim", values.dim, values.name);
  TableInfo info{values.rows, values.dim, false, false, node.has("rows")};

  const Node padding = node.at("padding_row");
  if (!padding.is_null()) {
    info.has_padding_row = true;
    table->padding_row =
        static_cast<uint32_t>(padding.integer(0, static_cast<int64_t>(values.rows) - 1));
  }
  const Node rule = node.at("out_of_table");
  if (rule.is_object()) {
    read_hash(rule, info, *table);
  } else {
    table->out_of_table = rule.choice<fb::OutOfTable>({{"error", fb::OutOfTable::Error},
                                                       {"padding_row", fb::OutOfTable::PaddingRow},
                                                       {"padding_id", fb::OutOfTable::PaddingId}});
    if (table->out_of_table != fb::OutOfTable::Error && !info.has_padding_row) {
      rule.fail(rule.value().dump() +
                " needs a row to be named, but the key \"padding_row\" is null");
    }
  }
  table->weights = make_tensor(
      values.values, {static_cast<uint32_t>(values.rows), static_cast<uint32_t>(values.dim)},
      values.name);
  context.tables[table->name] = info;
  return table;
}

// The table that an id field refers to.
std::string read_table_name(const Node& field, Context& context) {
  const Node node = field.at("table");
  std::string name = node.name();
  const auto found = context.tables.find(name);
  if (found == context.tables.end()) {
    std::vector<std::string> known;
    for (const auto& [table, unused] : context.tables)
      known.push_back(table);
    node.fail("there is no table " + augur::quoted(name) + did_you_mean(name, known));
  }
  found->second.used = true;
  return name;
}

// Which ids of a list are skipped: 0, the table's padding id, or both.
void read_skips(const Node& node, const Context& context, fb::FieldT& field) {
  const std::optional<Node> padding = node.find("skip_padding");
  field.skip_padding = padding && padding->boolean();
  if (field.skip_padding && !context.tables.at(field.table).has_padding_row) {
    padding->fail("the padding_row of table " + augur::quoted(field.table) +
                  " is null; name the row, or state false");
  }
  field.skip_zero = (!padding || node.has("skip_zero")) && node.at("skip_zero").boolean();
}

std::unique_ptr<fb::FieldT> read_field(const Node& node, Context& context) {
  auto field = std::make_unique<fb::FieldT>();
  field->name = node.at("name").name();
  field->kind = node.at("kind").choice<fb::FieldKind>({{"id", fb::FieldKind::Id},
                                                       {"ids", fb::FieldKind::Ids},
                                                       {"number", fb::FieldKind::Number},
                                                       {"vector", fb::FieldKind::Vector}});
  switch (field->kind) {
    case fb::FieldKind::Id:
      node.allow_keys("a field of kind \"id\"", {"name", "kind", "table"});
      field->table = read_table_name(node, context);
      break;
    case fb::FieldKind::Ids:
      node.allow_keys("a field of kind \"ids\"",
                      {"name", "kind", "table", "pooling", "skip_zero", "skip_padding"});
      field->table = read_table_name(node, context);
      field->pooling = node.at("pooling").choice<fb::Pooling>(
          {{"sum", fb::Pooling::Sum}, {"mean", fb::Pooling::Mean}, {"max", fb::Pooling::Max}});
      read_skips(node, context, *field);
      break;
    case fb::FieldKind::Number:
      node.allow_keys("a field of kind \"number\"", {"name", "kind"});
      break;
    case fb::FieldKind::Vector:
      node.allow_keys("a field of kind \"vector\"", {"name", "kind", "dim"});
      field->dim = static_cast<uint32_t>(node.at("dim").integer(1, 1 << 20));
      break;
  }
  return field;
}

}  // namespace

Tables read_tables(const Node& list, Context& context) {
  const std::vector<Node> nodes = list.items();
  refuse_duplicate_names(nodes, "table");
  Tables tables;
  tables.reserve(nodes.size());
  for (const Node& node : nodes)
    tables.push_back(read_one_table(node, context));
  return tables;
}

Fields read_fields(const Node& list, const char* what, Context& context) {
  const std::vector<Node> nodes = list.items();
  refuse_duplicate_names(nodes, what);
  Fields fields;
  fields.reserve(nodes.size());
  for (const Node& node : nodes)
    fields.push_back(read_field(node, context));
  return fields;
}

void check_vocabularies(const Node& sequence, const Fields& history, const Fields& candidate,
                        const Context& context) {
  for (size_t i = 0; i < history.size(); ++i) {
    const fb::FieldT& event = *history[i];
    const fb::FieldT* same = find_field(candidate, event.name);
    if (event.table.empty() || same == nullptr || same->table.empty()) continue;
    const TableInfo& events = context.tables.at(event.table);
    const TableInfo& candidates = context.tables.at(same->table);
    if (events.rows == candidates.rows || (events.rows_stated && candidates.rows_stated)) continue;
    sequence.at("fields").items()[i].fail(
        "the vocabularies do not match: the history's field " + augur::quoted(event.name) +
        " reads table " + augur::quoted(event.table) + " of " + std::to_string(events.rows) +
        " rows, the candidate's field of the same name table " + augur::quoted(same->table) +
        " of " + std::to_string(candidates.rows) +
        " rows. If the same id does mean the same in both, state \"rows\" in both tables; if not, "
        "give the fields different names");
  }
}

size_t width_of(const fb::FieldT& field, const Context& context) {
  switch (field.kind) {
    case fb::FieldKind::Id:
    case fb::FieldKind::Ids:
      return context.tables.at(field.table).dim;
    case fb::FieldKind::Number:
      return 1;
    case fb::FieldKind::Vector:
      return field.dim;
  }
  return 0;
}

void Width::add(const std::string& name, size_t width) {
  total += width;
  parts.emplace_back(name, width);
  because += (because.empty() ? "" : " + ") + name + " " + std::to_string(width);
}

Width width_of(const Fields& fields, const Context& context) {
  Width width;
  for (const auto& field : fields)
    width.add(field->name, width_of(*field, context));
  return width;
}

const fb::FieldT* find_field(const Fields& fields, const std::string& name) {
  for (const auto& field : fields) {
    if (field->name == name) return field.get();
  }
  return nullptr;
}

const fb::FieldT& require_field(const Node& name, const Fields& fields,
                                const std::string& missing) {
  const fb::FieldT* field = find_field(fields, name.name());
  if (field == nullptr) {
    std::vector<std::string> known;
    for (const auto& other : fields)
      known.push_back(other->name);
    name.fail(missing + augur::quoted(name.name()) + did_you_mean(name.name(), known));
  }
  return *field;
}

}  // namespace augur::convert
