// Reads an "activation" of a description.
#pragma once

#include <memory>

#include "assemble/context.h"

namespace augur::convert {

// nullptr for "none". `units` is the layer's width; a single alpha is expanded to it.
std::unique_ptr<fb::ActivationT> read_activation(const Node& node, size_t units, Context& context);

}  // namespace augur::convert
