// Activations, one plain loop each.
#include "kernels/activation.h"

#include <cmath>

#include "kernels/elementary.h"

namespace augur {
namespace {

template <typename Function>
void for_each(std::size_t units, float* y, Function function) {
  for (std::size_t unit = 0; unit < units; ++unit)
    y[unit] = function(y[unit], unit);
}

void dice_rowwise(const Activation& activation, std::size_t units, float* y) {
  // In float64: the mean of many units would else lose what the row's spread is made of.
  double sum = 0.0;
  for (std::size_t unit = 0; unit < units; ++unit)
    sum += y[unit];
  const double mean = sum / static_cast<double>(units);
  double squares = 0.0;
  for (std::size_t unit = 0; unit < units; ++unit)
    squares += (y[unit] - mean) * (y[unit] - mean);
  squares += static_cast<double>(units) * static_cast<double>(activation.epsilon);
  const double scale = 1.0 / std::sqrt(squares);
  const float alpha = activation.alpha[0];
  for_each(units, y, [=](float x, std::size_t) {
    const float p = sigmoid_f32(static_cast<float>((x - mean) * scale));
    return p * x + alpha * (1.0f - p) * x;
  });
}

void activate_row(const Activation& activation, std::size_t units, float* y) {
  const float* alpha = activation.alpha;
  const float* scale = activation.scale;
  const float* shift = activation.shift;
  switch (activation.kind) {
    case ActivationKind::kNone:
      return;
    case ActivationKind::kRelu:
      return for_each(units, y, [](float x, std::size_t) { return x > 0.0f ? x : 0.0f; });
    case ActivationKind::kPrelu:
      return for_each(units, y,
                      [=](float x, std::size_t unit) { return x > 0.0f ? x : alpha[unit] * x; });
    case ActivationKind::kDice:
      return for_each(units, y, [=](float x, std::size_t unit) {
        const float p = sigmoid_f32(scale[unit] * x + shift[unit]);
        return p * x + alpha[unit] * (1.0f - p) * x;
      });
    case ActivationKind::kDiceRowwise:
      return dice_rowwise(activation, units, y);
    case ActivationKind::kSigmoid:
      return for_each(units, y, [](float x, std::size_t) { return sigmoid_f32(x); });
    case ActivationKind::kTanh:
      return for_each(units, y, [](float x, std::size_t) { return tanh_f32(x); });
  }
}

}  // namespace

void activate(const Activation& activation, const float* addend, std::size_t rows,
              std::size_t units, std::size_t stride, float* y) {
  for (std::size_t row = 0; row < rows; ++row, y += stride) {
    if (addend != nullptr) {
      for (std::size_t unit = 0; unit < units; ++unit)
        y[unit] += addend[unit];
    }
    activate_row(activation, units, y);
  }
}

}  // namespace augur
