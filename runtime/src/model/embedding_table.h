// Embedding tables, and the input fields that are embedded with them.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "augur/augur.h"
#include "common/span.h"
#include "kernels/stored_rows.h"

namespace augur {

// SHA-256 of a table's rows.
using RowsHash = std::array<std::uint8_t, 32>;

// Ids outside the table go to row first_row + splitmix64(id + seed) mod buckets.
struct HashBuckets {
  std::uint32_t seed = 0;
  std::uint32_t first_row = 0;
  std::uint32_t buckets = 0;
};

// One table. Its rows stay in the file: the model's own or, for an external table, a file that is
// attached to the model later.
struct EmbeddingTable {
  const char* name = "";
  std::uint32_t width = 0;
  StoredRows stored;  // [rows, width]; no rows until an external table is attached
  bool external = false;
  std::uint32_t padding_row = 0;
  std::uint32_t unknown_row = 0;  // with AUGUR_TABLE_UNKNOWN_ROW
  augur_out_of_table out_of_table = AUGUR_TABLE_ERROR;
  HashBuckets hash;

  // RowsHash::size() bytes each, in the files; nullptr if the file states no hash.
  const std::uint8_t* attached_hash = nullptr;   // of the rows that are attached
  const std::uint8_t* converted_hash = nullptr;  // of the rows at conversion
  // A hash of an external table's rows, computed if their file states none (session/rows_hash.h);
  // 0: not computed.
  mutable std::atomic<std::uint64_t> content_hash{0};
  float* row_memory = nullptr;  // external tables: [width], so that attaching takes no memory

  std::uint32_t rows() const { return stored.rows(); }
  bool attached() const { return rows() > 0; }
};

struct Field {
  const char* name = "";
  augur_field_kind kind = AUGUR_ID;
  const EmbeddingTable* table = nullptr;  // AUGUR_ID, AUGUR_IDS
  std::uint32_t width = 0;
  std::uint32_t offset = 0;   // of the field's part in the group's row
  bool mean = false;          // AUGUR_IDS: pooled by mean
  bool max = false;           // AUGUR_IDS: by the greatest value of each column; neither: by sum
  bool skip_zero = false;     // AUGUR_IDS: pooling leaves out id 0
  bool skip_padding = false;  // AUGUR_IDS: pooling leaves out the table's padding id
};

// Fields that stand side by side in one row: the features, a candidate, or an event of a sequence.
struct FieldGroup {
  char description[96] = "";  // for messages: "candidates", "history of stack 'clicks'"
  Span<Field> fields;
  std::uint32_t width = 0;

  // The field's index, or fields.size().
  std::size_t find(const char* name) const {
    std::size_t index = 0;
    while (index < fields.size() && std::strcmp(fields[index].name, name) != 0)
      ++index;
    return index;
  }
};

}  // namespace augur
