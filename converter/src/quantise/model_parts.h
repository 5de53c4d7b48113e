// Visits the tensors and activations of a model, with the paths by which reports call them, and
// tells which version of the file format they need.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "augur_generated.h"

namespace augur::convert {

// Goes through all tensors of a model, or its activations, giving each the path by which reports
// call it.

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

// The number of the file format that a model needs.

inline constexpr uint32_t kNewestFormat = 3;

// The lowest format that holds the model, which is what a writer states; see docs/file-format.md.
uint32_t lowest_format(const fb::ModelT& model);

}  // namespace augur::convert
