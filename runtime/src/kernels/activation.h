// A layer's activation over rows of units, fused with the addition of one row that all rows share.
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
  kTanh,
  kElu,
  kGated
};

// kGated computes x σ(x P(x²)). P is the polynomial with these coefficients, the highest power
// first; x² is limited to kGateLimit². P = 1 gives SiLU. GELU's tanh form has exactly this shape.
// GELU itself has it within 1e-7, as Φ(x) = σ(x P(x²)) with P = ln(Φ / (1 - Φ)) / x, minimax for
// |x| <= 5.5 in the error of x Φ(x).
struct Gate {
  const float* terms = nullptr;
  std::size_t count = 0;
};
inline constexpr float kGateLimit = 5.5f;
// Not inline: GCC gives inline constants a binding (GNU_UNIQUE) that objcopy cannot make local.
extern const Gate kSiluGate;
extern const Gate kGeluTanhGate;
extern const Gate kGeluGate;

struct Activation {
  ActivationKind kind = ActivationKind::kNone;
  // [units], readable for whole vectors; kPrelu, kDice, kElu; kDiceRowwise: [1]
  const float* alpha = nullptr;
  const float* scale = nullptr;  // [units], kDice
  const float* shift = nullptr;  // [units], kDice
  float epsilon = 0.0f;          // kDiceRowwise
  Gate gate = {};                // kGated
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
