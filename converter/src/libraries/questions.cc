// Open questions as a file; see questions.h.
#include "libraries/questions.h"

#include <algorithm>
#include <utility>

#include "libraries/told.h"

namespace augur::convert {
namespace {

const char* const kMark = "?";

const Parameter* find(const std::vector<Parameter>& parameters, const std::string& name) {
  for (const Parameter& parameter : parameters) {
    if (parameter.name == name) return &parameter;
  }
  return nullptr;
}

// What "?name" says; of a part of a list or object, what its "parts" say.
Json about(const Parameter& parameter, bool required) {
  Json about = {{"question", parameter.about}, {"type", parameter.type()}};
  if (parameter.kind == Parameter::Kind::kChoice) {
    about["choices"] = parameter.words();
    for (const Choice& choice : parameter.choices)
      about["meanings"][choice.word] = choice.about;
  }
  const Parameter& inner =
      parameter.kind == Parameter::Kind::kList ? parameter.element() : parameter;
  if (parameter.kind == Parameter::Kind::kList) about["elements"] = inner.type();
  if (inner.kind == Parameter::Kind::kObject) {
    for (const Parameter& part : inner.parts)
      about["parts"][part.name] = convert::about(part, part.required && !part.fallback);
    if (!inner.shorthand.empty())
      about["shorthand"] = "a text T stands for {\"" + inner.shorthand + "\": T}";
  }
  about["default"] = parameter.fallback ? *parameter.fallback : Json();
  about["required"] = required;
  if (!parameter.decided_by.empty()) about["needed"] = parameter.needed_where;
  about["where"] = parameter.where;
  return about;
}

}  // namespace

Questions open_questions(const Library& library, const checkpoint::Checkpoint& checkpoint,
                         const Node& given) {
  const Tensors tensors(checkpoint, library.name);
  require_recognised(library, tensors);
  const std::vector<Parameter> all = all_parameters(library);
  const Json told = told_answers(tensors);
  Questions questions;
  questions.checkpoint = checkpoint.file();
  for (const Parameter* parameter : Answers::unanswered(all, given, tensors))
    questions.required.push_back(parameter->name);
  questions.file["layout"] = library.name;
  for (const Parameter& parameter : library.parameters) {
    const std::string& name = parameter.name;
    if (const std::optional<Node> answer = given.find(name)) {
      questions.file[name] = answer->value();
      continue;
    }
    if (const auto found = told.find(name); found != told.end()) {
      // A list may be told without what no file knows: whose each column is.
      if (parameter.kind != Parameter::Kind::kList) continue;
      questions.file[name] = *found;
      questions.file[kMark + name] = about(parameter, false);
      questions.file[kMark + name]["told_by"] = told_by(tensors);
      ++questions.optional;
      continue;
    }
    const bool required = contains(questions.required, name);
    // What the file tells is not asked; what an answer decides that is not there yet may be.
    const bool may_be_needed = !parameter.decided_by.empty() && !given.has(parameter.decided_by);
    const bool is_told = parameter.needed && !required && !may_be_needed;
    if (is_told || (parameter.applies != nullptr && !parameter.applies(tensors))) continue;
    questions.file[name] = parameter.fallback ? *parameter.fallback : Json();
    questions.file[kMark + name] = about(parameter, required);
    if (!required) ++questions.optional;
  }
  for (const auto& [name, answer] : given.value().items()) {
    if (find(library.parameters, name) == nullptr) questions.file[name] = answer;
  }
  return questions;
}

Json without_questions(Json answers, const Library& library) {
  Json kept = Json::object();
  for (const auto& [key, answer] : answers.items()) {
    if (key.rfind(kMark, 0) == 0) continue;
    const Parameter* parameter = find(library.parameters, key);
    const bool was_asked = answers.contains(kMark + key);
    const bool is_untouched = answer.is_null() || (parameter != nullptr && parameter->fallback &&
                                                   answer == *parameter->fallback);
    if (!was_asked || !is_untouched) kept[key] = answer;
  }
  return kept;
}

}  // namespace augur::convert
