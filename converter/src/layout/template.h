// Expands a template: JSON in which some objects stand for a value that depends on the checkpoint
// and on the user's answers. docs/layouts.md is the language's manual; in short:
//
//     "${H}"  "dnn.${n}.weight"  "${field.table}"           a variable, alone or inside a text
//     {"$if": c, "then": v, "else": v}                      without else: leaves its place out
//     {"$switch": v, "cases": {"a": v, ...}, "default": v}
//     {"$for": "n", "in": list, "do": v}                    in a list: one element each
//     {"$use": "fragment", "with": {"n": v}}                a named fragment of the template
//     {"$exists": pattern} {"$find": pattern} {"$prefix": suffix} {"$indices": "dnn.#.weight"}
//     {"$names": pattern}                                   all that match: "dice", "dice_1", ...
//     {"$exists_for_training": pattern}                     among the tensors that nothing else
//     sees
//     {"$before": [text, its end]} {"$matches": [pattern, text]}
//     {"$size": [tensor, axis]} {"$rank": tensor}
//     $equal $not $all $any $in $has  $add $subtract $multiply $divide
//     $count $first $last $at $concat $without $unique $zip $spans  $merge
//     {"$refuse": "reason"}                                 fails, when it is come to
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "checkpoint/checkpoint.h"
#include "description/node.h"

namespace augur::convert {

using Scope = std::map<std::string, Json>;

class Template {
 public:
  // `fragments` is an object of named templates, or null. All must outlive the template.
  Template(const checkpoint::Checkpoint& checkpoint, std::optional<Node> fragments)
      : checkpoint_(checkpoint), fragments_(std::move(fragments)) {}

  // Throws Error, with the place in the template, when something in it cannot be had.
  Json expand(const Node& node, const Scope& scope) const;

  // The same for a template that gives true or false.
  bool holds(const Node& condition, const Scope& scope) const;

  // Whether anything that was expanded has looked at the variable.
  bool has_used(const std::string& variable) const { return used_.count(variable) > 0; }

 private:
  // nullopt: the place is left out.
  std::optional<Json> expand_place(const Node& node, const Scope& scope) const;
  std::optional<Json> expand_operation(const Node& node, const std::string& operation,
                                       const Scope& scope) const;
  std::optional<Json> expand_control(const Node& node, const std::string& operation,
                                     const Scope& scope) const;
  Json expand_for(const Node& node, const Scope& scope) const;
  Json expand_use(const Node& node, const Scope& scope) const;
  Json expand_list(const Node& node, const Scope& scope) const;
  Json expand_text(const Node& node, const Scope& scope) const;
  Json look_up(const Node& node, const std::string& path, const Scope& scope) const;
  const Json* follow(const std::string& path, const Scope& scope) const;

  const checkpoint::Checkpoint& checkpoint_;
  std::optional<Node> fragments_;
  mutable int depth_ = 0;
  mutable std::set<std::string> used_;
};

}  // namespace augur::convert
