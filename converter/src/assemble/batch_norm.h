// Reads the statistics of a BatchNorm, as a layer of its own or inside a Dice.
#pragma once

#include "assemble/context.h"
#include "normalise/dense.h"

namespace augur::convert {

// The keys mean, variance, gamma, beta (null: none) and epsilon of `node`, all of them required.
// Throws Error unless variance + epsilon > 0 in every unit. Warns if the statistics look untrained.
BatchNorm read_batch_norm(const Node& node, size_t units, Context& context);

}  // namespace augur::convert
