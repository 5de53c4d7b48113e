// The file's own answers beside the user's; see told.h.
#include "libraries/told.h"

#include <algorithm>
#include <optional>
#include <vector>

namespace augur::convert {
namespace {

using Kind = Parameter::Kind;

[[noreturn]] void fail_difference(const Node& stated, const Json& found, const Json& told,
                                  const std::string& evidence) {
  stated.fail(found.dump() + " was stated, but the checkpoint tells " + told.dump() + ": " +
              evidence);
}

// A bare text stands for an object with one key.
Json agreed_object(const Parameter& parameter, const Node& stated, const Json& told,
                   const std::string& evidence) {
  Json merged = told;
  const bool is_bare = !parameter.shorthand.empty() && stated.is_text();
  if (!is_bare && !stated.is_object()) return stated.value();  // refused where it is read
  if (!is_bare) {
    for (const auto& [key, value] : stated.value().items())
      merged[key] = value;
  }
  for (const Parameter& part : parameter.parts) {
    std::optional<Node> given;
    if (!is_bare) {
      given = stated.find(part.name);
    } else if (part.name == parameter.shorthand) {
      given = stated;
    }
    if (!given) continue;
    const auto found = told.find(part.name);
    merged[part.name] = found == told.end() || part.is_label
                            ? given->value()
                            : agreed_answer(part, *given, *found, evidence);
  }
  return merged;
}

// What each element has under a label: what is stated for it, or what no statement means.
std::vector<std::string> labels_of(const Parameter& label, const std::vector<Json>& elements,
                                   const Json& told) {
  std::vector<std::string> labels;
  for (size_t i = 0; i < elements.size(); ++i) {
    const Json& element = elements[i];
    const auto given = element.is_object() ? element.find(label.name) : element.end();
    if (element.is_object() && given != element.end()) {
      labels.push_back(given->is_string() ? given->get<std::string>() : given->dump());
    } else if (label.fallback) {
      labels.push_back(label.fallback->get<std::string>());
    } else {
      labels.push_back(told[i].value("name", std::to_string(i)));
    }
  }
  return labels;
}

// The user's labels take the place of the file's, if they put the same elements together.
void take_labels(const Parameter& label, const Node& stated, const std::vector<Node>& items,
                 const Json& told, const std::string& evidence, Json& merged) {
  std::vector<Json> mine, theirs;
  bool is_stated = false;
  for (size_t i = 0; i < items.size(); ++i) {
    mine.push_back(items[i].value());
    theirs.push_back(told[i]);
    is_stated = is_stated || (items[i].is_object() && items[i].has(label.name));
  }
  if (!is_stated) return;
  const std::vector<std::string> a = labels_of(label, mine, told);
  const std::vector<std::string> b = labels_of(label, theirs, told);
  for (size_t i = 0; i < a.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if ((a[i] == a[j]) != (b[i] == b[j]))
        fail_difference(stated, stated.value(), told, "other " + label.name + ": " + evidence);
    }
    if (merged[i].is_object() && !(mine[i].is_object() && mine[i].contains(label.name)))
      merged[i].erase(label.name);
  }
}

Json agreed_list(const Parameter& parameter, const Node& stated, const Json& told,
                 const std::string& evidence) {
  const bool is_bare = !parameter.shorthand.empty() && stated.is_text();
  const std::vector<Node> items = is_bare ? std::vector<Node>{stated} : stated.items();
  if (items.size() != told.size()) fail_difference(stated, stated.value(), told, evidence);
  Json merged = Json::array();
  for (size_t i = 0; i < items.size(); ++i)
    merged.push_back(agreed_answer(parameter.element(), items[i], told[i], evidence));
  for (const Parameter& part : parameter.element().parts) {
    const bool are_objects = std::all_of(told.begin(), told.end(),
                                         [](const Json& element) { return element.is_object(); });
    if (part.is_label && are_objects) take_labels(part, stated, items, told, evidence, merged);
  }
  return merged;
}

}  // namespace

Json told_answers(const Tensors& tensors) {
  const checkpoint::FileNotes& notes = tensors.checkpoint().notes();
  if (notes.layout != tensors.library() || notes.answers.empty()) return Json::object();
  return parse_json(notes.answers, told_by(tensors));
}

std::string told_by(const Tensors& tensors) {
  const std::string& by = tensors.checkpoint().notes().told_by;
  return by.empty() ? tensors.checkpoint().file() + " itself" : by;
}

Json agreed_answer(const Parameter& parameter, const Node& stated, const Json& told,
                   const std::string& evidence) {
  if (parameter.kind == Kind::kObject && told.is_object())
    return agreed_object(parameter, stated, told, evidence);
  if (parameter.kind == Kind::kList && told.is_array())
    return agreed_list(parameter, stated, told, evidence);
  Json mine = read_answer(parameter, stated);
  const Json theirs = read_answer(parameter, Node(told, evidence));
  if (mine != theirs) fail_difference(stated, mine, theirs, evidence);
  return mine;
}

}  // namespace augur::convert
