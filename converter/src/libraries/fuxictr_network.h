// FuxiCTR's layers: MLPs, attentions and cells, as parts of a description.
#pragma once

#include <string>
#include <vector>

#include "libraries/library.h"

namespace augur::convert::fuxictr_model {

// AGRU and AUGRU have cells; GRU is a torch.nn.GRU.
bool has_cells(const Tensors& tensors);

// "AGRU" or "AUGRU" if the cells' biases tell, else "". The library sets biases to 0 before
// training and its AGRU does not read those of the update gate, which stay 0; in an AUGRU the two
// of them get the same gradients and stay equal.
std::string told_cell(const Tensors& tensors);

// Of stack n: a DIEN's over the extractor's states, a DIN's over the events.
Json attention(const Tensors& tensors, const Answers& answers, int n);

// The evolution of stack n: GRU, AGRU or AUGRU.
Json evolution(const std::string& gru_type, int n);

Json head_layers(const Tensors& tensors, const Answers& answers);

// The questions about activations.
std::vector<Parameter> activation_parameters();

}  // namespace augur::convert::fuxictr_model
