// Goes through all tensors of a model, or its activations, giving each the path by which reports
// call it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "augur_generated.h"

namespace augur::convert {

using TensorVisitor = std::function<void(const std::string& path, const fb::TensorT& tensor)>;
using TensorEditor = std::function<void(const std::string& path, fb::TensorT& tensor)>;

// In the order of the data's way: tables, stacks (extractor, attention, evolution), head. Paths
// look like "tables.item", "stacks.clicks.extractor.0.recurrent", "head.layers.1.activation.alpha".
void visit_tensors(const fb::ModelT& model, const TensorVisitor& visit);
// The same, to change them.
void edit_tensors(fb::ModelT& model, const TensorEditor& edit);

// The activations, in the same order; each path is that of its layer.
using ActivationVisitor =
    std::function<void(const std::string& path, const fb::ActivationT& activation)>;
void visit_layer_activations(const fb::ModelT& model, const ActivationVisitor& visit);

// Data, scales and offsets.
uint64_t stored_bytes(const fb::TensorT& tensor);

}  // namespace augur::convert
