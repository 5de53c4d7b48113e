// Tables, fields, and rows of fields.
#include "reference/embedding.h"

#include <algorithm>
#include <stdexcept>

namespace augur::reference {
namespace {

Vector row_of(const fb::EmbeddingTableT& table, std::size_t row) {
  Vector values(table.weights->shape.at(1));
  for (std::size_t k = 0; k < values.size(); ++k)
    values[k] = value(*table.weights, row, k);
  return values;
}

bool is_id(const fb::FieldT& field) {
  return field.kind == fb::FieldKind::Id || field.kind == fb::FieldKind::Ids;
}

}  // namespace

const Keys* Embedding::keys_of(const fb::EmbeddingTableT& table) const {
  const auto found =
      vocabularies_.find(table.vocabulary_of.empty() ? table.name : table.vocabulary_of);
  return found == vocabularies_.end() ? nullptr : &found->second;
}

ResolvedId Embedding::resolve(const fb::FieldT& field, const Cell& cell, std::size_t index) const {
  const fb::EmbeddingTableT& rows = table(field);
  const std::size_t count = rows.weights->shape.at(0);
  const fb::KeyType type = rows.key_type;
  const bool is_string = type == fb::KeyType::String;
  const bool is_absent =
      field.kind == fb::FieldKind::Id && cell.ids.empty() && cell.strings.empty();
  if (is_absent && type != fb::KeyType::Row) return {rows.padding_row, true};
  const std::int64_t id = is_string || is_absent ? 0 : cell.ids.at(index);
  const std::string text = is_string ? cell.strings.at(index) : std::to_string(id);
  const auto hashed = [&](const fb::HashT& hash, bool known) -> ResolvedId {
    if (hash.zero_is_padding && text == "0") return {rows.padding_row, true};
    return {hashed_row(hash, type, text, id), known};
  };
  if (type == fb::KeyType::Row) {
    if (id >= 0 && static_cast<std::uint64_t>(id) < count)
      return {static_cast<std::size_t>(id), true};
  } else if (field.hash != nullptr) {
    return hashed(*field.hash, true);
  } else if (const Keys* keys = keys_of(rows)) {
    const auto found = keys->find(text);
    if (found != keys->end() && found->second < count) return {found->second, true};
  } else {
    return hashed(*rows.hash, true);
  }
  switch (rows.out_of_table) {
    case fb::OutOfTable::PaddingRow:
      return {rows.padding_row, false};
    case fb::OutOfTable::PaddingId:
      return {rows.padding_row, true};
    case fb::OutOfTable::UnknownRow:
      return {rows.unknown_row, false};
    case fb::OutOfTable::Hash:
      return hashed(*rows.hash, false);
    case fb::OutOfTable::Error:
      break;
  }
  throw std::out_of_range("id " + text + " is not in table " + rows.name);
}

const fb::EmbeddingTableT& Embedding::table(const fb::FieldT& field) const {
  for (const auto& candidate : tables_) {
    if (candidate->name == field.table) return *candidate;
  }
  throw std::invalid_argument("no table " + field.table);
}

Vector Embedding::embed(const fb::FieldT& field, const Cell& cell) const {
  if (!is_id(field)) return Vector(cell.values.begin(), cell.values.end());
  const fb::EmbeddingTableT& rows = table(field);
  if (field.kind == fb::FieldKind::Id) return row_of(rows, resolve(field, cell, 0).row);
  Vector pooled(rows.weights->shape.at(1), 0.0);
  std::size_t count = 0;
  for (std::size_t i = 0; i < std::max(cell.ids.size(), cell.strings.size()); ++i) {
    const ResolvedId id = resolve(field, cell, i);
    if (field.skip_zero && id.is(0)) continue;
    if (field.skip_padding && id.is(rows.padding_row)) continue;
    const Vector row = row_of(rows, id.row);
    if (field.pooling == fb::Pooling::Max && count > 0) {
      for (std::size_t k = 0; k < pooled.size(); ++k)
        pooled[k] = std::max(pooled[k], row[k]);
    } else {
      add(pooled, row);
    }
    ++count;
  }
  const bool mean = field.pooling == fb::Pooling::Mean && count > 0;
  return mean ? scaled(1.0 / static_cast<double>(count), pooled) : pooled;
}

Vector Embedding::padding(const fb::FieldT& field) const {
  if (field.kind == fb::FieldKind::Number) return Vector(1, 0.0);
  if (field.kind == fb::FieldKind::Vector) return Vector(field.dim, 0.0);
  const fb::EmbeddingTableT& rows = table(field);
  Vector padded = row_of(rows, rows.padding_row);
  // A padded step's list of ids is padding too, and that is skipped.
  const bool skipped = field.skip_zero || field.skip_padding;
  if (field.kind == fb::FieldKind::Ids && skipped) padded.assign(padded.size(), 0.0);
  return padded;
}

Vector Embedding::embed(const Fields& fields, const Rows& rows, std::size_t row) const {
  Vector all;
  for (const auto& field : fields)
    append(all, embed(*field, cell_or_zero(*field, rows, row)));
  return all;
}

Vector Embedding::padding(const Fields& fields) const {
  Vector all;
  for (const auto& field : fields)
    append(all, padding(*field));
  return all;
}

const std::string& column_of(const fb::FieldT& field) {
  return field.column.empty() ? field.name : field.column;
}

const fb::FieldT& find_field(const Fields& fields, const std::string& name) {
  for (const auto& field : fields) {
    if (field->name == name) return *field;
  }
  throw std::invalid_argument("no field " + name);
}

Cell cell_or_zero(const fb::FieldT& field, const Rows& rows, std::size_t row) {
  const auto column = rows.columns.find(column_of(field));
  if (column != rows.columns.end()) return column->second.at(row);
  switch (field.kind) {
    case fb::FieldKind::Id:
    case fb::FieldKind::Ids:
      return {};
    case fb::FieldKind::Number:
      return {{}, {0.0f}};
    case fb::FieldKind::Vector:
      return {{}, std::vector<float>(field.dim, 0.0f)};
  }
  throw std::invalid_argument("unknown field kind");
}

}  // namespace augur::reference
