// Dense layers, y = activation(W x + b), and MLPs: several dense layers one after another.
#pragma once

#include "common/span.h"
#include "kernels/activation.h"
#include "kernels/product.h"

namespace augur {

struct Dense {
  Product product;  // W x + b
  Activation activation;

  std::uint32_t outputs() const { return product.outputs(); }
};

struct Mlp {
  Span<Dense> layers;
  std::uint32_t outputs = 0;  // of the last layer; the inputs' width if there is no layer
};

// The range in which an activation's outputs lie, as far as it is known.
inline InputRange output_range(const Activation& activation) {
  switch (activation.kind) {
    case ActivationKind::kSigmoid:
      return InputRange::kShare;
    case ActivationKind::kTanh:
      return InputRange::kUnit;
    default:
      return InputRange::kAny;
  }
}

}  // namespace augur
