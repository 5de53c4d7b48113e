// Embedding tables, and the input fields that are embedded with them.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "augur/augur.h"
#include "common/key_rule.h"
#include "common/span.h"
#include "common/vocabulary.h"
#include "kernels/stored_rows.h"

namespace augur {

// SHA-256 of a table's rows.
using RowsHash = std::array<std::uint8_t, 32>;

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
  HashRule hash;               // with AUGUR_TABLE_HASH
  std::uint32_t min_rows = 1;  // how many rows the table's rules and its fields' hashes need

  augur_key_type key_type = AUGUR_KEY_ROW;
  VocabularyView vocabulary;  // its own; no slots: it has none
  const std::uint8_t* vocabulary_hash =
      nullptr;  // Digest's size, in the file; nullptr: none stated
  // The table whose vocabulary is asked, this one or another; nullptr: none, all keys are hashed.
  const EmbeddingTable* keys = nullptr;

  // RowsHash::size() bytes each, in the files; nullptr if the file states no hash.
  const std::uint8_t* attached_hash = nullptr;   // of the rows that are attached
  const std::uint8_t* converted_hash = nullptr;  // of the rows at conversion
  // A hash of an external table's rows, computed if their file states none (session/rows_hash.h);
  // 0: not computed.
  mutable std::atomic<std::uint64_t> content_hash{0};
  float* row_memory = nullptr;  // external tables: [width], so that attaching takes no memory

  std::uint32_t rows() const { return stored.rows(); }
  bool attached() const { return rows() > 0; }

  // out[width] = the row; += the row; the greater of both in each column.
  void read(std::uint32_t row, float* out) const { stored.read(row, out); }
  void add(std::uint32_t row, float* out) const { stored.add(row, out); }
  void raise(std::uint32_t row, float* out) const { stored.raise(row, out); }

  // The row of a key in the table's own vocabulary; kNoRow if it does not have the key.
  std::uint32_t find_key(const Hash128& key) const { return vocabulary.find(key); }
};

// What is kept of an id, so that it can be looked up in other rows later.
enum class IdForm : std::uint8_t {
  kRow,          // the table's ids are rows
  kInteger,      // the key
  kString,       // its 128-bit hash
  kHashedString  // its 64-bit hash before the modulo: all keys of the field are hashed
};

struct Field {
  const char* name = "";
  augur_field_kind kind = AUGUR_ID;
  const char* column = "";                // the column of input that it reads
  const EmbeddingTable* table = nullptr;  // AUGUR_ID, AUGUR_IDS
  const HashRule* hash = nullptr;         // ids: all keys are hashed so, whatever the table's rules
  IdForm id_form = IdForm::kRow;
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
