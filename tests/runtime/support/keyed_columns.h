// Models whose tables have shuffled keys, and the columns of keys that mean the same as columns of
// rows.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "augur_generated.h"
#include "runtime/support/columns.h"

namespace augur::testing {

// The key of a table's row. Numbers outside the table have keys that no vocabulary here has.
std::int64_t integer_key(std::int64_t row);
std::string string_key(std::int64_t row);

// Gives every id table of the model keys. With a `salt` the catalogue is shuffled: row r has the
// key of row (r + salt) mod rows.
void give_keys(fb::ModelT& model, fb::KeyType type, std::uint32_t salt = 0);

// Columns with keys in the place of the rows.
class KeyedColumns {
 public:
  KeyedColumns(const Fields& fields, const reference::Rows& rows, fb::KeyType type);

  const augur_column* data() const { return columns_.data(); }
  std::size_t size() const { return columns_.size(); }
  std::size_t rows() const { return columns_.rows(); }
  augur_column& operator[](std::size_t index) { return columns_[index]; }

 private:
  ColumnSet columns_;
  std::deque<std::vector<std::int64_t>> integers_;
  std::deque<std::vector<std::string>> texts_;
  std::deque<std::vector<augur_string>> strings_;
};

// Features and histories as keys; std::runtime_error with the session's message if a call fails.
void set_keyed_user(augur_session* session, const fb::ModelT& model,
                    const reference::Request& request, fb::KeyType type);
std::vector<float> rank_keyed(augur_session* session, const fb::ModelT& model,
                              const reference::Rows& candidates, fb::KeyType type);

}  // namespace augur::testing
