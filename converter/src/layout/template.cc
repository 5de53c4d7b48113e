// Expands a template; see template.h.
#include "layout/template.h"

#include <algorithm>

#include "error.h"
#include "layout/operations.h"
#include "text/text.h"

namespace augur::convert {
namespace {

constexpr int kDeepest = 200;  // fragments may use fragments; this ends a circle of them

// The object's key that begins with "$", or "" for a plain object.
std::string operation_of(const Node& node) {
  std::string operation;
  for (const auto& [key, unused] : node.value().items()) {
    if (key.empty() || key[0] != '$') continue;
    if (!operation.empty()) node.fail("has both " + operation + " and " + key);
    operation = key;
  }
  return operation;
}

std::vector<std::string> variable_names(const Scope& scope) {
  std::vector<std::string> names;
  for (const auto& [name, unused] : scope)
    names.push_back(name);
  return names;
}

// How a value looks inside a text.
std::string text_of(const Node& node, const Json& value, const std::string& path) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number() || value.is_boolean()) return value.dump();
  node.fail("${" + path + "} is no text or number, so it cannot stand inside a text");
}

}  // namespace

// Follows "a.b.c" through the scope; nullptr if a step is not there.
const Json* Template::follow(const std::string& path, const Scope& scope) const {
  used_.insert(path.substr(0, path.find('.')));
  const Json* value = nullptr;
  size_t begin = 0;
  while (begin <= path.size()) {
    const size_t dot = std::min(path.find('.', begin), path.size());
    const std::string step = path.substr(begin, dot - begin);
    if (value == nullptr) {
      const auto found = scope.find(step);
      if (found == scope.end()) return nullptr;
      value = &found->second;
    } else {
      if (!value->is_object() || !value->contains(step)) return nullptr;
      value = &(*value)[step];
    }
    begin = dot + 1;
  }
  return value;
}

Json Template::look_up(const Node& node, const std::string& path, const Scope& scope) const {
  const Json* value = follow(path, scope);
  if (value == nullptr) {
    node.fail("there is no ${" + path + "}" + did_you_mean(path, variable_names(scope)));
  }
  return *value;
}

Json Template::expand_text(const Node& node, const Scope& scope) const {
  const std::string text = node.text();
  std::string result;
  size_t at = 0;
  while (true) {
    const size_t begin = text.find("${", at);
    if (begin == std::string::npos) return result + text.substr(at);
    const size_t end = text.find('}', begin);
    if (end == std::string::npos) node.fail("\"${\" is not closed");
    const std::string path = text.substr(begin + 2, end - begin - 2);
    Json value = look_up(node, path, scope);
    if (begin == 0 && end + 1 == text.size()) return value;
    result += text.substr(at, begin - at) + text_of(node, value, path);
    at = end + 1;
  }
}

Json Template::expand_list(const Node& node, const Scope& scope) const {
  Json list = Json::array();
  for (const Node& item : node.items()) {
    std::optional<Json> value = expand_place(item, scope);
    if (!value) continue;
    // A loop in a list is spliced into it.
    if (item.is_object() && item.has("$for")) {
      list.insert(list.end(), value->begin(), value->end());
    } else {
      list.push_back(std::move(*value));
    }
  }
  return list;
}

Json Template::expand_for(const Node& node, const Scope& scope) const {
  node.allow_keys("a loop", {"$for", "in", "do"});
  const std::string variable = node.at("$for").name();
  const Json values = expand(node.at("in"), scope);
  if (!values.is_array()) node.at("in").fail("expected a list, found " + values.dump());
  Json list = Json::array();
  Scope inner = scope;
  for (const Json& value : values) {
    inner[variable] = value;
    std::optional<Json> item = expand_place(node.at("do"), inner);
    if (item) list.push_back(std::move(*item));
  }
  return list;
}

Json Template::expand_use(const Node& node, const Scope& scope) const {
  node.allow_keys("the use of a fragment", {"$use", "with"});
  const std::string name = node.at("$use").name();
  const std::optional<Node> fragment = fragments_ ? fragments_->find(name) : std::nullopt;
  if (!fragment) node.fail("there is no fragment " + augur::quoted(name));
  Scope inner = scope;
  if (const std::optional<Node> with = node.find("with")) {
    for (const auto& [key, unused] : with->value().items()) {
      inner[key] = expand(with->at(key), scope);
    }
  }
  return expand(*fragment, inner);
}

std::optional<Json> Template::expand_control(const Node& node, const std::string& operation,
                                             const Scope& scope) const {
  if (operation == "$if") {
    node.allow_keys("a condition", {"$if", "then", "else"});
    if (holds(node.at("$if"), scope)) return expand_place(node.at("then"), scope);
    const std::optional<Node> otherwise = node.find("else");
    return otherwise ? expand_place(*otherwise, scope) : std::nullopt;
  }
  // "$switch"
  node.allow_keys("a switch", {"$switch", "cases", "default"});
  const std::string value = text_of(node, expand(node.at("$switch"), scope), "$switch");
  const std::optional<Node> chosen = node.at("cases").find(value);
  if (chosen) return expand_place(*chosen, scope);
  const std::optional<Node> otherwise = node.find("default");
  if (otherwise) return expand_place(*otherwise, scope);
  node.fail(augur::quoted(value) + " is none of its cases");
}

std::optional<Json> Template::expand_operation(const Node& node, const std::string& operation,
                                               const Scope& scope) const {
  if (operation == "$if" || operation == "$switch") return expand_control(node, operation, scope);
  if (operation == "$for") return expand_for(node, scope);
  if (operation == "$use") return expand_use(node, scope);
  node.allow_keys("the operation " + operation, {operation});
  const Node argument = node.at(operation);
  if (operation == "$has") return Json(follow(argument.name(), scope) != nullptr);
  if (operation == "$refuse") {
    throw Error(checkpoint_.file() + ": " + expand_text(argument, scope).get<std::string>());
  }
  // One after the other: later conditions may rely on what earlier ones made sure of.
  if (operation == "$all" || operation == "$any") {
    for (const Node& item : argument.items()) {
      if (holds(item, scope) != (operation == "$all")) return Json(operation == "$any");
    }
    return Json(operation == "$all");
  }
  std::optional<Json> value =
      apply_operation(operation, expand(argument, scope), checkpoint_, argument);
  if (!value) node.fail("there is no operation " + operation);
  return value;
}

std::optional<Json> Template::expand_place(const Node& node, const Scope& scope) const {
  struct Level {
    int& depth;
    explicit Level(int& current) : depth(current) { ++depth; }
    ~Level() { --depth; }
  } const level(depth_);
  if (depth_ > kDeepest) node.fail("fragments use each other in a circle");

  if (node.is_text()) return expand_text(node, scope);
  if (node.is_list()) return expand_list(node, scope);
  if (!node.is_object()) return node.value();
  const std::string operation = operation_of(node);
  if (!operation.empty()) return expand_operation(node, operation, scope);
  Json object = Json::object();
  for (const auto& [key, unused] : node.value().items()) {
    std::optional<Json> value = expand_place(node.at(key), scope);
    if (value) object[key] = std::move(*value);
  }
  return object;
}

Json Template::expand(const Node& node, const Scope& scope) const {
  std::optional<Json> value = expand_place(node, scope);
  if (!value) node.fail("a value is needed here, but its condition leaves it out");
  return std::move(*value);
}

bool Template::holds(const Node& condition, const Scope& scope) const {
  const Json value = expand(condition, scope);
  if (!value.is_boolean()) condition.fail("expected a condition, found " + value.dump());
  return value.get<bool>();
}

}  // namespace augur::convert
