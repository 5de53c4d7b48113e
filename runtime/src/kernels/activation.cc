// Activations in plain code, and the call of the chosen kernel.
#include "kernels/activation.h"

#include <cmath>

#include "common/build_choices.h"
#include "kernels/elementary.h"
#include "kernels/kernel_set.h"

namespace augur {
namespace {

constexpr float kSiluTerms[] = {1.0f};
constexpr float kGeluTanhTerms[] = {0.0713548163f, 1.59576912f};
constexpr float kGeluTerms[] = {3.6112322e-9f, -2.6689278e-7f, 7.938218e-6f, -0.000110480316f,
                                -6.626e-5f,    0.07266857f,    1.5957685f};

float gated(const Gate& gate, float x) {
  const float cut = elementary::clamp(x, -kGateLimit, kGateLimit);
  float p = gate.terms[0];
  for (std::size_t i = 1; i < gate.count; ++i)
    p = p * (cut * cut) + gate.terms[i];
  return x * sigmoid_f32(x * p);
}

}  // namespace

const Gate kSiluGate = {kSiluTerms, 1};
const Gate kGeluTanhGate = {kGeluTanhTerms, 2};
const Gate kGeluGate = {kGeluTerms, 7};

float activate_unit(const Activation& activation, std::size_t unit, float x) {
  switch (activation.kind) {
    case ActivationKind::kNone:
    case ActivationKind::kDiceRowwise:
      break;
    case ActivationKind::kRelu:
      return x > 0.0f ? x : 0.0f;
    case ActivationKind::kPrelu:
      return x > 0.0f ? x : activation.alpha[unit] * x;
    case ActivationKind::kDice: {
      const float p = sigmoid_f32(activation.scale[unit] * x + activation.shift[unit]);
      return p * x + activation.alpha[unit] * (1.0f - p) * x;
    }
    case ActivationKind::kSigmoid:
      return sigmoid_f32(x);
    case ActivationKind::kTanh:
      return tanh_f32(x);
    case ActivationKind::kElu:
      return x > 0.0f ? x : activation.alpha[unit] * (exp_f32(x) - 1.0f);
    case ActivationKind::kGated:
      return gated(activation.gate, x);
  }
  return x;
}

void dice_rowwise(const Activation& activation, std::size_t units, std::size_t stride, float* y) {
  // In float64: in f32, the rounding error of a mean over many units could be as large as the row's
  // variance.
  double sum = 0.0;
  for (std::size_t unit = 0; unit < units; ++unit)
    sum += y[unit * stride];
  const double mean = sum / static_cast<double>(units);
  double squares = 0.0;
  for (std::size_t unit = 0; unit < units; ++unit)
    squares += (y[unit * stride] - mean) * (y[unit * stride] - mean);
  squares += static_cast<double>(units) * static_cast<double>(activation.epsilon);
  const double scale = 1.0 / std::sqrt(squares);
  const float alpha = activation.alpha[0];
  for (std::size_t unit = 0; unit < units; ++unit) {
    const float x = y[unit * stride];
    const float p = sigmoid_f32(static_cast<float>((x - mean) * scale));
    y[unit * stride] = p * x + alpha * (1.0f - p) * x;
  }
}

void activate(const Activation& activation, const float* addend, std::size_t rows,
              std::size_t units, std::size_t stride, float* y) {
  if (!build::kDiceRowwise || activation.kind != ActivationKind::kDiceRowwise) {
    kernels().activate({&activation, addend, rows, units, stride, y});
    return;
  }
  for (std::size_t row = 0; row < rows; ++row, y += stride) {
    for (std::size_t unit = 0; addend != nullptr && unit < units; ++unit)
      y[unit] += addend[unit];
    dice_rowwise(activation, units, 1, y);
  }
}

}  // namespace augur
