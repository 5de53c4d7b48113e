// A checkpoint's names and shapes; see tensors.h.
#include "libraries/tensors.h"
#include "checkpoint/names.h"

#include <algorithm>
#include <set>
#include <stdexcept>

#include "error.h"
#include "text/text.h"

namespace augur::convert {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

size_t end_of_number(const std::string& text, size_t at) {
  while (at < text.size() && is_digit(text[at]))
    ++at;
  return at;
}

// Whether `a` comes before `b` as people count.
bool counts_before(const std::string& a, const std::string& b) {
  size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    if (!is_digit(a[i]) || !is_digit(b[j])) {
      if (a[i] != b[j]) return a[i] < b[j];
      ++i;
      ++j;
      continue;
    }
    const size_t end_a = end_of_number(a, i), end_b = end_of_number(b, j);
    // Frameworks write no leading zeros, so the longer number is the larger one.
    const std::string number_a = a.substr(i, end_a - i), number_b = b.substr(j, end_b - j);
    if (number_a.size() != number_b.size()) return number_a.size() < number_b.size();
    if (number_a != number_b) return number_a < number_b;
    i = end_a;
    j = end_b;
  }
  return a.size() - i < b.size() - j;
}

std::vector<std::string> matching(std::string_view pattern,
                                  const checkpoint::Checkpoint& checkpoint, bool training_only) {
  std::vector<std::string> names;
  for (const checkpoint::TensorInfo& tensor : checkpoint.tensors()) {
    if (checkpoint::is_training_only(tensor.name) == training_only && matches(pattern, tensor.name))
      names.push_back(tensor.name);
  }
  return names;
}

}  // namespace

bool Tensors::has(std::string_view pattern) const {
  return !matching(pattern, checkpoint_, false).empty();
}

bool Tensors::has_for_training(std::string_view pattern) const {
  return !matching(pattern, checkpoint_, true).empty();
}

std::vector<std::string> Tensors::names(std::string_view pattern) const {
  std::vector<std::string> names = matching(pattern, checkpoint_, false);
  std::sort(names.begin(), names.end(), counts_before);
  return names;
}

std::string Tensors::only(std::string_view pattern) const {
  const std::vector<std::string> found = names(pattern);
  if (found.size() == 1) return found[0];
  if (found.empty()) refuse("no tensor matches " + augur::quoted(pattern));
  refuse("several tensors match " + augur::quoted(pattern) + ": " + join(found, ", ", true) +
         "; which one is meant cannot be told");
}

std::string Tensors::prefix_of(std::string_view suffix) const {
  std::vector<std::string> prefixes;
  for (const checkpoint::TensorInfo& tensor : checkpoint_.tensors()) {
    const std::string& name = tensor.name;
    if (checkpoint::is_training_only(name) || name.size() < suffix.size()) continue;
    const size_t length = name.size() - suffix.size();
    if (name.compare(length, suffix.size(), suffix) == 0)
      prefixes.push_back(name.substr(0, length));
  }
  if (prefixes.size() == 1) return prefixes[0];
  refuse((prefixes.empty() ? "no tensor ends with " : "several tensors end with ") +
         augur::quoted(suffix));
}

std::vector<int> Tensors::indices(std::string_view pattern) const {
  std::set<int> found;
  for (const std::string& name : names(pattern))
    found.insert(match_numbers(pattern, name)->front());
  return {found.begin(), found.end()};
}

std::optional<std::vector<std::string>> Tensors::in_file_order(std::string_view pattern) const {
  if (!checkpoint_.has_order()) return std::nullopt;
  std::vector<std::string> names;
  for (const checkpoint::TensorInfo* tensor : checkpoint_.file_order()) {
    if (!checkpoint::is_training_only(tensor->name) && matches(pattern, tensor->name))
      names.push_back(tensor->name);
  }
  return names;
}

int64_t Tensors::size(const std::string& tensor, size_t axis) const {
  const size_t axes = rank(tensor);
  if (axis >= axes) {
    refuse("tensor " + augur::quoted(tensor) + " has " + std::to_string(axes) +
           " axes, so none is number " + std::to_string(axis));
  }
  return checkpoint_.get(tensor).shape[axis];
}

size_t Tensors::rank(const std::string& tensor) const {
  const checkpoint::TensorInfo* found = checkpoint_.find(tensor);
  if (found == nullptr) refuse("tensor " + augur::quoted(tensor) + " is not there");
  return found->shape.size();
}

void Tensors::refuse(const std::string& reason) const {
  throw Error(checkpoint_.file() + ": " + library_ + ": " + reason);
}

std::vector<int> without(const std::vector<int>& all, const std::vector<int>& others) {
  std::vector<int> rest;
  for (const int value : all) {
    if (!contains(others, value)) rest.push_back(value);
  }
  return rest;
}

std::string before(const std::string& text, std::string_view end) {
  if (text.size() < end.size() || text.compare(text.size() - end.size(), end.size(), end) != 0)
    throw std::logic_error(text + " does not end as stated");
  return text.substr(0, text.size() - end.size());
}

std::vector<std::string> unique(const std::vector<std::string>& values) {
  std::vector<std::string> once;
  for (const std::string& value : values) {
    if (!contains(once, value)) once.push_back(value);
  }
  return once;
}

}  // namespace augur::convert
