// Random layers with weights in an interesting range.
#pragma once

#include <cstdint>
#include <memory>

#include "augur_generated.h"
#include "reference/generator.h"
#include "reference/spec.h"

namespace augur::reference {

// Entries such that W x has about `gain` times the root mean square of x.
std::unique_ptr<fb::TensorT> random_weight(Generator& generator, std::uint32_t rows,
                                           std::uint32_t columns, double gain);
std::unique_ptr<fb::ActivationT> random_activation(Generator& generator, fb::ActivationKind kind,
                                                   std::uint32_t units);
std::unique_ptr<fb::DenseT> random_dense(Generator& generator, std::uint32_t outputs,
                                         std::uint32_t inputs, fb::ActivationKind activation,
                                         bool bias = true);
// state_bias: d_c; only with AfterProduct.
std::unique_ptr<fb::GruT> random_gru(Generator& generator, std::uint32_t gates,
                                     std::uint32_t hidden, std::uint32_t inputs, fb::Reset reset,
                                     bool state_bias);
std::unique_ptr<fb::AttentionT> random_attention(Generator& generator, const AttentionSpec& spec,
                                                 std::uint32_t query_width,
                                                 std::uint32_t key_width);

}  // namespace augur::reference
