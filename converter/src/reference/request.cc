// Cutting and joining rows.
#include "reference/request.h"

namespace augur::reference {

Rows pick(const Rows& rows, const std::vector<std::size_t>& order) {
  Rows picked;
  picked.count = order.size();
  for (const auto& [name, cells] : rows.columns) {
    std::vector<Cell>& column = picked.columns[name];
    for (const std::size_t row : order)
      column.push_back(cells.at(row));
  }
  return picked;
}

Rows slice(const Rows& rows, std::size_t first, std::size_t count) {
  std::vector<std::size_t> order(count);
  for (std::size_t row = 0; row < count; ++row)
    order[row] = first + row;
  return pick(rows, order);
}

Rows join(const Rows& a, const Rows& b) {
  if (a.count == 0) return b;
  Rows joined = a;
  joined.count += b.count;
  for (auto& [name, cells] : joined.columns) {
    if (b.count == 0) continue;
    const std::vector<Cell>& tail = b.columns.at(name);
    cells.insert(cells.end(), tail.begin(), tail.end());
  }
  return joined;
}

}  // namespace augur::reference
