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

// "agru" or "augru" if the biases of the cell at `at` tell, else "". All of them begin with 1. AGRU
// has an update gate that nothing reads, so that its biases are never trained and stay equal.
// `evidence` gets a sentence that says so.
std::string told_attention_cell(const Tensors& tensors, const std::string& at,
                                const std::string& end, std::string* evidence);

}  // namespace augur::convert
