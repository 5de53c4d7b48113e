// Activations, and dense layers with them.
#pragma once

#include <memory>
#include <vector>

#include "augur_generated.h"
#include "reference/matrix.h"

namespace augur::reference {

class Activation {
 public:
  // Null: none.
  explicit Activation(const fb::ActivationT* activation);
  Vector operator()(const Vector& x) const;

 private:
  double unit(double x, std::size_t k) const;
  Vector dice_rowwise(const Vector& x) const;

  fb::ActivationKind kind_ = fb::ActivationKind::None;
  Vector alpha_;
  Vector scale_;
  Vector shift_;
  double epsilon_ = 0.0;
};

// y = activation(W x + b)
class Dense {
 public:
  explicit Dense(const fb::DenseT& dense);
  Vector operator()(const Vector& x) const;

 private:
  Matrix weight_;
  Vector bias_;
  Activation activation_;
};

std::vector<Dense> dense_layers(const std::vector<std::unique_ptr<fb::DenseT>>& layers);

}  // namespace augur::reference
