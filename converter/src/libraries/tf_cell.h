// What checkpoints of TensorFlow 1's RNN cells have in common.
#pragma once

#include <string>

#include "description/node.h"
#include "libraries/tensors.h"

namespace augur::convert {

// GRUCell at `at` ("dien/gru1/"): variables gates/* and candidate/*, whose rows are those of the
// input and then those of the state. Columns r, u; reset before the product; one bias. `ends` is
// what every name ends with (":0" in HDF5).
Json tf_cell(const Tensors& tensors, const std::string& at, const std::string& ends);

// The same as a GRU: u is the share of the old state.
Json tf_gru(const Tensors& tensors, const std::string& at, const std::string& ends);

}  // namespace augur::convert
