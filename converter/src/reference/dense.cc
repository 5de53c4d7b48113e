// Activations and dense layers.
#include "reference/dense.h"

#include <cmath>
#include <stdexcept>

namespace augur::reference {

Activation::Activation(const fb::ActivationT* activation) {
  if (activation == nullptr) return;
  kind_ = activation->kind;
  alpha_ = vector(activation->alpha.get());
  scale_ = vector(activation->scale.get());
  shift_ = vector(activation->shift.get());
  epsilon_ = activation->epsilon;
}

Vector Activation::operator()(const Vector& x) const {
  if (kind_ == fb::ActivationKind::DiceRowwise) return dice_rowwise(x);
  Vector y(x.size());
  for (std::size_t k = 0; k < x.size(); ++k)
    y[k] = unit(x[k], k);
  return y;
}

double Activation::unit(double x, std::size_t k) const {
  switch (kind_) {
    case fb::ActivationKind::None:
      return x;
    case fb::ActivationKind::Relu:
      return x > 0.0 ? x : 0.0;
    case fb::ActivationKind::Prelu:
      return x > 0.0 ? x : alpha_.at(k) * x;
    case fb::ActivationKind::Dice: {
      const double p = sigmoid(scale_.at(k) * x + shift_.at(k));
      return p * x + alpha_.at(k) * (1.0 - p) * x;
    }
    case fb::ActivationKind::Sigmoid:
      return sigmoid(x);
    case fb::ActivationKind::Tanh:
      return std::tanh(x);
    case fb::ActivationKind::Gelu:
      return 0.5 * x * (1.0 + std::erf(x / std::sqrt(2.0)));
    case fb::ActivationKind::GeluTanh:
      return 0.5 * x * (1.0 + std::tanh(std::sqrt(2.0 / M_PI) * (x + 0.044715 * x * x * x)));
    case fb::ActivationKind::Elu:
      return x > 0.0 ? x : (alpha_.empty() ? 1.0 : alpha_.at(k)) * std::expm1(x);
    case fb::ActivationKind::Silu:
      return x * sigmoid(x);
    case fb::ActivationKind::DiceRowwise:
      break;
  }
  throw std::invalid_argument("unknown activation");
}

Vector Activation::dice_rowwise(const Vector& x) const {
  double mean = 0.0;
  for (const double unit_value : x)
    mean += unit_value / static_cast<double>(x.size());
  double spread = 0.0;
  for (const double unit_value : x)
    spread += (unit_value - mean) * (unit_value - mean) + epsilon_;
  Vector y(x.size());
  for (std::size_t k = 0; k < x.size(); ++k) {
    const double p = sigmoid((x[k] - mean) / std::sqrt(spread));
    y[k] = p * x[k] + alpha_.at(0) * (1.0 - p) * x[k];
  }
  return y;
}

Dense::Dense(const fb::DenseT& dense)
    : weight_(matrix(dense.weight.get())),
      bias_(vector(dense.bias.get())),
      activation_(dense.activation.get()) {}

Vector Dense::operator()(const Vector& x) const {
  Vector y = product(weight_, x);
  add(y, bias_);
  return activation_(y);
}

std::vector<Dense> dense_layers(const std::vector<std::unique_ptr<fb::DenseT>>& layers) {
  std::vector<Dense> decoded;
  for (const auto& layer : layers)
    decoded.emplace_back(*layer);
  return decoded;
}

}  // namespace augur::reference
