// The operations of a template that compute a value from values, without control flow.
#pragma once

#include <optional>
#include <string>

#include "checkpoint/checkpoint.h"
#include "description/node.h"

namespace augur::convert {

// The value of `operation` ("$size", "$equal", ...) applied to `argument`, which is expanded
// already. nullopt if there is no such operation. `node` is the place in the template, for
// messages.
std::optional<Json> apply_operation(const std::string& operation, const Json& argument,
                                    const checkpoint::Checkpoint& checkpoint, const Node& node);

}  // namespace augur::convert
