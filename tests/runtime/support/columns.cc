// Filling columns.
#include "runtime/support/columns.h"

#include <stdexcept>

namespace augur::testing {

ColumnSet::ColumnSet(const Fields& fields, const reference::Rows& rows) : rows_(rows.count) {
  for (const auto& field : fields) {
    const auto cells = rows.columns.find(field->name);
    if (cells == rows.columns.end()) continue;
    storage_.push_back(std::make_unique<Storage>());
    Storage& storage = *storage_.back();
    for (const reference::Cell& cell : cells->second) {
      storage.ids.insert(storage.ids.end(), cell.ids.begin(), cell.ids.end());
      storage.values.insert(storage.values.end(), cell.values.begin(), cell.values.end());
      storage.counts.push_back(static_cast<std::uint32_t>(cell.ids.size()));
    }
    const bool ids = field->kind == fb::FieldKind::Id || field->kind == fb::FieldKind::Ids;
    columns_.push_back({sizeof(augur_column), field->name.c_str(), storage.ids.data(),
                        storage.values.data(), storage.counts.data(),
                        ids ? storage.ids.size() : storage.values.size(), nullptr, 0, 0});
  }
}

augur_column& ColumnSet::operator[](const std::string& name) {
  for (augur_column& column : columns_) {
    if (name == column.name) return column;
  }
  throw std::out_of_range("no column " + name);
}

}  // namespace augur::testing
