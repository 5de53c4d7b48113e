// Which format a model needs; see format.h.
#include "model/format.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "model/visit.h"

namespace augur::convert {
namespace {

// What schema/augur.fbs marks as format 3.

bool is_newer(const fb::EmbeddingTableT& table) {
  return table.out_of_table == fb::OutOfTable::PaddingId;
}

bool is_newer(const fb::FieldT& field) {
  return field.pooling == fb::Pooling::Max || field.skip_padding;
}

bool is_newer(const fb::ActivationT& activation) {
  return activation.kind >= fb::ActivationKind::Gelu;
}

bool is_newer(const fb::StackT& stack);

template <typename T>
bool any_newer(const std::vector<std::unique_ptr<T>>& parts) {
  return std::any_of(parts.begin(), parts.end(),
                     [](const std::unique_ptr<T>& part) { return is_newer(*part); });
}

bool is_newer(const fb::StackT& stack) {
  return any_newer(stack.fields) || stack.mask == fb::MaskRule::NotPadding ||
         stack.truncation != fb::Truncation::Newest || stack.window != nullptr;
}

bool needs_format_3(const fb::ModelT& model) {
  bool newer = model.output != fb::OutputKind::Sigmoid || any_newer(model.tables) ||
               any_newer(model.features) || any_newer(model.candidate) || any_newer(model.stacks);
  visit_layer_activations(model, [&](const std::string&, const fb::ActivationT& activation) {
    newer |= is_newer(activation);
  });
  return newer;
}

bool needs_format_2(const fb::ModelT& model) {
  bool newer = std::any_of(model.tables.begin(), model.tables.end(),
                           [](const auto& table) { return table->external; });
  visit_tensors(model, [&](const std::string&, const fb::TensorT& tensor) {
    newer |= tensor.type != fb::TensorType::F32;
  });
  return newer;
}

}  // namespace

uint32_t lowest_format(const fb::ModelT& model) {
  if (needs_format_3(model)) return 3;
  return needs_format_2(model) ? 2 : 1;
}

}  // namespace augur::convert
