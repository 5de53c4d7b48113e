// The operations of a template on tensors' names: lists of them in counting order, and their parts.
#include "layout/names.h"

#include <algorithm>

#include "description/pattern.h"
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

// Whether `a` comes before `b` as people count: "dice", "dice_1", "dice_2", "dice_10".
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

std::string text_of(const Json& value, const Node& node) {
  if (!value.is_string()) node.fail("expected a text, found " + value.dump());
  return value.get<std::string>();
}

std::vector<std::string> matching(const std::string& pattern,
                                  const checkpoint::Checkpoint& checkpoint, bool training_only) {
  std::vector<std::string> names;
  for (const checkpoint::TensorInfo& tensor : checkpoint.tensors()) {
    if (checkpoint::is_training_only(tensor.name) == training_only &&
        matches(pattern, tensor.name)) {
      names.push_back(tensor.name);
    }
  }
  return names;
}

// The two texts of [first, second].
std::pair<std::string, std::string> two_texts(const Json& argument, const char* what,
                                              const Node& node) {
  if (!argument.is_array() || argument.size() != 2) {
    node.fail(std::string("expected ") + what + ", found " + argument.dump());
  }
  return {text_of(argument[0], node), text_of(argument[1], node)};
}

// [text, its end]: the text without its end.
Json before(const Json& argument, const Node& node) {
  const auto [text, end] = two_texts(argument, "[text, its end]", node);
  if (text.size() < end.size() || text.compare(text.size() - end.size(), end.size(), end) != 0) {
    node.fail(augur::quoted(text) + " does not end with " + augur::quoted(end));
  }
  return text.substr(0, text.size() - end.size());
}

}  // namespace

std::optional<Json> apply_name_operation(const std::string& operation, const Json& argument,
                                         const checkpoint::Checkpoint& checkpoint,
                                         const Node& node) {
  if (operation == "$names") {
    std::vector<std::string> names = matching(text_of(argument, node), checkpoint, false);
    std::sort(names.begin(), names.end(), counts_before);
    return Json(names);
  }
  // That the auxiliary loss's network is there tells something of the model.
  if (operation == "$exists_for_training") {
    return Json(!matching(text_of(argument, node), checkpoint, true).empty());
  }
  if (operation == "$before") return before(argument, node);
  if (operation == "$matches") {
    const auto [pattern, name] = two_texts(argument, "[pattern, text]", node);
    return Json(matches(pattern, name));
  }
  return std::nullopt;
}

}  // namespace augur::convert
