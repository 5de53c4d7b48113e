// Checked answers; see answers.h.
#include "libraries/answers.h"

#include <stdexcept>

#include "error.h"
#include "libraries/told.h"
#include "text/text.h"

namespace augur::convert {

Answers::Answers(const std::vector<Parameter>& parameters, const Node& given,
                 const Tensors& tensors)
    : Answers(given) {
  const std::vector<const Parameter*> missing = read(parameters, tensors);
  if (!missing.empty()) fail_unanswered(missing);
}

std::vector<const Parameter*> Answers::unanswered(const std::vector<Parameter>& parameters,
                                                  const Node& given, const Tensors& tensors) {
  return Answers(given).read(parameters, tensors);
}

std::vector<const Parameter*> Answers::read(const std::vector<Parameter>& parameters,
                                            const Tensors& tensors) {
  told_ = told_answers(tensors);
  std::vector<std::string> known;
  for (const Parameter& parameter : parameters)
    known.push_back(parameter.name);
  given_.allow_keys("the layout's answers", known);
  std::vector<const Parameter*> missing;
  for (const Parameter& parameter : parameters) {
    const auto told = told_.find(parameter.name);
    if (const std::optional<Node> answer = given_.find(parameter.name)) {
      values_[parameter.name] = told == told_.end()
                                    ? read_answer(parameter, *answer)
                                    : agreed(parameter, *answer, *told, told_by(tensors));
    } else if (told != told_.end()) {
      values_[parameter.name] = read_answer(parameter, Node(*told, told_by(tensors)));
    } else if (parameter.fallback) {
      values_[parameter.name] =
          read_answer(parameter, Node(*parameter.fallback, "the default of " + parameter.name));
    } else if (parameter.required || (parameter.needed && parameter.needed(tensors, *this))) {
      missing.push_back(&parameter);
    }
  }
  used_.clear();  // by needed()
  return missing;
}

Json Answers::agreed(const Parameter& parameter, const Node& stated, const Json& told,
                     const std::string& evidence) {
  const Json both = agreed_answer(parameter, stated, told, evidence);
  return read_answer(parameter, Node(both, stated.where()));
}

bool Answers::has(const std::string& name) const {
  used_.insert(name);
  return values_.count(name) > 0;
}

bool Answers::is_stated(const std::string& name) const {
  used_.insert(name);
  return given_.has(name);
}

const Json& Answers::at(const std::string& name) const {
  used_.insert(name);
  const auto found = values_.find(name);
  if (found == values_.end()) throw std::logic_error("no answer to " + name);
  return found->second;
}

std::vector<std::string> Answers::texts(const std::string& name) const {
  return at(name).get<std::vector<std::string>>();
}

std::string Answers::text_or(const std::string& name, const std::string& otherwise) const {
  return has(name) ? text(name) : otherwise;
}

void Answers::check_agreement(const std::string& name, const Json& found,
                              const std::string& evidence) const {
  if (is_stated(name) && at(name) != found) {
    given_.at(name).fail(at(name).dump() + " was stated, but the checkpoint tells " + found.dump() +
                         ": " + evidence);
  }
}

std::string Answers::agree(const std::string& name, const std::string& found,
                           const std::string& evidence) const {
  check_agreement(name, found, evidence);
  return found;
}

bool Answers::agree_flag(const std::string& name, bool found, const std::string& evidence) const {
  check_agreement(name, found, evidence);
  return found;
}

void Answers::agree_order(const std::string& name, const std::string& what,
                          const std::vector<std::string>& stated,
                          const std::vector<std::string>& found, bool is_proof,
                          const std::string& reason) const {
  if (stated == found) return;
  const std::string both = what + " as stated are " + join(stated, ", ", true) +
                           ", but in the file their order is " + join(found, ", ", true);
  if (is_proof) fail(name, both + ", and " + reason);
  warn(name + ": " + both + ". " + reason + "; compare with the library's scores (--expect)");
}

void Answers::fail(const std::string& name, const std::string& message) const {
  if (const std::optional<Node> answer = given_.find(name)) answer->fail(message);
  given_.fail(name + ": " + message);
}

void Answers::refuse_idle() const {
  for (const auto& [key, unused] : given_.value().items()) {
    if (used_.count(key) == 0) {
      given_.at(key).fail(
          "nothing in this checkpoint depends on this answer, so it is not the one that was meant; "
          "leave it out");
    }
  }
}

// A null is no valid answer, so what was not filled in is refused by its place.
void Answers::fail_unanswered(const std::vector<const Parameter*>& missing) const {
  std::string message = "the layout needs ";
  for (const Parameter* parameter : missing)
    message += (parameter == missing.front() ? "\"" : ", \"") + parameter->name + "\"";
  message +=
      "; answer with --set KEY=VALUE, or let --ask FILE write all open questions into a file, with "
      "their choices, defaults and where to look, replace its nulls and give it with --model "
      "FILE:\n{\n";
  for (const auto& [key, value] : given_.value().items())
    message += "  " + Json(key).dump() + ": " + value.dump() + ",\n";
  for (const Parameter* parameter : missing) {
    message += "  " + Json(parameter->name).dump() +
               (parameter == missing.back() ? ": null   // " : ": null,  // ") + parameter->about;
    if (!parameter->choices.empty()) message += " (one of " + join(parameter->words()) + ")";
    message += "\n";
  }
  given_.fail(message + "}");
}

}  // namespace augur::convert
