// The first layer of an MLP attention, split so that each part can be computed where it is
// cheapest: the key's once per user, the query's once per candidate, the product's per pair.
#pragma once

#include <optional>
#include <vector>

#include "tensors/matrix.h"

namespace augur::convert {

enum class PairInput { kQuery, kKey, kQueryMinusKey, kKeyMinusQuery, kProduct };

struct PairSplit {
  std::optional<Matrix> query;    // [units, query width]
  std::optional<Matrix> key;      // [units, key width]
  std::optional<Matrix> product;  // [units, key width]
};

// Splits `weight` [units, sum of the inputs' widths], whose columns follow `inputs`. A difference
// is linear: W (q - k) = W q - W k. Differences and products need both widths to be equal.
PairSplit split_pair(const Matrix& weight, const std::vector<PairInput>& inputs, size_t query_width,
                     size_t key_width);

}  // namespace augur::convert
