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

std::uint64_t splitmix64(std::uint64_t x) {
  std::uint64_t z = x + 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

std::size_t table_row(const fb::EmbeddingTableT& table, std::int64_t id) {
  const std::size_t rows = table.weights->shape.at(0);
  if (id >= 0 && static_cast<std::uint64_t>(id) < rows) return static_cast<std::size_t>(id);
  switch (table.out_of_table) {
    case fb::OutOfTable::PaddingRow:
    case fb::OutOfTable::PaddingId:
      return table.padding_row;
    case fb::OutOfTable::Hash: {
      const std::uint64_t hash = splitmix64(static_cast<std::uint64_t>(id) + table.hash->seed);
      return table.hash->first_row + static_cast<std::size_t>(hash % table.hash->buckets);
    }
    case fb::OutOfTable::UnknownRow:
      return table.unknown_row;
    case fb::OutOfTable::Error:
      break;
  }
  throw std::out_of_range("id " + std::to_string(id) + " is not in table " + table.name);
}

bool is_padding(const fb::EmbeddingTableT& table, std::int64_t id) {
  return known_id(table, id) == static_cast<std::int64_t>(table.padding_row);
}

std::int64_t known_id(const fb::EmbeddingTableT& table, std::int64_t id) {
  const bool inside = id >= 0 && id < static_cast<std::int64_t>(table.weights->shape.at(0));
  if (inside || table.out_of_table != fb::OutOfTable::PaddingId) return id;
  return table.padding_row;
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
  if (field.kind == fb::FieldKind::Id) return row_of(rows, table_row(rows, cell.ids.at(0)));
  Vector pooled(rows.weights->shape.at(1), 0.0);
  std::size_t count = 0;
  for (const std::int64_t id : cell.ids) {
    if (field.skip_zero && known_id(rows, id) == 0) continue;
    if (field.skip_padding && is_padding(rows, id)) continue;
    const Vector row = row_of(rows, table_row(rows, id));
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

const fb::FieldT& find_field(const Fields& fields, const std::string& name) {
  for (const auto& field : fields) {
    if (field->name == name) return *field;
  }
  throw std::invalid_argument("no field " + name);
}

Cell cell_or_zero(const fb::FieldT& field, const Rows& rows, std::size_t row) {
  const auto column = rows.columns.find(field.name);
  if (column != rows.columns.end()) return column->second.at(row);
  switch (field.kind) {
    case fb::FieldKind::Id:
      return {{0}, {}};
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
