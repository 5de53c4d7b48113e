// A checkpoint as a library's reader sees it: names by pattern, shapes, the order of the file.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checkpoint/checkpoint.h"
#include "description/weight_source.h"

namespace augur::convert {

class Tensors {
 public:
  // `library` is whose reader looks, for messages.
  Tensors(const checkpoint::Checkpoint& checkpoint, std::string library)
      : checkpoint_(checkpoint), library_(std::move(library)) {}

  const checkpoint::Checkpoint& checkpoint() const { return checkpoint_; }
  const std::string& library() const { return library_; }

  // In patterns "*" stands for any characters and "#" for a whole number. Tensors that serve
  // training alone are not seen, but by has_for_training(), which sees only those.
  bool has(std::string_view pattern) const;
  bool has_for_training(std::string_view pattern) const;

  // All that match, as people count: "dice", "dice_1", "dice_2", "dice_10".
  std::vector<std::string> names(std::string_view pattern) const;
  // The only one that matches. Throws Error if none or several do.
  std::string only(std::string_view pattern) const;
  // What stands before `suffix` in the only tensor that ends with it.
  std::string prefix_of(std::string_view suffix) const;
  // The numbers at the one "#" of the pattern, ascending, each once.
  std::vector<int> indices(std::string_view pattern) const;
  // All that match in the order in which the model holds them; nullopt if the file does not tell.
  std::optional<std::vector<std::string>> in_file_order(std::string_view pattern) const;

  // Of a tensor that must be there, with such an axis; Error otherwise.
  int64_t size(const std::string& tensor, size_t axis) const;
  size_t rank(const std::string& tensor) const;

  // Throws Error: "FILE: LIBRARY: reason".
  [[noreturn]] void refuse(const std::string& reason) const;

 private:
  const checkpoint::Checkpoint& checkpoint_;
  std::string library_;
};

// The numbers of `all` that are not in `others`.
std::vector<int> without(const std::vector<int>& all, const std::vector<int>& others);

// The text without its end, which must be there.
std::string before(const std::string& text, std::string_view end);

template <typename T>
bool contains(const std::vector<T>& list, const T& value) {
  for (const T& item : list) {
    if (item == value) return true;
  }
  return false;
}

// Every value once, where it stands first.
std::vector<std::string> unique(const std::vector<std::string>& values);

}  // namespace augur::convert
