// A user's features and histories, and the candidates to be scored.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace augur::reference {

// One field's value in one row. Id: one id. Ids: any number of ids. Number: one value. Vector:
// `dim` values.
struct Cell {
  std::vector<std::int64_t> ids;  // rows or integer keys
  std::vector<float> values;
  std::vector<std::string> strings = {};  // string keys, in the place of ids
};

// Columns of `count` cells each, by name: a field's name, or its column.
struct Rows {
  std::size_t count = 0;
  std::map<std::string, std::vector<Cell>> columns;
};

struct Request {
  Rows features;                          // one row; a feature that is absent is 0
  std::map<std::string, Rows> histories;  // by stack, oldest event first; absent: empty
  Rows candidates;
};

// Rows [first, first + count); rows in the order that `order` gives; all rows of a, then of b.
Rows slice(const Rows& rows, std::size_t first, std::size_t count);
Rows pick(const Rows& rows, const std::vector<std::size_t>& order);
Rows join(const Rows& a, const Rows& b);

}  // namespace augur::reference
