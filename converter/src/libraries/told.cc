// The file's own answers beside the user's; see told.h.
#include "libraries/told.h"

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
    merged[part.name] =
        found == told.end() ? given->value() : agreed_answer(part, *given, *found, evidence);
  }
  return merged;
}

Json agreed_list(const Parameter& parameter, const Node& stated, const Json& told,
                 const std::string& evidence) {
  const bool is_bare = !parameter.shorthand.empty() && stated.is_text();
  const std::vector<Node> items = is_bare ? std::vector<Node>{stated} : stated.items();
  if (items.size() != told.size()) fail_difference(stated, stated.value(), told, evidence);
  Json merged = Json::array();
  for (size_t i = 0; i < items.size(); ++i)
    merged.push_back(agreed_answer(parameter.element(), items[i], told[i], evidence));
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
  const Json mine = read_answer(parameter, stated);
  const Json theirs = read_answer(parameter, Node(told, evidence));
  if (mine != theirs) fail_difference(stated, mine, theirs, evidence);
  return mine;
}

}  // namespace augur::convert
