// The questions that a layout asks of its user; see parameters.h.
#include "layout/parameters.h"

#include "text/text.h"

namespace augur::convert {
namespace {

enum class Kind { kText, kInteger, kNumber, kBoolean, kChoice, kList, kObject };

Kind kind_of(const Node& parameter) {
  return parameter.at("kind").choice<Kind>({{"text", Kind::kText},
                                            {"integer", Kind::kInteger},
                                            {"number", Kind::kNumber},
                                            {"boolean", Kind::kBoolean},
                                            {"choice", Kind::kChoice},
                                            {"list", Kind::kList},
                                            {"object", Kind::kObject}});
}

std::vector<std::string> keys_of(const Node& object) {
  std::vector<std::string> keys;
  for (const auto& [key, unused] : object.value().items())
    keys.push_back(key);
  return keys;
}

Json read_value(const Node& parameter, const Node& answer);

Json read_object(const Node& parameter, const Node& answer) {
  const Node keys = parameter.at("keys");
  const std::optional<Node> shorthand = parameter.find("shorthand");
  const bool bare = shorthand && answer.is_text();  // "x" for {"name": "x"}
  if (!bare) answer.allow_keys("this answer", keys_of(keys));
  Json object = Json::object();
  for (const std::string& key : keys_of(keys)) {
    const Node part = keys.at(key);
    std::optional<Node> given;
    if (!bare) {
      given = answer.find(key);
    } else if (key == shorthand->text()) {
      given = answer;
    }
    if (given) {
      object[key] = read_value(part, *given);
    } else if (const std::optional<Node> fallback = part.find("default")) {
      object[key] = read_value(part, *fallback);
    } else if (!part.has("optional")) {
      answer.fail("the key \"" + key + "\" is missing: " + part.at("about").text());
    }
  }
  return object;
}

Json read_value(const Node& parameter, const Node& answer) {
  switch (kind_of(parameter)) {
    case Kind::kText:
      return answer.name();
    case Kind::kInteger:
      return answer.integer(INT32_MIN, INT32_MAX);
    case Kind::kNumber:
      answer.number();
      return answer.value();
    case Kind::kBoolean:
      return answer.boolean();
    case Kind::kChoice: {
      const std::string word = answer.text();
      const Node choices = parameter.at("choices");
      if (choices.has(word)) return word;
      answer.fail(augur::quoted(word) + " is not one of " + join(keys_of(choices)) +
                  did_you_mean(word, keys_of(choices)));
    }
    case Kind::kList: {
      Json list = Json::array();
      for (const Node& item : answer.items())
        list.push_back(read_value(parameter.at("of"), item));
      return list;
    }
    case Kind::kObject:
      return read_object(parameter, answer);
  }
  return nullptr;
}

void check_parameter(const Node& parameter) {
  parameter.allow_keys("a layout's parameter", {"kind", "about", "choices", "of", "keys",
                                                "shorthand", "default", "optional"});
  parameter.at("about").name();
  switch (kind_of(parameter)) {
    case Kind::kChoice: {
      const Node choices = parameter.at("choices");
      for (const std::string& key : keys_of(choices))
        choices.at(key).text();
      break;
    }
    case Kind::kList:
      check_parameter(parameter.at("of"));
      break;
    case Kind::kObject: {
      const Node keys = parameter.at("keys");
      for (const std::string& key : keys_of(keys))
        check_parameter(keys.at(key));
      if (const auto shorthand = parameter.find("shorthand")) keys.at(shorthand->name());
      break;
    }
    default:
      break;
  }
}

// `indent` stands before every line; a parameter inside another one is indented further.
void explain(const std::string& indent, const std::string& name, const Node& parameter,
             std::vector<std::string>& lines) {
  static const char* const kWords[] = {"text",   "whole number", "number", "true or false",
                                       "choice", "list",         "object"};
  std::string line = indent + name + " (" + kWords[static_cast<int>(kind_of(parameter))];
  if (const auto fallback = parameter.find("default")) {
    line += ", default " + fallback->value().dump();
  } else {
    line += parameter.has("optional") ? ", optional" : ", required";
  }
  lines.push_back(line + "): " + parameter.at("about").text());
  const std::string deeper = indent + "    ";
  if (const auto choices = parameter.find("choices")) {
    for (const std::string& key : keys_of(*choices))
      lines.push_back(deeper + key + ": " + choices->at(key).text());
  }
  const Node* inner = &parameter;
  std::optional<Node> of = parameter.find("of");
  if (of) inner = &*of;
  if (const auto shorthand = inner->find("shorthand")) {
    lines.push_back(deeper + "a text T stands for {\"" + shorthand->name() + "\": T}");
  }
  if (const auto keys = inner->find("keys")) {
    for (const std::string& key : keys_of(*keys))
      explain(deeper, key, keys->at(key), lines);
  }
}

// All that is missing at once, as a file that is ready to be filled in: null is no valid answer.
[[noreturn]] void fail_unanswered(const Node& answers, const std::vector<std::string>& missing,
                                  const Node& parameters) {
  std::string message = "the layout needs ";
  for (const std::string& key : missing)
    message += (key == missing.front() ? "\"" : ", \"") + key + "\"";
  message +=
      "; replace each null of this JSON and give it with --model FILE, or answer with --set "
      "KEY=VALUE:\n{\n";
  for (const auto& [key, value] : answers.value().items())
    message += "  " + Json(key).dump() + ": " + value.dump() + ",\n";
  for (const std::string& key : missing) {
    const Node parameter = parameters.at(key);
    message += "  " + Json(key).dump() + (key == missing.back() ? ": null   // " : ": null,  // ") +
               parameter.at("about").text();
    if (const auto choices = parameter.find("choices"))
      message += " (one of " + join(keys_of(*choices)) + ")";
    message += "\n";
  }
  answers.fail(message + "}");
}

}  // namespace

Scope read_answers(const Node& parameters, const Node& answers) {
  const std::vector<std::string> known = keys_of(parameters);
  answers.allow_keys("the layout's answers", known);
  Scope scope;
  std::vector<std::string> missing;
  for (const std::string& key : known) {
    const Node parameter = parameters.at(key);
    if (const std::optional<Node> given = answers.find(key)) {
      scope[key] = read_value(parameter, *given);
    } else if (const std::optional<Node> fallback = parameter.find("default")) {
      scope[key] = read_value(parameter, *fallback);
    } else if (!parameter.has("optional")) {
      missing.push_back(key);
    }
  }
  if (!missing.empty()) fail_unanswered(answers, missing, parameters);
  return scope;
}

void check_parameters(const Node& parameters) {
  for (const std::string& key : keys_of(parameters))
    check_parameter(parameters.at(key));
}

std::vector<std::string> explain_parameters(const Node& parameters) {
  std::vector<std::string> lines;
  for (const std::string& key : keys_of(parameters))
    explain("", key, parameters.at(key), lines);
  return lines;
}

}  // namespace augur::convert
