// Declared questions; see parameter.h.
#include "libraries/parameter.h"

#include <algorithm>
#include <utility>

#include "error.h"
#include "text/text.h"

namespace augur::convert {
namespace {

using Kind = Parameter::Kind;

Parameter make(Kind kind, std::string name, std::string about) {
  Parameter parameter;
  parameter.kind = kind;
  parameter.name = std::move(name);
  parameter.about = std::move(about);
  return parameter;
}

std::vector<std::string> names_of(const std::vector<Parameter>& parameters) {
  std::vector<std::string> names;
  for (const Parameter& parameter : parameters)
    names.push_back(parameter.name);
  return names;
}

bool same_letters(const std::string& a, const std::string& b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&lower](char x, char y) { return lower(x) == lower(y); });
}

std::string read_choice(const Parameter& parameter, const Node& answer) {
  std::string word = answer.text();
  for (const Choice& choice : parameter.choices) {
    if (choice.word == word) return word;
  }
  for (const Choice& choice : parameter.choices) {
    if (same_letters(choice.word, word)) return choice.word;
    for (const std::string& spelling : choice.spellings) {
      if (same_letters(spelling, word)) return choice.word;
    }
  }
  answer.fail(augur::quoted(word) + " is not one of " + join(parameter.words()) +
              did_you_mean(word, parameter.words()));
}

Json read_object(const Parameter& parameter, const Node& answer) {
  const bool bare = !parameter.shorthand.empty() && answer.is_text();
  if (!bare) answer.allow_keys("this answer", names_of(parameter.parts));
  Json object = Json::object();
  for (const Parameter& part : parameter.parts) {
    std::optional<Node> given;
    if (!bare) {
      given = answer.find(part.name);
    } else if (part.name == parameter.shorthand) {
      given = answer;
    }
    if (given) {
      object[part.name] = read_answer(part, *given);
    } else if (part.fallback) {
      object[part.name] = read_answer(part, Node(*part.fallback, "the default of " + part.name));
    } else if (part.required) {
      answer.fail("the key \"" + part.name + "\" is missing: " + part.about);
    }
  }
  return object;
}

// `indent` stands before every line; a parameter inside another one is indented further.
void explain(const std::string& indent, const Parameter& parameter,
             std::vector<std::string>& lines) {
  std::string line = indent + parameter.name + " (" + parameter.type();
  if (parameter.fallback) {
    line += ", default " + parameter.fallback->dump();
  } else if (!parameter.needed_where.empty()) {
    line += ", required " + parameter.needed_where;
  } else {
    line += parameter.required ? ", required" : ", optional";
  }
  lines.push_back(line + "): " + parameter.about);
  const std::string deeper = indent + "    ";
  if (!parameter.where.empty()) lines.push_back(deeper + "where: " + parameter.where);
  for (const Choice& choice : parameter.choices)
    lines.push_back(deeper + choice.word + ": " + choice.about);
  if (parameter.kind == Kind::kList && !parameter.shorthand.empty())
    lines.push_back(deeper + "a text T stands for [T]");
  const Parameter& inner = parameter.kind == Kind::kList ? parameter.element() : parameter;
  if (inner.kind == Kind::kObject && !inner.shorthand.empty())
    lines.push_back(deeper + "a text T stands for {\"" + inner.shorthand + "\": T}");
  if (inner.kind != Kind::kObject) return;
  for (const Parameter& part : inner.parts)
    explain(deeper, part, lines);
}

}  // namespace

Parameter Parameter::with_default(Json value) && {
  fallback = std::move(value);
  return std::move(*this);
}

Parameter Parameter::not_required() && {
  required = false;
  return std::move(*this);
}

Parameter Parameter::with_shorthand(std::string key) && {
  shorthand = std::move(key);
  return std::move(*this);
}

Parameter Parameter::needed_if(Needed when, std::string words) && {
  required = false;
  needed = std::move(when);
  needed_where = std::move(words);
  return std::move(*this);
}

Parameter Parameter::decided_with(std::string earlier) && {
  decided_by = std::move(earlier);
  return std::move(*this);
}

