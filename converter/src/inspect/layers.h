// Summaries of a model's layers.
#pragma once

#include <vector>

#include "augur_generated.h"
#include "inspect/summary.h"

namespace augur::convert {

TensorSummary summarise_tensor(const std::string& part, const fb::TensorT& tensor);

// The stack's extractor layers, attention and evolution, in the order of the data's way.
std::vector<LayerSummary> summarise_layers(const fb::StackT& stack);

// "dense 1", "dense 2", ...
std::vector<LayerSummary> summarise_layers(const std::vector<std::unique_ptr<fb::DenseT>>& layers,
                                           const std::string& name);

}  // namespace augur::convert
