// A layer's activation over rows of units, fused with the addition of a row that all share.
#pragma once

#include <cstddef>
#include <cstdint>

namespace augur {

enum class ActivationKind : std::uint8_t {
  kNone,
  kRelu,
  kPrelu,
  kDice,
  kDiceRowwise,
  kSigmoid,
  kTanh
};

struct Activation {
  ActivationKind kind = ActivationKind::kNone;
  const float* alpha = nullptr;  // [units]; kDiceRowwise: [1]
  const float* scale = nullptr;  // [units], kDice
  const float* shift = nullptr;  // [units], kDice
  float epsilon = 0.0f;          // kDiceRowwise
};

// y[row] = activation(y[row] + addend), in place. addend [units] or nullptr. Formulas:
// schema/augur.fbs.
void activate(const Activation& activation, const float* addend, std::size_t rows,
              std::size_t units, std::size_t stride, float* y);

}  // namespace augur
