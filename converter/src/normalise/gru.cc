// GRU cells of every library brought to one form; see gru.h.
#include "normalise/gru.h"

#include <algorithm>
#include <cassert>

namespace augur::convert {
namespace {

// Where the block of `gate` begins, in rows.
size_t first_row(const GruWeights& weights, Gate gate) {
  const auto found = std::find(weights.gates.begin(), weights.gates.end(), gate);
  assert(found != weights.gates.end());
  return static_cast<size_t>(found - weights.gates.begin()) * weights.recurrent.columns;
}

// σ(-x) = 1 - σ(x): negated rows turn the share of the state into the share of the candidate.
double sign_of(const GruWeights& weights, Gate gate) {
  return gate == Gate::kUpdate && weights.update == UpdateGate::kShareOfState ? -1.0 : 1.0;
}

Matrix block(const GruWeights& weights, const Matrix& matrix, Gate gate) {
  Matrix rows = row_range(matrix, first_row(weights, gate), weights.recurrent.columns);
  for (double& value : rows.values)
    value *= sign_of(weights, gate);
  return rows;
}

// The gate's part of a bias; zeros if there is none.
Vector block(const GruWeights& weights, const std::optional<Vector>& bias, Gate gate) {
  const size_t units = weights.recurrent.columns;
  if (!bias) return Vector(units);
  Vector part = range(*bias, first_row(weights, gate), units);
  for (double& value : part.values)
    value *= sign_of(weights, gate);
  return part;
}

}  // namespace

NormalGru normalise_gru(const GruWeights& weights, bool keep_update) {
  std::vector<Gate> gates = {Gate::kReset, Gate::kCandidate};
  if (keep_update) gates.insert(gates.begin(), Gate::kUpdate);

  std::vector<Matrix> input, recurrent;
  std::vector<Vector> bias;
  for (const Gate gate : gates) {
    input.push_back(block(weights, weights.input, gate));
    recurrent.push_back(block(weights, weights.recurrent, gate));
    Vector sum = block(weights, weights.input_bias, gate);
    // Where the reset gate multiplies the recurrent bias of the candidate, the two cannot be
    // summed.
    const bool apart = gate == Gate::kCandidate && weights.reset == ResetPosition::kAfterProduct;
    if (!apart) add(sum, 1, block(weights, weights.recurrent_bias, gate));
    bias.push_back(std::move(sum));
  }

  NormalGru result;
  result.input = stacked(input);
  result.recurrent = stacked(recurrent);
  result.bias = stacked(bias);
  result.bias.name = weights.input_bias ? weights.input_bias->name : "";
  if (weights.recurrent_bias) {
    if (weights.reset == ResetPosition::kAfterProduct) {
      result.candidate_recurrent_bias = block(weights, weights.recurrent_bias, Gate::kCandidate);
    }
    result.bias.name += (result.bias.name.empty() ? "" : " + ") + weights.recurrent_bias->name;
  }
  return result;
}

}  // namespace augur::convert
