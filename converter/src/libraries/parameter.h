// The questions that a library's checkpoints leave open, as each library declares them:
//
//     ask::choice("gru_type", "DIEN's gru_type", {{"GRU", "a second GRU"}, {"AUGRU", "..."}})
//         .found_in("DIEN(..., gru_type=)")
//     ask::list("features", "the other features", ask::object("", "a feature", {
//         ask::text("name", "its name"),
//         ask::boolean("pooled", "whether it has several ids").with_default(false),
//     }).with_shorthand("name"))
//
// The same declarations check the answers, say what is missing (--ask), and print --explain-layout.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "description/node.h"

namespace augur::convert {

class Answers;
class Tensors;

// One word of a choice. `spellings` are other words for it, such as the library's own ("ReLU"); an
// answer may also write any of them in other letter case.
struct Choice {
  std::string word;
  std::string about;
  std::vector<std::string> spellings = {};
};

struct Parameter {
  enum class Kind { kText, kInteger, kNumber, kBoolean, kChoice, kList, kObject };
  // Whether this checkpoint, with the answers to the parameters declared before, needs an answer.
  using Needed = std::function<bool(const Tensors&, const Answers&)>;

  Kind kind = Kind::kText;
  std::string name;  // "" for the element of a list
  std::string about;
  std::vector<Choice> choices = {};
  std::vector<Parameter> parts = {};  // the element of a list; the keys of an object
  std::string shorthand = {};         // the key that a bare text gives; "[]": a list of it
  std::optional<Json> fallback = {};  // the answer where none is given
  bool required = true;
  Needed needed = {};  // where it is required in some checkpoints only
  std::string needed_where = {};
  std::string decided_by = {};  // the parameter before it whose answer `needed` depends on
  // Where it may be answered at all; empty: in every checkpoint.
  bool (*applies)(const Tensors&) = nullptr;
  // A word that only tells which elements of a list belong together; any other word does as well.
  bool is_label = false;
  // Where to look for the answer: "DIEN(..., gru_type=)", "model_config.yaml: gru_type". Of a part:
  // "" where its parameter's is enough.
  std::string where = {};

  Parameter with_default(Json value) &&;
  Parameter not_required() &&;
  Parameter with_shorthand(std::string key) &&;
  // Required only where `when` holds, which `words` say: "where the attention is an MLP".
  Parameter needed_if(Needed when, std::string words) &&;
  // Its need depends on the answer to an earlier parameter, so that it is asked along with that.
  Parameter decided_with(std::string earlier) &&;
  // Only in checkpoints for which `does` holds anything depends on it.
  Parameter only_if(bool (*does)(const Tensors&)) &&;
  Parameter as_label() &&;
  // In the library's constructor, configuration or files.
  Parameter found_in(std::string place) &&;

  const Parameter& element() const { return parts.front(); }
  std::vector<std::string> words() const;  // of the choices
  std::string type() const;                // "whole number", "list", ...
};

namespace ask {

Parameter text(std::string name, std::string about);
Parameter integer(std::string name, std::string about);
Parameter number(std::string name, std::string about);
Parameter boolean(std::string name, std::string about);
Parameter choice(std::string name, std::string about, std::vector<Choice> choices);
Parameter list(std::string name, std::string about, Parameter element);
Parameter object(std::string name, std::string about, std::vector<Parameter> keys);

// All of the groups, in their order.
std::vector<Parameter> together(std::vector<std::vector<Parameter>> groups);

// What most libraries ask.
Parameter max_history(std::string about, std::string where);
Parameter out_of_table();
// "of": user or candidate.
Parameter whose(std::string about);
Parameter stack();

}  // namespace ask

// The answer's value in the parameter's kind, with the defaults of what an object leaves out and
// the choices in their first spelling. Throws Error, which names the place, if it is of another
// kind.
Json read_answer(const Parameter& parameter, const Node& answer);

// For --explain-layout: "max_history (whole number, required): ...", one text a line.
std::vector<std::string> explain(const std::vector<Parameter>& parameters);

}  // namespace augur::convert
