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
  // [units], readable for whole vectors; kDiceRowwise: [1]
  const float* alpha = nullptr;
  const float* scale = nullptr;  // [units], kDice
  const float* shift = nullptr;  // [units], kDice
  float epsilon = 0.0f;          // kDiceRowwise
};

// One call of a kernel: y[row] = activation(y[row] + addend), in place.
struct ActivationCall {
  const Activation* activation = nullptr;
  const float* addend = nullptr;  // [units] or nullptr
  std::size_t rows = 0;
  std::size_t units = 0;
  std::size_t stride = 0;
  float* y = nullptr;
};

// y[row] = activation(y[row] + addend), in place, by the best kernel. addend [units] or nullptr.
// Formulas: schema/augur.fbs.
void activate(const Activation& activation, const float* addend, std::size_t rows,
              std::size_t units, std::size_t stride, float* y);

// In plain code: one unit's activation (not kDiceRowwise), and kDiceRowwise over units that are
// `stride` apart.
float activate_unit(const Activation& activation, std::size_t unit, float x);
void dice_rowwise(const Activation& activation, std::size_t units, std::size_t stride, float* y);

}  // namespace augur
