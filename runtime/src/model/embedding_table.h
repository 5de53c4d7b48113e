// Embedding tables, and the input fields that are embedded with them.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "augur/augur.h"
#include "common/build_choices.h"
#include "common/key_rule.h"
#include "common/span.h"
#include "common/vocabulary.h"
#include "kernels/stored_rows.h"

namespace augur {

// SHA-256 of a table's rows.
using RowsHash = std::array<std::uint8_t, 32>;

// A delta: changed and new rows and keys of an external table. They stay in the delta's file.
struct TableDelta {
  Span<const std::uint32_t> changed;     // the table's rows that are in `stored`, ascending
  StoredRows stored;                     // [changed, width]
  std::uint32_t rows = 0;                // of the table with this delta
  VocabularyView vocabulary;             // new, moved and removed keys; without slots: none
  const std::uint8_t* result = nullptr;  // the state that it makes, in the file: RowsHash's size
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

  Span<TableDelta> deltas;        // external tables: memory for AUGUR_MAX_DELTAS of them
  std::uint32_t delta_count = 0;  // how many are attached; the last is the newest

  std::uint32_t rows() const { return changes() == 0 ? stored.rows() : deltas[changes() - 1].rows; }
  bool attached() const { return stored.rows() > 0; }

  // out[width] = the row; += the row; the greater of both in each column.
  void read(std::uint32_t row, float* out) const {
    const Place place = find_row(row);
    place.stored->read(place.row, out);
  }
  void add(std::uint32_t row, float* out) const {
    const Place place = find_row(row);
    place.stored->add(place.row, out);
  }
  void raise(std::uint32_t row, float* out) const {
    const Place place = find_row(row);
    place.stored->raise(place.row, out);
  }

  // The row of a key in the table's own vocabulary with its deltas, of which the newest decides;
  // kNoRow if it does not have the key.
  std::uint32_t find_key(const Hash128& key) const {
    for (std::uint32_t d = changes(); d-- > 0;) {
      const std::uint32_t row = deltas[d].vocabulary.find(key);
      if (row != kNoRow) return row == kRemovedRow ? kNoRow : row;
    }
    return vocabulary.find(key);
  }

 private:
  struct Place {
    const StoredRows* stored;
    std::uint32_t row;
  };
  // delta_count, or a constant where the build has no deltas.
  std::uint32_t changes() const { return build::kDeltas ? delta_count : 0; }
  // The newest version of a row.
  Place find_row(std::uint32_t row) const {
    for (std::uint32_t d = changes(); d-- > 0;) {
      const Span<const std::uint32_t>& changed = deltas[d].changed;
      const std::uint32_t* at = std::lower_bound(changed.begin(), changed.end(), row);
      if (at == changed.end() || *at != row) continue;
      return {&deltas[d].stored, static_cast<std::uint32_t>(at - changed.begin())};
    }
    return {&stored, row};
  }
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
