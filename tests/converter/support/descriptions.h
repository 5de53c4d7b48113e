// Helpers of tests around descriptions: making, changing, assembling, and what Error said.
#pragma once

#include <functional>
#include <string>

#include "assemble/model.h"
#include "converter/support/tensor_set.h"
#include "description/node.h"

namespace augur::convert::testing {

// A small model that uses much of the family: two tables shared by history and candidate, a user
// feature, GRU, bilinear attention, AUGRU, a pooled slot, Dice and PReLU. Sizes: item 3, category
// 2, user 4, H 4.
Json small_description();
TensorSet small_tensors();

// The description with the value at a JSON pointer ("/stacks/0/max_history") replaced or added.
Json with(Json description, const std::string& pointer, const Json& value);
// The description without the key or element at the pointer.
Json without(Json description, const std::string& pointer);

Assembled assemble(const Json& description, const TensorSet& tensors);

// The message of the Error that `action` throws; "" if it throws none.
std::string error_of(const std::function<void()>& action);
std::string assembly_error(const Json& description, const TensorSet& tensors);

// Whether `text` holds every one of `parts`.
bool has(const std::string& text, const std::vector<std::string>& parts);

// A tensor's values.
std::vector<float> floats(const fb::TensorT& tensor);

}  // namespace augur::convert::testing
