// The questions that a layout asks of its user, and the answers' checking.
#pragma once

#include <string>
#include <vector>

#include "description/node.h"
#include "layout/template.h"

namespace augur::convert {

// Checks `answers` (the file given with --model next to --layout, and --set) against `parameters`,
// the object of a layout. Gives the variables they make: every answer, and the default of every
// parameter that has one and was not answered. Throws Error for an unknown, missing or wrong
// answer.
Scope read_answers(const Node& parameters, const Node& answers);

// Throws Error unless `parameters` is well-formed: each is {"kind", "about"} and, by kind,
// "choices", "of", "keys" and "shorthand" (the key that a bare text gives); and "default" or
// "optional".
void check_parameters(const Node& parameters);

// For --explain-layout: "max_history (whole number, required): ...", one text a parameter.
std::vector<std::string> explain_parameters(const Node& parameters);

}  // namespace augur::convert
