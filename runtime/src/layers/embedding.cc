// Loading fields and tables, and looking rows up.
#include "layers/embedding.h"

#include <cmath>
#include <cstring>

#include "model/limits.h"

namespace augur {
namespace {

// Steele, Lea, Flood: "Fast splittable pseudorandom number generators", OOPSLA 2014: one output of
// SplitMix64.
std::uint64_t splitmix64(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15u;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

std::uint64_t hash_bytes(const void* bytes, std::size_t size, std::uint64_t hash) {
  const auto* from = static_cast<const unsigned char*>(bytes);
  for (std::size_t i = 0; i < size; i += sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, from + i, size - i < sizeof(word) ? size - i : sizeof(word));
    hash = (hash ^ word) * 0x9E3779B97F4A7C15u;
    hash ^= hash >> 32;
  }
  return splitmix64(hash ^ size);
}

template <typename Vector>
std::uint64_t hash_vector(const Vector* values, std::uint64_t hash) {
  if (values == nullptr) return hash;
  return hash_bytes(values->Data(), values->size() * sizeof(*values->data()), hash);
}

// Never 0.
std::uint64_t hash_tensor(const fb::Tensor& rows) {
  const std::uint32_t form[] = {static_cast<std::uint32_t>(rows.type()),
                                static_cast<std::uint32_t>(rows.scale_type()), rows.group_size()};
  std::uint64_t hash = hash_bytes(form, sizeof(form), 0);
  hash = hash_vector(rows.shape(), hash);
  hash = hash_vector(rows.data(), hash);
  hash = hash_vector(rows.scales(), hash);
  hash = hash_vector(rows.offsets(), hash);
  return hash == 0 ? 1 : hash;
}

}  // namespace

augur_status Table::load(Reader& reader, const fb::EmbeddingTable* file) {
  name_ = file->name()->c_str();
  const Reader::Part part(reader, "table '%s'", name_);
  padding_row_ = file->padding_row();
  const fb::Hash* hash = file->hash();
  switch (file->out_of_table()) {
    case fb::OutOfTable::Error:
      out_of_table_ = AUGUR_TABLE_ERROR;
      break;
    case fb::OutOfTable::PaddingRow:
      out_of_table_ = AUGUR_TABLE_PADDING_ROW;
      break;
    case fb::OutOfTable::PaddingId:
      out_of_table_ = AUGUR_TABLE_PADDING_ID;
      break;
    case fb::OutOfTable::Hash:
      out_of_table_ = AUGUR_TABLE_HASH;
      if (hash == nullptr || hash->kind() != fb::HashKind::SplitMix64)
        return reader.bad("its hash is not specified");
      hash_seed_ = hash->seed();
      hash_first_row_ = hash->first_row();
      hash_buckets_ = hash->buckets();
      break;
    default:
      return reader.bad("unknown rule %u for ids outside it",
                        static_cast<unsigned>(file->out_of_table()));
  }

  external_ = file->external();
  if (!external_) {
    StoredRows weights;
    AUGUR_TRY(reader.rows(file->weights(), "weights", &weights));
    width_ = weights.columns();
    AUGUR_TRY(check_rows(reader, weights));
    weights_ = weights;
    return AUGUR_OK;
  }
  const auto* shape = file->weights()->shape();
  if (shape->size() != 2 || shape->Get(0) != 0 || shape->Get(1) == 0 || shape->Get(1) > kMaxWidth) {
    return reader.bad("its rows are in a file of its own, but its shape is not [0, dim]");
  }
  width_ = shape->Get(1);
  AUGUR_TRY(check_hash(reader, file->rows_hash()));
  converted_hash_ = file->rows_hash();
  // Attaching takes no memory.
  row_memory_ = reader.arena().array<float>(width_).data;
  return row_memory_ == nullptr ? reader.no_memory() : AUGUR_OK;
}

augur_status Table::attach(Reader& reader, const fb::TableFile* file) {
  StoredRows weights;
  AUGUR_TRY(reader.rows(file->weights(), "weights", &weights));
  if (weights.columns() != width_) {
    return reader.bad("it has %u values a row, the model needs %u", weights.columns(), width_);
  }
  AUGUR_TRY(check_rows(reader, weights));
  AUGUR_TRY(check_hash(reader, file->rows_hash()));
  weights_ = weights;
  attached_ = file;
  content_hash_ = 0;
  return AUGUR_OK;
}

augur_status Table::check_hash(Reader& reader, const StatedHash* hash) {
  if (hash == nullptr || hash->size() == sizeof(RowsHash)) return AUGUR_OK;
  return reader.bad("its rows_hash has %u bytes, expected %zu", hash->size(), sizeof(RowsHash));
}

augur_rows_origin Table::origin() const {
  if (!external_) return AUGUR_ROWS_INSIDE;
  if (!attached()) return AUGUR_ROWS_MISSING;
  if (stated_hash() == nullptr || converted_hash_ == nullptr) return AUGUR_ROWS_UNKNOWN;
  return std::memcmp(stated_hash()->data(), converted_hash_->data(), sizeof(RowsHash)) == 0
             ? AUGUR_ROWS_OF_CONVERSION
             : AUGUR_ROWS_OTHER;
}

Table::RowsHash Table::rows_hash() const {
  RowsHash hash = {};
  if (attached_ == nullptr) return hash;
  if (stated_hash() != nullptr) {
    std::memcpy(hash.data(), stated_hash()->data(), hash.size());
    return hash;
  }
  // Sessions on several threads may come here at once; they find the same.
  std::uint64_t content = content_hash_;
  if (content == 0) content_hash_ = content = hash_tensor(*attached_->weights());
  std::memcpy(hash.data(), &content, sizeof(content));
  return hash;
}

// The table's rules can be obeyed. Its rows are not read, but for the one that stands for padding.
augur_status Table::check_rows(Reader& reader, const StoredRows& weights) const {
  const std::uint32_t rows = weights.rows();
  if (padding_row_ >= rows)
    return reader.bad("padding_row %u is outside its %u rows", padding_row_, rows);
  if (out_of_table_ == AUGUR_TABLE_HASH &&
      (hash_buckets_ == 0 || hash_first_row_ >= rows || hash_buckets_ > rows - hash_first_row_)) {
    return reader.bad("hash buckets %u from row %u are outside its %u rows", hash_buckets_,
                      hash_first_row_, rows);
  }
  if (external_) return check_padding(reader, weights, row_memory_);
  const Arena::Scratch memory(reader.arena(), width_ * sizeof(float));
  if (memory.data() == nullptr) return reader.no_memory();
  return check_padding(reader, weights, static_cast<float*>(memory.data()));
}

augur_status Table::check_padding(Reader& reader, const StoredRows& weights, float* padding) const {
  weights.read(padding_row_, padding);
  for (std::uint32_t k = 0; k < width_; ++k) {
    if (!std::isfinite(padding[k]))
      return reader.bad("row %u, the padding, holds a value that is not finite", padding_row_);
  }
  return AUGUR_OK;
}

bool Table::find_row(std::int64_t id, std::uint32_t* row) const {
  if (id >= 0 && id < static_cast<std::int64_t>(rows())) {
    *row = static_cast<std::uint32_t>(id);
    return true;
  }
  switch (out_of_table_) {
    case AUGUR_TABLE_PADDING_ROW:
    case AUGUR_TABLE_PADDING_ID:
      *row = padding_row_;
      return true;
    case AUGUR_TABLE_HASH:
      *row = hash_first_row_ +
             static_cast<std::uint32_t>(splitmix64(static_cast<std::uint64_t>(id) + hash_seed_) %
                                        hash_buckets_);
      return true;
    case AUGUR_TABLE_ERROR:
      break;
  }
  return false;
}

void Table::add_row(std::uint32_t row, float* out) const {
  weights_.add(row, out);
}

void Table::raise_to_row(std::uint32_t row, float* out) const {
  weights_.raise(row, out);
}

void Field::embed(const FieldValues& values, float* out) const {
  if (kind == AUGUR_NUMBER || kind == AUGUR_VECTOR) {
    std::memcpy(out, values.values, width * sizeof(float));
    return;
  }
  std::memset(out, 0, width * sizeof(float));
  const bool pooled = kind == AUGUR_IDS;
  const std::size_t count = pooled ? values.id_count : 1;
  std::size_t pooled_count = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (pooled && skips(values.ids[i])) continue;
    std::uint32_t row = 0;
    if (!table->find_row(values.ids[i], &row)) continue;
    if (max && pooled_count > 0) {
      table->raise_to_row(row, out);
    } else {
      table->add_row(row, out);
    }
    ++pooled_count;
  }
  if (!mean || pooled_count == 0) return;
  const float divisor = static_cast<float>(pooled_count);
  for (std::uint32_t k = 0; k < width; ++k)
    out[k] /= divisor;
}

