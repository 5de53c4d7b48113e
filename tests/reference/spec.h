// Describes a random model. The defaults make a small DIEN: two id fields, a GRU, bilinear
// attention with softmax, AUGRU, a head of three layers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "augur_generated.h"

namespace augur::reference {

struct FieldSpec {
  fb::FieldKind kind = fb::FieldKind::Id;
  std::uint32_t width = 4;  // of the table, or of the vector
  fb::OutOfTable out_of_table = fb::OutOfTable::Error;
  fb::Pooling pooling = fb::Pooling::Sum;
  bool skip_zero = false;
  bool skip_padding = false;
};

struct AttentionSpec {
  fb::AttentionKind kind = fb::AttentionKind::Bilinear;
  fb::Normalisation normalisation = fb::Normalisation::Softmax;
  float score_scale = 1.0f;
  std::uint32_t projection = 0;  // width of the projected query; 0: none
  fb::ActivationKind projection_activation = fb::ActivationKind::None;
  std::vector<std::uint32_t> units = {
      8, 4};  // Mlp: the pair layer's, and those of the hidden layers after it
  fb::ActivationKind activation = fb::ActivationKind::Prelu;  // Mlp
  bool pair_query = true;
  bool pair_key = true;
  bool pair_product = true;  // needs a query as wide as the keys
};

struct WindowSpec {
  std::uint32_t beyond = 0;  // how many events more than max_history
  fb::WindowRead reads = fb::WindowRead::All;
  fb::WindowPadding padding = fb::WindowPadding::Before;
  fb::WindowRead evolves = fb::WindowRead::All;
};

struct StackSpec {
  std::vector<FieldSpec> fields = {{fb::FieldKind::Id, 6}, {fb::FieldKind::Id, 3}};
  std::uint32_t max_history = 12;
  fb::MaskRule mask = fb::MaskRule::Length;  // else by the first field
  fb::Truncation truncation = fb::Truncation::Newest;
  std::uint32_t query_width = 0;  // 0: the candidate has fields like the stack's, from the same
                                  // tables; else one id field of this width
  std::vector<std::uint32_t> extractor = {8};  // hidden units of each layer
  fb::Reset reset = fb::Reset::AfterProduct;
  bool state_bias = true;  // d_c, with AfterProduct
  std::optional<AttentionSpec> attention = AttentionSpec{};
  fb::ResultKind result = fb::ResultKind::Evolution;
  fb::EvolutionKind evolution = fb::EvolutionKind::Augru;
  fb::AugruForm form = fb::AugruForm::Scale;
  fb::Reset evolution_reset = fb::Reset::AfterProduct;
  std::uint32_t hidden = 8;  // of the evolution
  std::uint32_t padded_length = 0;
  std::optional<WindowSpec> window;
};

struct SourceSpec {
  fb::SourceKind kind = fb::SourceKind::Result;
  std::size_t index = 0;  // which feature, candidate field or stack
  fb::Pooling pooling = fb::Pooling::Sum;
  std::uint32_t padded_length = 0;
};

struct SlotSpec {
  SourceSpec source;
  std::optional<SourceSpec> times;
};

struct ModelSpec {
  std::uint64_t seed = 1;
  std::vector<FieldSpec> features = {{fb::FieldKind::Id, 5}};
  std::vector<FieldSpec> candidate;  // fields beside those that the stacks ask for
  std::vector<StackSpec> stacks = {StackSpec{}};
  std::vector<SlotSpec> slots;  // none: all features, all candidate fields, all results
  std::vector<std::uint32_t> head = {9, 5};
  fb::ActivationKind head_activation = fb::ActivationKind::Dice;
  bool head_biases = true;
  bool calibrated = false;
  fb::OutputKind output = fb::OutputKind::Sigmoid;
};

// Everything in it on one line, for a failure's message.
std::string describe(const ModelSpec& spec);

}  // namespace augur::reference
