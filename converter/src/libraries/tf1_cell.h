// TensorFlow 1's GRUCell and the cells made after it by the DIEN authors, which DeepCTR took over.
#pragma once

#include <string>

#include "description/node.h"
#include "libraries/tensors.h"

namespace augur::convert {

// The GRUCell at `at` ("gru1/gru_cell/"), whose tensors' names end with `end`: kernels [inputs,
// outputs] over [x; h], columns r, u; one bias; reset before the product; u the share of the old
// state.
Json tf1_gru(const Tensors& tensors, const std::string& at, const std::string& end = "");

// The second cell of "aigru", "agru" (QAAttGRUCell) or "augru" (VecAttGRUCell) at `at`.
Json tf1_evolution(const Tensors& tensors, const std::string& kind, const std::string& at,
                   const std::string& end = "");

}  // namespace augur::convert
