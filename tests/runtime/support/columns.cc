// Filling columns.
#include "runtime/support/columns.h"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "reference/embedding.h"

namespace augur::testing {

ColumnSet::ColumnSet(const Fields& fields, const reference::Rows& rows) : rows_(rows.count) {
  for (const auto& field : fields) {
    const std::string& name = reference::column_of(*field);
    const auto cells = rows.columns.find(name);
    if (cells == rows.columns.end() || has(name)) continue;
    storage_.push_back(std::make_unique<Storage>());
    Storage& storage = *storage_.back();
    for (const reference::Cell& cell : cells->second) {
      storage.ids.insert(storage.ids.end(), cell.ids.begin(), cell.ids.end());
      storage.values.insert(storage.values.end(), cell.values.begin(), cell.values.end());
      for (const std::string& key : cell.strings)
        storage.strings.push_back({key.data(), key.size()});
      storage.counts.push_back(static_cast<std::uint32_t>(cell.ids.size() + cell.strings.size()));
    }
    const bool ids = field->kind == fb::FieldKind::Id || field->kind == fb::FieldKind::Ids;
    const std::size_t id_count = storage.ids.size() + storage.strings.size();
    columns_.push_back({sizeof(augur_column), name.c_str(), storage.ids.data(),
                        storage.values.data(), storage.counts.data(),
                        ids ? id_count : storage.values.size(),
                        storage.strings.empty() ? nullptr : storage.strings.data(), 0, 0});
  }
}

bool ColumnSet::has(const std::string& name) const {
  return std::any_of(columns_.begin(), columns_.end(),
                     [&](const augur_column& column) { return name == column.name; });
}

augur_column& ColumnSet::operator[](const std::string& name) {
  for (augur_column& column : columns_) {
    if (name == column.name) return column;
  }
  throw std::out_of_range("no column " + name);
}

}  // namespace augur::testing
