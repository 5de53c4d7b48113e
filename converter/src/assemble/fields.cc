// The fields of a description; see parts.h.
#include "assemble/parts.h"

#include <map>

#include "text/text.h"

namespace augur::convert {
namespace {

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

// The hash of the field's own, which all its keys get.
void read_own_hash(const Node& node, const Context& context, fb::FieldT& field) {
  const std::optional<Node> hash = node.find("hash");
  if (!hash) return;
  const TableInfo& table = context.tables.at(field.table);
  if (table.keys == fb::KeyType::Row) {
    hash->fail("hashes every key, and the ids of table " + augur::quoted(field.table) +
               " are its rows; state the type of the table's keys, \"keys\": \"integer\" or "
               "\"string\"");
  }
  field.hash = read_hash(*hash, table);
}

std::unique_ptr<fb::FieldT> read_field(const Node& node, Context& context) {
  auto field = std::make_unique<fb::FieldT>();
  field->name = node.at("name").name();
  if (const auto column = node.find("column"); column && column->name() != field->name)
    field->column = column->name();
  field->kind = node.at("kind").choice<fb::FieldKind>({{"id", fb::FieldKind::Id},
                                                       {"ids", fb::FieldKind::Ids},
                                                       {"number", fb::FieldKind::Number},
                                                       {"vector", fb::FieldKind::Vector}});
  switch (field->kind) {
    case fb::FieldKind::Id:
      node.allow_keys("a field of kind \"id\"", {"name", "kind", "column", "table", "hash"});
      field->table = read_table_name(node, context);
      read_own_hash(node, context, *field);
      break;
    case fb::FieldKind::Ids:
      node.allow_keys("a field of kind \"ids\"", {"name", "kind", "column", "table", "hash",
                                                  "pooling", "skip_zero", "skip_padding"});
      field->table = read_table_name(node, context);
      field->pooling = node.at("pooling").choice<fb::Pooling>(
          {{"sum", fb::Pooling::Sum}, {"mean", fb::Pooling::Mean}, {"max", fb::Pooling::Max}});
      read_skips(node, context, *field);
      read_own_hash(node, context, *field);
      break;
    case fb::FieldKind::Number:
      node.allow_keys("a field of kind \"number\"", {"name", "kind", "column"});
      break;
    case fb::FieldKind::Vector:
      node.allow_keys("a field of kind \"vector\"", {"name", "kind", "column", "dim"});
      field->dim = static_cast<uint32_t>(node.at("dim").integer(1, 1 << 20));
      break;
  }
  return field;
}

const std::string& column_of(const fb::FieldT& field) {
  return field.column.empty() ? field.name : field.column;
}

// What the app must give for a field: "ids, string keys", "a vector of 8".
std::string input_text(const fb::FieldT& field, const Context& context) {
  switch (field.kind) {
    case fb::FieldKind::Number:
      return "a number";
    case fb::FieldKind::Vector:
      return "a vector of " + std::to_string(field.dim);
    case fb::FieldKind::Id:
    case fb::FieldKind::Ids:
      break;
  }
  const std::string what = field.kind == fb::FieldKind::Id ? "one id, " : "several ids, ";
  switch (context.tables.at(field.table).keys) {
    case fb::KeyType::Integer:
      return what + "an integer key";
    case fb::KeyType::String:
      return what + "a string key";
    case fb::KeyType::Row:
      break;
  }
  return what + "a row";
}

// Throws Error if two fields read one column and need different values in it.
void check_columns(const std::vector<Node>& nodes, const Fields& fields, const Context& context) {
  std::map<std::string, const fb::FieldT*> readers;  // the first of each column
  for (size_t i = 0; i < fields.size(); ++i) {
    const auto [first, is_new] = readers.emplace(column_of(*fields[i]), fields[i].get());
    if (is_new) continue;
    const std::string expected = input_text(*first->second, context);
    const std::string found = input_text(*fields[i], context);
    if (expected == found) continue;
    nodes[i].fail("column " + augur::quoted(first->first) + " is " + expected + ", for field " +
                  augur::quoted(first->second->name) + ", and this field needs " + found +
                  "; give it a column of its own");
  }
}

}  // namespace

Fields read_fields(const Node& list, const char* what, Context& context) {
  const std::vector<Node> nodes = list.items();
  refuse_duplicate_names(nodes, what);
  Fields fields;
  fields.reserve(nodes.size());
  for (const Node& node : nodes)
    fields.push_back(read_field(node, context));
  check_columns(nodes, fields, context);
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
    if (events.keys != candidates.keys) {
      sequence.at("fields").items()[i].fail(
          "the vocabularies do not match: the history's field " + augur::quoted(event.name) +
          " and the candidate's field of the same name are " + input_text(event, context) +
          " and " + input_text(*same, context) + "; give both tables keys of one type");
    }
    if (events.keys != fb::KeyType::Row) continue;  // each table finds its own rows
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
