// The keys of tables that are given on the command line, added to a description.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "description/node.h"

namespace augur::convert {

struct GivenKeys {
  using Assignments = std::vector<std::pair<std::string, std::string>>;
  Assignments vocabularies;  // --vocabulary: table -> FILE or FILE#MEMBER
  Assignments keys;          // --keys: table -> "integer" or "string"
  Assignments shared;        // --vocabulary-of: table -> the table whose vocabulary it shares
};

// Adds them to the description's tables. Keys without a stated type are strings, or integers if a
// JSON file has numbers. Paths are relative to the working folder; in the description they become
// relative to `folder`, the description's, unless that is empty. If the description is a layout's,
// its "with_vocabulary" (libraries/library.h) takes effect and is removed. Throws Error if there is
// no such table or something is given twice.
void add_keys(Json& description, const GivenKeys& given, const std::string& folder,
              bool is_layouts);

}  // namespace augur::convert
