// Reads the shop's catalogue; see catalogue.h.
#include "catalogue.h"

#include <algorithm>
#include <charconv>

#include "error.h"
#include "requests/json_lines.h"

namespace augur::demo {
namespace {

using Cells = std::vector<std::string_view>;

Cells split(std::string_view line) {
  Cells cells;
  for (;;) {
    const size_t end = line.find('\t');
    cells.push_back(line.substr(0, end));
    if (end == std::string_view::npos) return cells;
    line.remove_prefix(end + 1);
  }
}

int64_t id_of(std::string_view cell, const char* column, const std::string& where) {
  int64_t id = 0;
  const auto result = std::from_chars(cell.data(), cell.data() + cell.size(), id);
  if (result.ec != std::errc() || result.ptr != cell.data() + cell.size()) {
    throw Error(where + ": column '" + column + "': expected a whole number, came " +
                augur::quoted(cell));
  }
  return id;
}

// Calls row(cells, where) for each line after the header, which must be `header`.
template <typename Row>
void read_table(const std::string& path, std::string_view header, Row row) {
  requests::LineReader lines(path);
  std::string_view line;
  const size_t columns = split(header).size();
  if (!lines.next(line) || line != header) {
    throw Error(path + ": expected the columns " + augur::quoted(header) +
                " in the first line (x09 is a tab)");
  }
  while (lines.next(line)) {
    const Cells cells = split(line);
    if (cells.size() != columns) {
      throw Error(lines.where() + ": expected " + std::to_string(columns) +
                  " columns with a tab between them, came " + std::to_string(cells.size()));
    }
    row(cells, lines.where());
  }
}

}  // namespace

Catalogue::Catalogue(const std::string& folder) {
  read_categories(folder + "/categories.tsv");
  read_items(folder + "/catalogue.tsv");
}

size_t Catalogue::department_index(const std::string& name) {
  const auto at = std::find(departments_.begin(), departments_.end(), name);
  const auto index = static_cast<size_t>(at - departments_.begin());
  if (at == departments_.end()) departments_.push_back(name);
  return index;
}

void Catalogue::read_categories(const std::string& path) {
  read_table(path, "category\tdepartment\tname", [&](const Cells& cells, const std::string& where) {
    const int64_t id = id_of(cells[0], "category", where);
    const Category category{std::string(cells[2]), department_index(std::string(cells[1]))};
    if (!categories_.emplace(id, category).second)
      throw Error(where + ": category " + std::to_string(id) + " is there twice");
  });
}

void Catalogue::read_items(const std::string& path) {
  read_table(path, "item\tcategory\tprice\tname",
             [&](const Cells& cells, const std::string& where) {
               const Item item{std::string(cells[0]), id_of(cells[1], "category", where),
                               std::string(cells[3])};
               if (categories_.count(item.category) == 0) {
                 throw Error(where + ": category " + std::to_string(item.category) +
                             " is not in categories.tsv");
               }
               if (!item_index_.emplace(item.key, items_.size()).second)
                 throw Error(where + ": item " + augur::quoted(item.key) + " is there twice");
               items_.push_back(item);
             });
}

const Item& Catalogue::item(std::string_view key, const std::string& where) const {
  const auto at = item_index_.find(std::string(key));
  if (at == item_index_.end())
    throw Error(where + ": item " + augur::quoted(key) + " is not in the catalogue");
  return items_[at->second];
}

}  // namespace augur::demo
