// Dense layers with their BatchNorms folded in, and a softmax of two turned into one logit.
#pragma once

#include <optional>
#include <vector>

#include "tensors/matrix.h"

namespace augur::convert {

// BatchNorm in inference: gamma (x - mean) / sqrt(variance + epsilon) + beta, per unit.
struct BatchNorm {
  Vector mean;
  Vector variance;
  std::optional<Vector> gamma;  // absent: 1
  std::optional<Vector> beta;   // absent: 0
  double epsilon = 0;
};

// scale * x + shift, per unit.
struct Affine {
  Vector scale;
  Vector shift;
};

// The same map as the BatchNorm. Needs variance + epsilon > 0 in every unit.
Affine affine_of(const BatchNorm& norm);

// y = weight x + bias.
struct DenseWeights {
  Matrix weight;               // [outputs, inputs]
  std::optional<Vector> bias;  // [outputs]; absent: 0
};

// Puts `before` in front of the layer: y = weight (scale * x + shift) + bias.
void fold_before(DenseWeights& dense, const Affine& before);

// Puts `after` behind the layer: y = scale * (weight x + bias) + shift.
void fold_after(DenseWeights& dense, const Affine& after);

// A part of a layer's input: `width` columns. With `map` they are map * x, of an x of map->columns
// numbers.
struct InputPart {
  size_t width = 0;
  std::optional<Matrix> map;
};

// Lets the layer read the x of every part that has a map. The widths add up to the layer's inputs.
void fold_input_maps(DenseWeights& dense, const std::vector<InputPart>& parts);

// softmax([y0, y1])[click] = σ(y_click - y_other): the layer of two outputs becomes one of one.
void keep_click(DenseWeights& dense, size_t click);

}  // namespace augur::convert
