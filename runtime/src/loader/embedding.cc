// Loads embedding tables and fields.
#include <cmath>
#include <cstring>

#include "loader/layers.h"
#include "loader/limits.h"

namespace augur {
namespace {

augur_status load_rule(Reader& reader, const fb::EmbeddingTable* file, EmbeddingTable* table) {
  table->min_rows = table->padding_row + 1;
  switch (file->out_of_table()) {
    case fb::OutOfTable::Error:
      table->out_of_table = AUGUR_TABLE_ERROR;
      return AUGUR_OK;
    case fb::OutOfTable::PaddingRow:
      table->out_of_table = AUGUR_TABLE_PADDING_ROW;
      return AUGUR_OK;
    case fb::OutOfTable::PaddingId:
      table->out_of_table = AUGUR_TABLE_PADDING_ID;
      return AUGUR_OK;
    case fb::OutOfTable::UnknownRow:
      table->out_of_table = AUGUR_TABLE_UNKNOWN_ROW;
      table->unknown_row = file->unknown_row();
      return AUGUR_OK;
    case fb::OutOfTable::Hash:
      table->out_of_table = AUGUR_TABLE_HASH;
      return load_hash_rule(reader, file->hash(), table->key_type, &table->hash);
  }
  return reader.bad("unknown rule %u for ids outside it",
                    static_cast<unsigned>(file->out_of_table()));
}

// Checks that the padding row is finite. padding: memory for one row.
augur_status check_padding(Reader& reader, const EmbeddingTable& table, const StoredRows& rows,
                           float* padding) {
  rows.read(table.padding_row, padding);
  for (std::uint32_t k = 0; k < table.width; ++k) {
    if (!std::isfinite(padding[k]))
      return reader.bad("row %u, the padding, holds a value that is not finite", table.padding_row);
  }
  return AUGUR_OK;
}

bool fits(const HashRule& hash, std::uint32_t rows) {
  return hash.buckets > 0 && hash.first_row < rows && hash.buckets <= rows - hash.first_row;
}

// Checks that these rows have the padding row and the buckets that the table's rules name. Only the
// padding row's values are read.
augur_status check_rows(Reader& reader, const EmbeddingTable& table, const StoredRows& rows) {
  const std::uint32_t count = rows.rows();
  if (table.padding_row >= count)
    return reader.bad("padding_row %u is outside its %u rows", table.padding_row, count);
  if (table.out_of_table == AUGUR_TABLE_UNKNOWN_ROW && table.unknown_row >= count)
    return reader.bad("unknown_row %u is outside its %u rows", table.unknown_row, count);
  const HashRule& hash = table.hash;
  if (table.out_of_table == AUGUR_TABLE_HASH && !fits(hash, count)) {
    return reader.bad("hash buckets %u from row %u are outside its %u rows", hash.buckets,
                      hash.first_row, count);
  }
  if (count < table.min_rows)
    return reader.bad("a field hashes its keys into %u rows, it has %u", table.min_rows, count);
  if (table.external) return check_padding(reader, table, rows, table.row_memory);
  const Arena::Scratch memory(reader.arena(), table.width * sizeof(float));
  if (memory.data() == nullptr) return reader.no_memory();
  return check_padding(reader, table, rows, static_cast<float*>(memory.data()));
}

augur_status load_hash(Reader& reader, const flatbuffers::Vector<std::uint8_t>* file,
                       const std::uint8_t** hash) {
  if (file != nullptr && file->size() != sizeof(RowsHash)) {
    return reader.bad("its rows_hash has %u bytes, expected %zu", file->size(), sizeof(RowsHash));
  }
  *hash = file == nullptr ? nullptr : file->data();
  return AUGUR_OK;
}

// The field's own hash, if it has one.
augur_status load_field_hash(Reader& reader, const fb::Hash* file, EmbeddingTable* table,
                             Field* field) {
  if (file == nullptr) return AUGUR_OK;
  if (table->key_type == AUGUR_KEY_ROW)
    return reader.bad("has a hash, but the ids of table '%s' are rows", table->name);
  auto* rule = reader.arena().create<HashRule>();
  if (rule == nullptr) return reader.no_memory();
  AUGUR_TRY(load_hash_rule(reader, file, table->key_type, rule));
  if (table->attached() && !fits(*rule, table->rows())) {
    return reader.bad("hash buckets %u from row %u are outside the %u rows of table '%s'",
                      rule->buckets, rule->first_row, table->rows(), table->name);
  }
  if (rule->buckets == 0 || rule->first_row > kMaxRows || rule->buckets > kMaxRows)
    return reader.bad("impossible hash buckets: %u from row %u", rule->buckets, rule->first_row);
  const std::uint32_t needed = rule->first_row + rule->buckets;
  if (needed > table->min_rows) table->min_rows = needed;
  field->hash = rule;
  return AUGUR_OK;
}

IdForm form_of(const Field& field) {
  const EmbeddingTable& table = *field.table;
  if (table.key_type == AUGUR_KEY_ROW) return IdForm::kRow;
  if (table.key_type == AUGUR_KEY_INTEGER) return IdForm::kInteger;
  const bool hashed = table.out_of_table == AUGUR_TABLE_HASH && hashes_bytes(table.hash);
  return (field.hash == nullptr ? hashed : hashes_bytes(*field.hash)) ? IdForm::kHashedString
                                                                      : IdForm::kString;
}

augur_status load_id_field(Reader& reader, const fb::Field* file,
                           const Span<EmbeddingTable>& tables, Field* field) {
  field->kind = file->kind() == fb::FieldKind::Id ? AUGUR_ID : AUGUR_IDS;
  const char* name = file->table() == nullptr ? "" : file->table()->c_str();
  EmbeddingTable* found = nullptr;
  for (EmbeddingTable& table : tables) {
    if (file->table() != nullptr && std::strcmp(table.name, name) == 0) found = &table;
  }
  if (found == nullptr)
    return reader.bad("refers to the table '%s', which the model does not have", name);
  field->table = found;
  field->width = found->width;
  AUGUR_TRY(load_field_hash(reader, file->hash(), found, field));
  field->id_form = form_of(*field);
  field->skip_zero = file->skip_zero();
  field->skip_padding = file->skip_padding();
  if (file->pooling() > fb::Pooling::MAX)
    return reader.bad("unknown pooling %u", static_cast<unsigned>(file->pooling()));
  field->mean = field->kind == AUGUR_IDS && file->pooling() == fb::Pooling::Mean;
  field->max = field->kind == AUGUR_IDS && file->pooling() == fb::Pooling::Max;
  return AUGUR_OK;
}

augur_status load_field(Reader& reader, const fb::Field* file, const Span<EmbeddingTable>& tables,
                        Field* field) {
  switch (file->kind()) {
    case fb::FieldKind::Id:
    case fb::FieldKind::Ids:
      return load_id_field(reader, file, tables, field);
    case fb::FieldKind::Number:
      field->kind = AUGUR_NUMBER;
      field->width = 1;
      return AUGUR_OK;
    case fb::FieldKind::Vector:
      field->kind = AUGUR_VECTOR;
      field->width = file->dim();
      if (field->width == 0 || field->width > kMaxWidth)
        return reader.bad("impossible width %u", field->width);
      return AUGUR_OK;
  }
  return reader.bad("unknown kind %u", static_cast<unsigned>(file->kind()));
}

}  // namespace

augur_status load_table(Reader& reader, const fb::EmbeddingTable* file, EmbeddingTable* table) {
  table->name = file->name()->c_str();
  const Reader::Part part(reader, "table '%s'", table->name);
  table->padding_row = file->padding_row();
  AUGUR_TRY(load_key_type(reader, file->key_type(), &table->key_type));
  AUGUR_TRY(load_rule(reader, file, table));
  table->external = file->external();
  if (!table->external) {
    StoredRows rows;
    AUGUR_TRY(reader.rows(file->weights(), "weights", &rows));
    table->width = rows.columns();
    AUGUR_TRY(check_rows(reader, *table, rows));
    table->stored = rows;
    return load_keys(reader, file->vocabulary(), rows.rows(), table);
  }
  AUGUR_TRY(reader.need(build::kSidecars, build::kExtras, "sidecars"));
  const auto* shape = file->weights()->shape();
  if (shape->size() != 2 || shape->Get(0) != 0 || shape->Get(1) == 0 || shape->Get(1) > kMaxWidth) {
    return reader.bad("its rows are in a file of its own, but its shape is not [0, dim]");
  }
  table->width = shape->Get(1);
  AUGUR_TRY(load_hash(reader, file->rows_hash(), &table->converted_hash));
  table->row_memory = reader.arena().array<float>(table->width).data();
  table->deltas = reader.arena().array<TableDelta>(AUGUR_MAX_DELTAS);
  const bool has_memory = table->row_memory != nullptr && !table->deltas.empty();
  return has_memory ? AUGUR_OK : reader.no_memory();
}

augur_status attach_rows(Reader& reader, const fb::TableFile* file, EmbeddingTable* table) {
  StoredRows rows;
  AUGUR_TRY(reader.rows(file->weights(), "weights", &rows));
  if (rows.columns() != table->width) {
    return reader.bad("it has %u values a row, the model needs %u", rows.columns(), table->width);
  }
  AUGUR_TRY(check_rows(reader, *table, rows));
  const std::uint8_t* hash = nullptr;
  AUGUR_TRY(load_hash(reader, file->rows_hash(), &hash));
  const bool hashes = table->out_of_table == AUGUR_TABLE_HASH;
  if (table->keys == table && file->vocabulary() == nullptr && !hashes)
    return reader.bad("it has no vocabulary, which the keys of this table need");
  AUGUR_TRY(load_keys(reader, file->vocabulary(), rows.rows(), table));
  if (table->keys == table && file->vocabulary() == nullptr) {
    // The former file had keys; now all are hashed.
    table->keys = nullptr;
    table->vocabulary = {};
    table->vocabulary_hash = nullptr;
  }
  table->stored = rows;
  table->attached_hash = hash;
  table->content_hash = 0;
  return AUGUR_OK;
}

augur_status load_fields(Reader& reader, const FieldList* file, const Span<EmbeddingTable>& tables,
                         FieldGroup* group) {
  const std::uint32_t count = file == nullptr ? 0 : file->size();
  AUGUR_TRY(reader.check_count(count, "fields"));
  group->fields = reader.arena().array<Field>(count);
  if (group->fields.size() != count) return reader.no_memory();
  group->width = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const fb::Field* from = file->Get(i);
    const Reader::Part part(reader, "field '%s'", from->name()->c_str());
    if (group->find(from->name()->c_str()) != count) return reader.bad("is declared twice");
    Field& field = group->fields[i];
    field.name = from->name()->c_str();
    field.column = from->column() == nullptr ? field.name : from->column()->c_str();
    field.offset = group->width;
    AUGUR_TRY(load_field(reader, from, tables, &field));
    group->width += field.width;
    if (group->width > kMaxWidth) return reader.bad("makes the row wider than %u", kMaxWidth);
  }
  return AUGUR_OK;
}

}  // namespace augur
