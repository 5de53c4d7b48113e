// Dense layers with their BatchNorms folded in; see dense.h.
#include "normalise/dense.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace augur::convert {

Affine affine_of(const BatchNorm& norm) {
  const size_t units = norm.mean.size();
  Affine affine{Vector(units), Vector(units)};
  for (size_t i = 0; i < units; ++i) {
    const double gamma = norm.gamma ? (*norm.gamma)[i] : 1.0;
    const double beta = norm.beta ? (*norm.beta)[i] : 0.0;
    affine.scale[i] = gamma / std::sqrt(norm.variance[i] + norm.epsilon);
    affine.shift[i] = beta - norm.mean[i] * affine.scale[i];
  }
  return affine;
}

void fold_before(DenseWeights& dense, const Affine& before) {
  assert(before.scale.size() == dense.weight.columns);
  Vector bias = product(dense.weight, before.shift);
  if (dense.bias) {
    bias.name = dense.bias->name;
    add(bias, 1, *dense.bias);
  }
  dense.bias = std::move(bias);
  for (size_t r = 0; r < dense.weight.rows; ++r) {
    for (size_t c = 0; c < dense.weight.columns; ++c)
      dense.weight.at(r, c) *= before.scale[c];
  }
}

void fold_after(DenseWeights& dense, const Affine& after) {
  assert(after.scale.size() == dense.weight.rows);
  if (!dense.bias) dense.bias = Vector(dense.weight.rows);
  for (size_t r = 0; r < dense.weight.rows; ++r) {
    for (size_t c = 0; c < dense.weight.columns; ++c)
      dense.weight.at(r, c) *= after.scale[r];
    (*dense.bias)[r] = after.scale[r] * (*dense.bias)[r] + after.shift[r];
  }
}

void fold_input_maps(DenseWeights& dense, const std::vector<InputPart>& parts) {
  const bool any = std::any_of(parts.begin(), parts.end(),
                               [](const InputPart& part) { return part.map.has_value(); });
  if (!any) return;
  std::vector<Matrix> turned;
  size_t first = 0;
  for (const InputPart& part : parts) {
    const Matrix columns = column_range(dense.weight, first, part.width);
    turned.push_back(transposed(part.map ? product(columns, *part.map) : columns));
    first += part.width;
  }
  Matrix folded = transposed(stacked(turned));
  folded.name = dense.weight.name;
  dense.weight = std::move(folded);
}

void keep_click(DenseWeights& dense, size_t click) {
  assert(dense.weight.rows == 2 && click < 2);
  const size_t other = 1 - click;
  Matrix weight = row_range(dense.weight, click, 1);
  add(weight, -1, row_range(dense.weight, other, 1));
  dense.weight = std::move(weight);
  if (dense.bias) {
    Vector bias(1, (*dense.bias)[click] - (*dense.bias)[other], dense.bias->name);
    dense.bias = std::move(bias);
  }
}

}  // namespace augur::convert
