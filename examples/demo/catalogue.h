// The shop's catalogue: its items by their keys, which requests and the model use, too.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace augur::demo {

struct Category {
  std::string name;
  size_t department = 0;  // index into Catalogue::departments()
};

struct Item {
  std::string key;
  int64_t category = 0;
  std::string name;
};

// Read from a shop's folder: catalogue.tsv and categories.tsv (examples/shop/README.md).
class Catalogue {
 public:
  // Throws Error with file, line and what was expected.
  explicit Catalogue(const std::string& folder);

  const std::vector<Item>& items() const { return items_; }
  size_t category_count() const { return categories_.size(); }
  const std::vector<std::string>& departments() const { return departments_; }

  // Throws Error, naming `where`, if the catalogue does not have the item.
  const Item& item(std::string_view key, const std::string& where) const;
  size_t department(const Item& item) const { return categories_.at(item.category).department; }

 private:
  void read_categories(const std::string& path);
  void read_items(const std::string& path);
  size_t department_index(const std::string& name);

  std::vector<std::string> departments_;  // in the order of the file
  std::unordered_map<int64_t, Category> categories_;
  std::vector<Item> items_;
  std::unordered_map<std::string, size_t> item_index_;  // by key
};

}  // namespace augur::demo
