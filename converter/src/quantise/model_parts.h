// Visits the tensors and activations of a model, with the paths by which reports call them, and
// tells which version of the file format they need.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "augur_generated.h"

namespace augur::convert {

using TensorVisitor = std::function<void(const std::string& path, const fb::TensorT& tensor)>;
using TensorEditor = std::function<void(const std::string& path, fb::TensorT& tensor)>;
using ActivationVisitor =
    std::function<void(const std::string& path, const fb::ActivationT& activation)>;

// Visits all tensors in the order of computation: tables, stacks (extractor, attention, evolution),
// head. Paths look like "tables.item", "stacks.clicks.extractor.0.recurrent",
// "head.layers.1.activation.alpha".
void visit_tensors(const fb::ModelT& model, const TensorVisitor& visit);
// The same, to change them.
void edit_tensors(fb::ModelT& model, const TensorEditor& edit);
// Visits the activations in the same order; the path is that of the activation's layer.
void visit_layer_activations(const fb::ModelT& model, const ActivationVisitor& visit);

// The bytes of a tensor's data, scales and offsets.
uint64_t stored_bytes(const fb::TensorT& tensor);
// The bytes of a vocabulary's pilots and slots.
uint64_t stored_bytes(const fb::VocabularyT& vocabulary);

inline constexpr uint32_t kNewestFormat = 4;
inline constexpr uint32_t kVocabularyFormat = 4;  // of files with a vocabulary
// The lowest version of the file format that can hold the model, which is the one that a writer
// states; see docs/file-format.md.
uint32_t lowest_format(const fb::ModelT& model);

}  // namespace augur::convert
