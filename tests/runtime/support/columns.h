// A request's rows as the C API's columns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "augur/augur.h"
#include "augur_generated.h"
#include "reference/request.h"

namespace augur::testing {

using Fields = std::vector<std::unique_ptr<fb::FieldT>>;

// Columns with storage of their own, one for each column that the fields read, in the fields'
// order. Strings stay in the rows, which must outlive the set.
class ColumnSet {
 public:
  // A field that `rows` lacks gets no column.
  ColumnSet(const Fields& fields, const reference::Rows& rows);
  ColumnSet(ColumnSet&&) = default;
  ColumnSet& operator=(ColumnSet&&) = default;

  const augur_column* data() const { return columns_.data(); }
  std::size_t size() const { return columns_.size(); }
  std::size_t rows() const { return rows_; }

  // For tests of errors, which change a column.
  augur_column& operator[](std::size_t index) { return columns_[index]; }
  augur_column& operator[](const std::string& name);

 private:
  struct Storage {
    std::vector<std::int64_t> ids;
    std::vector<float> values;
    std::vector<std::uint32_t> counts;
    std::vector<augur_string> strings;
  };
  bool has(const std::string& name) const;

  std::size_t rows_;
  std::vector<std::unique_ptr<Storage>> storage_;
  std::vector<augur_column> columns_;
};

}  // namespace augur::testing
