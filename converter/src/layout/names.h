// The operations of a template on tensors' names; see names.cc.
#pragma once

#include <optional>
#include <string>

#include "checkpoint/checkpoint.h"
#include "description/node.h"

namespace augur::convert {

// Like apply_operation() (operations.h), for $names, $exists_for_training, $before and $matches.
std::optional<Json> apply_name_operation(const std::string& operation, const Json& argument,
                                         const checkpoint::Checkpoint& checkpoint,
                                         const Node& node);

}  // namespace augur::convert