Parameter Parameter::only_if(bool (*does)(const Tensors&)) && {
  applies = does;
  return std::move(*this);
}

Parameter Parameter::as_label() && {
  is_label = true;
  return std::move(*this);
}

Parameter Parameter::found_in(std::string place) && {
  where = std::move(place);
  return std::move(*this);
}

std::vector<std::string> Parameter::words() const {
  std::vector<std::string> words;
  for (const Choice& choice : choices)
    words.push_back(choice.word);
  return words;
}

std::string Parameter::type() const {
  static const char* const kWords[] = {"text",   "whole number", "number", "true or false",
                                       "choice", "list",         "object"};
  return kWords[static_cast<int>(kind)];
}

namespace ask {

Parameter text(std::string name, std::string about) {
  return make(Kind::kText, std::move(name), std::move(about));
}

Parameter integer(std::string name, std::string about) {
  return make(Kind::kInteger, std::move(name), std::move(about));
}

Parameter number(std::string name, std::string about) {
  return make(Kind::kNumber, std::move(name), std::move(about));
}

Parameter boolean(std::string name, std::string about) {
  return make(Kind::kBoolean, std::move(name), std::move(about));
}

Parameter choice(std::string name, std::string about, std::vector<Choice> choices) {
  Parameter parameter = make(Kind::kChoice, std::move(name), std::move(about));
  parameter.choices = std::move(choices);
  return parameter;
}

Parameter list(std::string name, std::string about, Parameter element) {
  Parameter parameter = make(Kind::kList, std::move(name), std::move(about));
  parameter.parts.push_back(std::move(element));
  return parameter;
}

Parameter object(std::string name, std::string about, std::vector<Parameter> keys) {
  Parameter parameter = make(Kind::kObject, std::move(name), std::move(about));
  parameter.parts = std::move(keys);
  return parameter;
}

std::vector<Parameter> together(std::vector<std::vector<Parameter>> groups) {
  std::vector<Parameter> all;
  for (std::vector<Parameter>& group : groups) {
    for (Parameter& parameter : group)
      all.push_back(std::move(parameter));
  }
  return all;
}

Parameter whose(std::string about) {
  return choice("of", std::move(about),
                {{"user", "the same for all candidates"}, {"candidate", "each candidate's own"}})
      .found_in("your data: whether it differs between the candidates of one user")
      .with_default("user");
}

Parameter max_history(std::string about, std::string where) {
  return integer("max_history", std::move(about)).found_in(std::move(where));
}

Parameter out_of_table() {
  return choice("out_of_table", "what becomes of an id that its table does not have",
                {{"error", "the request is refused"},
                 {"padding_id",
                  "it is the padding id: masks, sums and means treat it as they treat padding",
                  {"padding_row"}}})
      .found_in("your choice: the libraries fail on such an id, or read beyond the table")
      .with_default("error");
}

Parameter stack() {
  return text("stack", "the behaviour sequence's name")
      .found_in("your choice: requests name the history so")
      .with_default("history");
}

}  // namespace ask

Json read_answer(const Parameter& parameter, const Node& answer) {
  switch (parameter.kind) {
    case Kind::kText:
      return answer.name();
    case Kind::kInteger:
      return answer.integer(INT32_MIN, INT32_MAX);
    case Kind::kNumber:
      answer.number();
      return answer.value();
    case Kind::kBoolean:
      return answer.boolean();
    case Kind::kChoice:
      return read_choice(parameter, answer);
    case Kind::kList: {
      Json list = Json::array();
      if (!parameter.shorthand.empty() && answer.is_text()) {
        list.push_back(read_answer(parameter.element(), answer));
        return list;
      }
      for (const Node& item : answer.items())
        list.push_back(read_answer(parameter.element(), item));
      return list;
    }
    case Kind::kObject:
      return read_object(parameter, answer);
  }
  return nullptr;
}

std::vector<std::string> explain(const std::vector<Parameter>& parameters) {
  std::vector<std::string> lines;
  for (const Parameter& parameter : parameters)
    explain("", parameter, lines);
  return lines;
}

}  // namespace augur::convert
