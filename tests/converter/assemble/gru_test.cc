// Any GRU and its normalised form take the same steps, whatever gate order, polarity, reset and
// biases.
#include "assemble/layers.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

namespace augur::convert {
namespace {

constexpr size_t kUnits = 3;
constexpr size_t kInputs = 2;

double sigmoid(double x) {
  return 1 / (1 + std::exp(-x));
}

// Numbers without pattern, the same on every run.
double number(size_t i) {
  return std::sin(1.7 * static_cast<double>(i) + 0.3) * 0.8;
}

GruWeights make_weights(const std::vector<GruGate>& gates, UpdateGate update, ResetPosition reset,
                        bool input_bias, bool recurrent_bias) {
  const size_t rows = gates.size() * kUnits;
  GruWeights weights;
  weights.gates = gates;
  weights.update = update;
  weights.reset = reset;
  weights.input = Matrix(rows, kInputs, "w");
  weights.recurrent = Matrix(rows, kUnits, "u");
  for (size_t i = 0; i < weights.input.values.size(); ++i)
    weights.input.values[i] = number(i);
  for (size_t i = 0; i < weights.recurrent.values.size(); ++i) {
    weights.recurrent.values[i] = number(i + 100);
  }
  if (input_bias) {
    weights.input_bias = Vector(rows, 0, "b");
    for (size_t i = 0; i < rows; ++i)
      (*weights.input_bias)[i] = number(i + 200);
  }
  if (recurrent_bias) {
    weights.recurrent_bias = Vector(rows, 0, "d");
    for (size_t i = 0; i < rows; ++i)
      (*weights.recurrent_bias)[i] = number(i + 300);
  }
  return weights;
}

// Row `unit` of a gate's block times a vector.
double dot(const Matrix& matrix, size_t row, const std::vector<double>& x) {
  double sum = 0;
  for (size_t i = 0; i < x.size(); ++i)
    sum += matrix.at(row, i) * x[i];
  return sum;
}

double bias_of(const std::optional<Vector>& bias, size_t row) {
  return bias ? (*bias)[row] : 0;
}

size_t block_of(const std::vector<GruGate>& gates, GruGate gate) {
  return static_cast<size_t>(std::find(gates.begin(), gates.end(), gate) - gates.begin()) * kUnits;
}

// A step as the library computes it. `attention` < 0: a plain GRU. Else an AGRU's share.
std::vector<double> library_step(const GruWeights& w, const std::vector<double>& x,
                                 const std::vector<double>& h, double attention) {
  const size_t r0 = block_of(w.gates, GruGate::kReset);
  const size_t c0 = block_of(w.gates, GruGate::kCandidate);
  const size_t u0 = block_of(w.gates, GruGate::kUpdate);
  std::vector<double> r(kUnits), reset_state(kUnits), next(kUnits);
  for (size_t i = 0; i < kUnits; ++i) {
    r[i] = sigmoid(dot(w.input, r0 + i, x) + bias_of(w.input_bias, r0 + i) +
                   dot(w.recurrent, r0 + i, h) + bias_of(w.recurrent_bias, r0 + i));
    reset_state[i] = r[i] * h[i];
  }
  for (size_t i = 0; i < kUnits; ++i) {
    const double from_input = dot(w.input, c0 + i, x) + bias_of(w.input_bias, c0 + i);
    const double d = bias_of(w.recurrent_bias, c0 + i);
    const double c = w.reset == ResetPosition::kAfterProduct
                         ? std::tanh(from_input + r[i] * (dot(w.recurrent, c0 + i, h) + d))
                         : std::tanh(from_input + dot(w.recurrent, c0 + i, reset_state) + d);
    double share = attention;
    if (attention < 0) {
      const double u = sigmoid(dot(w.input, u0 + i, x) + bias_of(w.input_bias, u0 + i) +
                               dot(w.recurrent, u0 + i, h) + bias_of(w.recurrent_bias, u0 + i));
      share = w.update == UpdateGate::kShareOfCandidate ? u : 1 - u;
    }
    next[i] = (1 - share) * h[i] + share * c;
  }
  return next;
}

// A step of the schema: rows u, r, c (or r, c), u the share of c, biases b and d_c.
std::vector<double> schema_step(const NormalGru& gru, ResetPosition reset,
                                const std::vector<double>& x, const std::vector<double>& h,
                                double attention) {
  GruWeights plain;
  plain.gates = {GruGate::kReset, GruGate::kCandidate};
  if (attention < 0) plain.gates.insert(plain.gates.begin(), GruGate::kUpdate);
  plain.reset = reset;
  plain.input = gru.input;
  plain.recurrent = gru.recurrent;
  plain.input_bias = gru.bias;
  if (gru.candidate_recurrent_bias) {
    Vector d(gru.bias.size());
    const size_t c0 = block_of(plain.gates, GruGate::kCandidate);
    for (size_t i = 0; i < kUnits; ++i)
      d[c0 + i] = (*gru.candidate_recurrent_bias)[i];
    plain.recurrent_bias = d;
  }
  return library_step(plain, x, h, attention);
}

void check_same_steps(const GruWeights& weights, bool agru) {
  const NormalGru gru = normalise_gru(weights, !agru);
  REQUIRE(gru.input.rows == (agru ? 2 : 3) * kUnits);
  REQUIRE(gru.recurrent.rows == gru.input.rows);
  REQUIRE(gru.bias.size() == gru.input.rows);
  std::vector<double> one(kUnits, 0), other(kUnits, 0);
  for (size_t t = 0; t < 4; ++t) {
    const std::vector<double> x = {number(400 + t), number(500 + t)};
    const double attention = agru ? 0.1 + 0.2 * static_cast<double>(t) : -1;
    one = library_step(weights, x, one, attention);
    other = schema_step(gru, weights.reset, x, other, attention);
    for (size_t i = 0; i < kUnits; ++i)
      CHECK(one[i] == doctest::Approx(other[i]).epsilon(1e-12));
  }
}

TEST_CASE("every gate order, polarity, reset position and set of biases") {
  std::vector<GruGate> gates = {GruGate::kUpdate, GruGate::kReset, GruGate::kCandidate};
  do {
    for (const auto update : {UpdateGate::kShareOfCandidate, UpdateGate::kShareOfState}) {
      for (const auto reset : {ResetPosition::kAfterProduct, ResetPosition::kBeforeProduct}) {
        for (const int biases : {0, 1, 2, 3}) {
          check_same_steps(make_weights(gates, update, reset, biases & 1, biases & 2), false);
        }
      }
    }
  } while (std::next_permutation(gates.begin(), gates.end()));
}

TEST_CASE("AGRU, with and without rows for the update gate") {
  for (const auto reset : {ResetPosition::kAfterProduct, ResetPosition::kBeforeProduct}) {
    for (const auto& gates :
         {std::vector<GruGate>{GruGate::kReset, GruGate::kCandidate},
          std::vector<GruGate>{GruGate::kCandidate, GruGate::kReset},
          std::vector<GruGate>{GruGate::kReset, GruGate::kUpdate, GruGate::kCandidate}}) {
      check_same_steps(make_weights(gates, UpdateGate::kShareOfCandidate, reset, true, true), true);
    }
  }
}

TEST_CASE("the candidate's two biases stay apart exactly where the reset gate is between them") {
  const std::vector<GruGate> gates = {GruGate::kReset, GruGate::kUpdate, GruGate::kCandidate};
  const auto make = [&](ResetPosition reset, bool recurrent_bias) {
    return normalise_gru(
        make_weights(gates, UpdateGate::kShareOfState, reset, true, recurrent_bias), true);
  };
  CHECK(make(ResetPosition::kAfterProduct, true).candidate_recurrent_bias.has_value());
  CHECK_FALSE(make(ResetPosition::kBeforeProduct, true).candidate_recurrent_bias.has_value());
  CHECK_FALSE(make(ResetPosition::kAfterProduct, false).candidate_recurrent_bias.has_value());
}

TEST_CASE("a wrong statement of order, polarity or reset changes the steps") {
  const std::vector<GruGate> gates = {GruGate::kReset, GruGate::kUpdate, GruGate::kCandidate};
  const GruWeights right =
      make_weights(gates, UpdateGate::kShareOfState, ResetPosition::kAfterProduct, true, true);
  const std::vector<double> x = {0.4, -0.7}, h = {0.3, -0.5, 0.2};
  const std::vector<double> truth = library_step(right, x, h, -1);
  const auto distance = [&](const GruWeights& wrong) {
    const std::vector<double> step = schema_step(normalise_gru(wrong, true), wrong.reset, x, h, -1);
    double worst = 0;
    for (size_t i = 0; i < kUnits; ++i)
      worst = std::max(worst, std::fabs(step[i] - truth[i]));
    return worst;
  };
  CHECK(distance(right) < 1e-12);
  GruWeights wrong = right;
  wrong.update = UpdateGate::kShareOfCandidate;
  CHECK(distance(wrong) > 1e-2);
  wrong = right;
  wrong.reset = ResetPosition::kBeforeProduct;
  CHECK(distance(wrong) > 1e-3);
  wrong = right;
  wrong.gates = {GruGate::kUpdate, GruGate::kReset, GruGate::kCandidate};
  CHECK(distance(wrong) > 1e-2);
}

}  // namespace
}  // namespace augur::convert
