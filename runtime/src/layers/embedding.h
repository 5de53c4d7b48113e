// Fields and embedding tables: from ids, numbers and vectors to rows of floats.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "model/reader.h"

namespace augur {

// An embedding table, read in place from the mapped file: the model's, or one of its own.
class Table {
 public:
  augur_status load(Reader& reader, const fb::EmbeddingTable* file);
  // The rows of an external table, in place of those that it may have; on failure it keeps them.
  augur_status attach(Reader& reader, const fb::TableFile* file);

  const char* name() const { return name_; }
  bool external() const { return external_; }
  bool attached() const { return weights_.rows() > 0; }
  // 0 as long as an external table has not been attached.
  std::uint32_t rows() const { return weights_.rows(); }
  std::uint32_t width() const { return width_; }
  std::uint32_t padding_row() const { return padding_row_; }
  augur_out_of_table out_of_table() const { return out_of_table_; }

  // What the files state of the rows, 32 bytes each; null: nothing.
  using StatedHash = flatbuffers::Vector<std::uint8_t>;
  const StatedHash* stated_hash() const {
    return attached_ == nullptr ? nullptr : attached_->rows_hash();
  }
  const StatedHash* converted_hash() const { return converted_hash_; }
  augur_rows_origin origin() const;

  // Differs for other rows of an external table: what came with them or, if nothing did, a hash for
  // which they are read through, the first time. All zeros for a table of the model's own file.
  using RowsHash = std::array<std::uint8_t, 32>;
  RowsHash rows_hash() const;

  // What an id counts as for masks and in pooled ids: itself or, by the rule "padding id", the
  // padding id for every unknown one.
  std::int64_t counts_as(std::int64_t id) const {
    const bool unknown = id < 0 || id >= static_cast<std::int64_t>(rows());
    return unknown && out_of_table_ == AUGUR_TABLE_PADDING_ID ? padding_row_ : id;
  }
  // The row that stands for `id`; false if it is outside and the table's rule is "error".
  bool find_row(std::int64_t id, std::uint32_t* row) const;
  // out[width] += row
  void add_row(std::uint32_t row, float* out) const;
  // out[k] = the greater of out[k] and row[k]
  void raise_to_row(std::uint32_t row, float* out) const;

 private:
  static augur_status check_hash(Reader& reader, const StatedHash* hash);
  augur_status check_rows(Reader& reader, const StoredRows& weights) const;
  // padding: memory for a row.
  augur_status check_padding(Reader& reader, const StoredRows& weights, float* padding) const;

  const char* name_ = "";
  bool external_ = false;
  StoredRows weights_;
  const fb::TableFile* attached_ = nullptr;
  const StatedHash* converted_hash_ = nullptr;
  mutable std::atomic<std::uint64_t> content_hash_{0};  // 0: not computed yet
  float* row_memory_ = nullptr;  // of an external table: [width], for attach()
  std::uint32_t width_ = 0;
  std::uint32_t padding_row_ = 0;
  augur_out_of_table out_of_table_ = AUGUR_TABLE_ERROR;
  std::uint32_t hash_seed_ = 0;
  std::uint32_t hash_first_row_ = 0;
  std::uint32_t hash_buckets_ = 0;
};

// One row's values of a field. Which member counts depends on the field's kind.
struct FieldValues {
  const std::int64_t* ids = nullptr;
  std::size_t id_count = 0;
  const float* values = nullptr;
};

struct Field {
  const char* name = "";
  augur_field_kind kind = AUGUR_ID;
  const Table* table = nullptr;  // AUGUR_ID, AUGUR_IDS
  std::uint32_t width = 0;
  std::uint32_t offset = 0;   // of its part in the group's row
  bool mean = false;          // AUGUR_IDS: pooled by mean
  bool max = false;           // AUGUR_IDS: by the greatest value of each column; neither: by sum
  bool skip_zero = false;     // AUGUR_IDS: id 0 is neither summed nor counted nor compared
  bool skip_padding = false;  // AUGUR_IDS: nor is the table's padding id

  // out[width]; ids must have been checked. Values outside f32's range in the table come out as
  // they are.
  void embed(const FieldValues& values, float* out) const;
  // What an event that did not happen looks like: padding rows, zeros.
  void embed_padding(float* out) const;

 private:
  bool skips(std::int64_t id) const;
};

// Fields that stand side by side in one row: the features, a candidate, an event of a stack.
struct FieldGroup {
  char description[96] = "";  // for messages: "candidate", "history of stack 'clicks'"
  Span<Field> fields;
  std::uint32_t width = 0;

  augur_status load(Reader& reader, const flatbuffers::Vector<flatbuffers::Offset<fb::Field>>* file,
                    const Span<Table>& tables);
  // out[width]: every field's padding.
  void embed_padding(float* out) const;
  // The field's index, or fields.size.
  std::size_t find(const char* name) const;
};

}  // namespace augur
