// What DeepCTR and DeepCTR-Torch have in common: groups of columns, and questions about both.
#pragma once

#include <string>
#include <vector>

#include "libraries/answers.h"
#include "libraries/parameter.h"
#include "libraries/tensors.h"

namespace augur::convert::deepctr {

constexpr const char* kDefaultGroup = "default_group";

// As embedding_lookup does: the columns of a group side by side, the groups in the order in which
// they first occur. A Column has a member `group`.
template <typename Column>
std::vector<Column> grouped(const std::vector<Column>& columns) {
  std::vector<std::string> groups;
  for (const Column& column : columns)
    groups.push_back(column.group);
  std::vector<Column> ordered;
  for (const std::string& group : unique(groups)) {
    for (const Column& column : columns) {
      if (column.group == group) ordered.push_back(column);
    }
  }
  return ordered;
}

Parameter group_name();
Parameter task();
Parameter truncation();

// "identity" or "sigmoid", by the answer to task().
std::string output_kind(const Answers& answers);

// Puts the answer to truncation() into a stack.
void set_truncation(Json& stack, const Answers& answers);

// Of a DIN, whose softmax weighs the padding where there is nothing else.
void warn_of_empty_histories(const Answers& answers);

}  // namespace augur::convert::deepctr
