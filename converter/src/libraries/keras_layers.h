// The layers of a Keras model that have no weights.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "libraries/tensors.h"

namespace augur::convert {

// Those whose names match `pattern`, inputs among them; none in files that do not name them, as all
// but Keras'.
std::vector<std::string> idle_layers(const Tensors& tensors, std::string_view pattern);

// All that Keras has named after a class: "hash", "hash_1".
std::vector<std::string> idle_layers_of(const Tensors& tensors, const std::string& name);

}  // namespace augur::convert
