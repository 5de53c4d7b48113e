// The values of one group of fields, as the columns that the C API takes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "requests/fields.h"

namespace augur::requests {

// One field's values for all rows; which vectors are used depends on its kind (see augur_column).
struct FieldValues {
  bool given = false;
  std::vector<int64_t> ids;
  std::vector<float> values;
  std::vector<uint32_t> counts;  // AUGUR_IDS: ids of each row
};

// Keeps its memory from one request to the next. The group must outlive it.
class ColumnSet {
 public:
  explicit ColumnSet(const FieldGroup& group);

  const FieldGroup& group() const { return *group_; }
  FieldValues& values(size_t field) { return values_[field]; }
  const FieldValues& values(size_t field) const { return values_[field]; }

  // Rows that the field holds so far.
  size_t rows(size_t field) const;
  // No field is given any more.
  void clear();

  // Checks that every field is there with one value a row, and builds the columns. With
  // `may_be_empty`, no field at all means no rows. Throws Error without saying where.
  void finish(bool may_be_empty);

  // After finish(); valid until the next change.
  const std::vector<augur_column>& columns() const { return columns_; }
  size_t row_count() const { return row_count_; }

 private:
  const FieldGroup* group_;
  std::vector<FieldValues> values_;
  std::vector<augur_column> columns_;
  size_t row_count_ = 0;
};

// Goes through a finished set row by row: columns() are those of one row.
class RowCursor {
 public:
  explicit RowCursor(const ColumnSet& set);

  // Moves on to a row; cheap when rows are visited in ascending order.
  void move_to(size_t row);
  const std::vector<augur_column>& columns() const { return columns_; }

 private:
  const ColumnSet* set_;
  std::vector<augur_column> columns_;
  std::vector<size_t> first_id_;  // AUGUR_IDS: where the row's ids begin
  size_t row_ = 0;
};

}  // namespace augur::requests
