// Lines of text whose columns are aligned.
#pragma once

#include <string>
#include <vector>

namespace augur::convert {

class Columns {
 public:
  // `right` columns, by index, are aligned to the right; the others to the left.
  explicit Columns(std::vector<size_t> right = {}) : right_(std::move(right)) {}

  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }

  // Each row on a line of its own behind `indent`, columns two spaces apart. Widths count UTF-8
  // characters.
  std::string text(const std::string& indent) const;

 private:
  std::vector<size_t> right_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace augur::convert