void Field::embed_padding(float* out) const {
  std::memset(out, 0, width * sizeof(float));
  if (kind == AUGUR_ID || (kind == AUGUR_IDS && !skip_zero && !skip_padding))
    table->add_row(table->padding_row(), out);
}

bool Field::skips(std::int64_t id) const {
  const std::int64_t counted = table->counts_as(id);
  return (skip_zero && counted == 0) || (skip_padding && counted == table->padding_row());
}

augur_status FieldGroup::load(Reader& reader,
                              const flatbuffers::Vector<flatbuffers::Offset<fb::Field>>* file,
                              const Span<Table>& tables) {
  const std::uint32_t count = file == nullptr ? 0 : file->size();
  AUGUR_TRY(reader.check_count(count, "fields"));
  fields = reader.arena().array<Field>(count);
  if (fields.size != count) return reader.no_memory();
  width = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const fb::Field* from = file->Get(i);
    Field& field = fields[i];
    const Reader::Part part(reader, "field '%s'", from->name()->c_str());
    if (find(from->name()->c_str()) != fields.size) return reader.bad("is declared twice");
    field.name = from->name()->c_str();
    field.offset = width;
    switch (from->kind()) {
      case fb::FieldKind::Id:
      case fb::FieldKind::Ids:
        field.kind = from->kind() == fb::FieldKind::Id ? AUGUR_ID : AUGUR_IDS;
        for (const Table& table : tables) {
          if (from->table() != nullptr && std::strcmp(table.name(), from->table()->c_str()) == 0)
            field.table = &table;
        }
        if (field.table == nullptr) {
          return reader.bad("refers to the table '%s', which the model does not have",
                            from->table() == nullptr ? "" : from->table()->c_str());
        }
        field.width = field.table->width();
        field.skip_zero = from->skip_zero();
        field.skip_padding = from->skip_padding();
        if (from->pooling() > fb::Pooling::MAX)
          return reader.bad("unknown pooling %u", static_cast<unsigned>(from->pooling()));
        field.mean = field.kind == AUGUR_IDS && from->pooling() == fb::Pooling::Mean;
        field.max = field.kind == AUGUR_IDS && from->pooling() == fb::Pooling::Max;
        break;
      case fb::FieldKind::Number:
        field.kind = AUGUR_NUMBER;
        field.width = 1;
        break;
      case fb::FieldKind::Vector:
        field.kind = AUGUR_VECTOR;
        field.width = from->dim();
        if (field.width == 0 || field.width > kMaxWidth)
          return reader.bad("impossible width %u", field.width);
        break;
      default:
        return reader.bad("unknown kind %u", static_cast<unsigned>(from->kind()));
    }
    width += field.width;
    if (width > kMaxWidth) return reader.bad("makes the row wider than %u", kMaxWidth);
  }
  return AUGUR_OK;
}

void FieldGroup::embed_padding(float* out) const {
  for (const Field& field : fields)
    field.embed_padding(out + field.offset);
}

std::size_t FieldGroup::find(const char* name) const {
  std::size_t index = 0;
  while (index < fields.size && std::strcmp(fields[index].name, name) != 0)
    ++index;
  return index;
}

}  // namespace augur
