// The operations of a template that compute a value from values; see operations.h.
#include "layout/operations.h"

#include <algorithm>
#include <set>

#include "description/pattern.h"
#include "error.h"
#include "layout/names.h"
#include "text/text.h"

namespace augur::convert {
namespace {

struct Call {
  const Json& argument;
  const checkpoint::Checkpoint& checkpoint;
  const Node& node;

  std::string text() const {
    if (!argument.is_string()) node.fail("expected a text, found " + argument.dump());
    return argument.get<std::string>();
  }
  const Json& list(size_t least) const {
    if (!argument.is_array() || argument.size() < least) {
      node.fail("expected a list of at least " + std::to_string(least) + ", found " +
                argument.dump());
    }
    return argument;
  }
  int64_t integer(const Json& value) const {
    if (!value.is_number_integer()) node.fail("expected a whole number, found " + value.dump());
    return value.get<int64_t>();
  }
  bool boolean(const Json& value) const {
    if (!value.is_boolean()) node.fail("expected true or false, found " + value.dump());
    return value.get<bool>();
  }
};

// Tensors of training alone are never what a layout looks for.
std::vector<std::string> matching(const Call& call) {
  const std::string pattern = call.text();
  std::vector<std::string> names;
  for (const checkpoint::TensorInfo& tensor : call.checkpoint.tensors()) {
    if (!checkpoint::is_training_only(tensor.name) && matches(pattern, tensor.name)) {
      names.push_back(tensor.name);
    }
  }
  return names;
}

Json find_one(const Call& call) {
  const std::vector<std::string> names = matching(call);
  if (names.size() == 1) return names[0];
  if (names.empty()) {
    call.node.fail("no tensor of " + call.checkpoint.file() + " matches " +
                   augur::quoted(call.text()));
  }
  call.node.fail("several tensors match " + augur::quoted(call.text()) + ": " +
                 join(names, ", ", true) + "; which one is meant cannot be told");
}

// What stands before `suffix` in the only tensor that ends with it: "module." or "dien/fcn/".
Json prefix_of(const Call& call) {
  const std::string suffix = call.text();
  std::vector<std::string> prefixes;
  for (const checkpoint::TensorInfo& tensor : call.checkpoint.tensors()) {
    const std::string& name = tensor.name;
    if (checkpoint::is_training_only(name) || name.size() < suffix.size()) continue;
    const size_t before = name.size() - suffix.size();
    if (name.compare(before, suffix.size(), suffix) == 0)
      prefixes.push_back(name.substr(0, before));
  }
  if (prefixes.size() == 1) return prefixes[0];
  call.node.fail(prefixes.empty() ? "no tensor of " + call.checkpoint.file() + " ends with " +
                                        augur::quoted(suffix)
                                  : "several tensors end with " + augur::quoted(suffix));
}

Json indices(const Call& call) {
  const std::string pattern = call.text();
  if (std::count(pattern.begin(), pattern.end(), '#') != 1) {
    call.node.fail("a pattern for indices has one #");
  }
  std::set<int> found;
  for (const std::string& name : matching(call))
    found.insert((*match_numbers(pattern, name))[0]);
  Json list = Json::array();
  for (const int index : found)
    list.push_back(index);
  return list;
}

const checkpoint::TensorInfo& tensor_of(const Call& call, const std::string& name) {
  const checkpoint::TensorInfo* tensor = call.checkpoint.find(name);
  if (tensor == nullptr) {
    call.node.fail("tensor " + augur::quoted(name) + " is not in " + call.checkpoint.file());
  }
  return *tensor;
}

Json size_of(const Call& call) {
  const Json& list = call.list(2);
  if (list.size() != 2 || !list[0].is_string()) call.node.fail("expected [tensor, axis]");
  const std::string name = list[0].get<std::string>();
  const checkpoint::TensorInfo& tensor = tensor_of(call, name);
  const int64_t axis = call.integer(list[1]);
  if (axis < 0 || axis >= static_cast<int64_t>(tensor.shape.size())) {
    call.node.fail("tensor " + augur::quoted(name) + " has " + std::to_string(tensor.shape.size()) +
                   " axes, so none is number " + std::to_string(axis));
  }
  return tensor.shape[static_cast<size_t>(axis)];
}

Json arithmetic(const Call& call, char operation) {
  const Json& list = call.list(2);
  int64_t result = call.integer(list[0]);
  for (size_t i = 1; i < list.size(); ++i) {
    const int64_t value = call.integer(list[i]);
    bool overflow = false;
    switch (operation) {
      case '+':
        overflow = __builtin_add_overflow(result, value, &result);
        break;
      case '-':
        overflow = __builtin_sub_overflow(result, value, &result);
        break;
      case '*':
        overflow = __builtin_mul_overflow(result, value, &result);
        break;
      default:
        if (value == 0 || result % value != 0) {
          call.node.fail(std::to_string(result) + " is not a multiple of " + std::to_string(value));
        }
        result /= value;
        break;
    }
    if (overflow) call.node.fail("the numbers are too large");
  }
  return result;
}

Json is_in(const Call& call) {
  const Json& list = call.list(2);
  if (!list[1].is_array()) call.node.fail("expected [value, list]");
  return std::find(list[1].begin(), list[1].end(), list[0]) != list[1].end();
}

Json end_of(const Call& call, bool last) {
  const Json& list = call.list(1);
  return last ? list.back() : list.front();
}

// The list without the values that stand in the second one.
Json without(const Call& call) {
  const Json& list = call.list(2);
  if (list.size() != 2 || !list[0].is_array() || !list[1].is_array()) {
    call.node.fail("expected two lists");
  }
  Json result = Json::array();
  for (const Json& value : list[0]) {
    if (std::find(list[1].begin(), list[1].end(), value) == list[1].end()) result.push_back(value);
  }
  return result;
}

// Every value once, where it stands first.
Json unique(const Call& call) {
  Json result = Json::array();
  for (const Json& value : call.list(0)) {
    if (std::find(result.begin(), result.end(), value) == result.end()) result.push_back(value);
  }
  return result;
}

// {"a": [1, 2], "b": [3, 4, 5]} to [{"index": 0, "a": 1, "b": 3}, {"index": 1, "a": 2, "b": 4}].
Json zip(const Call& call) {
  if (!call.argument.is_object() || call.argument.empty()) {
    call.node.fail("expected an object of lists");
  }
  size_t count = SIZE_MAX;
  for (const auto& [key, list] : call.argument.items()) {
    if (!list.is_array()) call.node.fail("expected a list for \"" + key + "\"");
    count = std::min(count, list.size());
  }
  Json result = Json::array();
  for (size_t i = 0; i < count; ++i) {
    Json item = {{"index", i}};
    for (const auto& [key, list] : call.argument.items())
      item[key] = list[i];
    result.push_back(std::move(item));
  }
  return result;
}

// Where parts begin and end that stand one after the other: [[{"rows": 3}, {"rows": 2}], "rows"] to
// [{"rows": 3, "first": 0, "end": 3}, {"rows": 2, "first": 3, "end": 5}].
Json spans(const Call& call) {
  const Json& list = call.list(2);
  if (list.size() != 2 || !list[0].is_array() || !list[1].is_string()) {
    call.node.fail("expected [list of objects, key]");
  }
  const std::string key = list[1].get<std::string>();
  Json result = Json::array();
  int64_t end = 0;
  for (const Json& part : list[0]) {
    if (!part.is_object() || !part.contains(key)) {
      call.node.fail("expected objects with \"" + key + "\", found " + part.dump());
    }
    Json item = part;
    item["first"] = end;
    if (__builtin_add_overflow(end, call.integer(part[key]), &end)) {
      call.node.fail("the numbers are too large");
    }
    item["end"] = end;
    result.push_back(std::move(item));
  }
  return result;
}

// [list, index]
Json element(const Call& call) {
  const Json& list = call.list(2);
  if (list.size() != 2 || !list[0].is_array()) call.node.fail("expected [list, index]");
  const int64_t index = call.integer(list[1]);
  if (index < 0 || static_cast<uint64_t>(index) >= list[0].size()) {
    call.node.fail("element " + std::to_string(index) + " is wanted, but the list has " +
                   std::to_string(list[0].size()) + ": " + list[0].dump());
  }
  return list[0][static_cast<size_t>(index)];
}

Json concat(const Call& call) {
  Json result = Json::array();
  for (const Json& part : call.list(0)) {
    if (!part.is_array()) call.node.fail("expected lists, found " + part.dump());
    result.insert(result.end(), part.begin(), part.end());
  }
  return result;
}

Json merge(const Call& call) {
  Json result = Json::object();
  for (const Json& part : call.list(0)) {
    if (!part.is_object()) call.node.fail("expected objects, found " + part.dump());
    for (const auto& [key, value] : part.items())
      result[key] = value;
  }
  return result;
}

}  // namespace

std::optional<Json> apply_operation(const std::string& operation, const Json& argument,
                                    const checkpoint::Checkpoint& checkpoint, const Node& node) {
  const Call call{argument, checkpoint, node};
  if (operation == "$exists") return Json(!matching(call).empty());
  if (operation == "$find") return find_one(call);
  if (operation == "$prefix") return prefix_of(call);
  if (operation == "$indices") return indices(call);
  if (operation == "$size") return size_of(call);
  if (operation == "$rank") return Json(tensor_of(call, call.text()).shape.size());
  if (operation == "$equal") {
    const Json& list = call.list(2);
    return Json(list.size() == 2 && list[0] == list[1]);
  }
  if (operation == "$not") return Json(!call.boolean(argument));
  if (operation == "$in") return is_in(call);
  if (operation == "$add") return arithmetic(call, '+');
  if (operation == "$subtract") return arithmetic(call, '-');
  if (operation == "$multiply") return arithmetic(call, '*');
  if (operation == "$divide") return arithmetic(call, '/');
  if (operation == "$count") return Json(call.list(0).size());
  if (operation == "$first") return end_of(call, false);
  if (operation == "$last") return end_of(call, true);
  if (operation == "$at") return element(call);
  if (operation == "$concat") return concat(call);
  if (operation == "$without") return without(call);
  if (operation == "$unique") return unique(call);
  if (operation == "$zip") return zip(call);
  if (operation == "$spans") return spans(call);
  if (operation == "$merge") return merge(call);
  return apply_name_operation(operation, argument, checkpoint, node);
}

}  // namespace augur::convert
