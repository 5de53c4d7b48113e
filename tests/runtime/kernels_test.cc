// Gates, activations and sequence kernels against plain loops in float64, over odd sizes.
#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <vector>

#include "kernels/activation.h"
#include "kernels/gates.h"
#include "kernels/sequence.h"
#include "reference/generator.h"
#include "runtime/support/compare.h"
#include "runtime/support/handles.h"

namespace augur::testing {
namespace {

using reference::Generator;

std::vector<std::size_t> sizes() {
  if (emulated()) return {1, 3, 16, 33};
  return {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 130};
}

double sigmoid(double x) {
  return 1.0 / (1.0 + std::exp(-x));
}

// The new state of one unit, by the schema's formulas. c_product: U_c h (reset after), or U_c (r∘h)
// (before).
double next_state(ShareRule rule, double attention, double u_input, double c_input, double r,
                  double c_product, bool reset_after, double h) {
  const double u = sigmoid(u_input);
  const double c = std::tanh(c_input + (reset_after ? r * c_product : c_product));
  const double share = rule == ShareRule::kPlain   ? u
                       : rule == ShareRule::kScale ? attention * u
                       : rule == ShareRule::kLift  ? attention + (1.0 - attention) * u
                                                   : attention;
  return (1.0 - share) * h + share * c;
}

void check_gates(ShareRule rule, bool scaled_input, std::size_t hidden, std::size_t rows,
                 Generator& generator) {
  CAPTURE(static_cast<int>(rule));
  CAPTURE(scaled_input);
  CAPTURE(hidden);
  CAPTURE(rows);
  const std::size_t gates = gate_count(rule);
  const std::size_t reset = (gates - 2) * hidden;
  const std::size_t candidate = reset + hidden;
  const std::size_t gap = 3;
  const std::vector<float> projection = generator.symmetric(2.0, gates * hidden);
  const std::vector<float> bias = generator.symmetric(2.0, gates * hidden);
  const std::vector<float> product = generator.symmetric(2.0, rows * (gates * hidden + gap));
  const std::vector<float> candidate_product = generator.symmetric(2.0, rows * (hidden + gap));
  std::vector<float> attention = generator.symmetric(0.5, rows * 2);
  for (float& a : attention)
    a += 0.5f;
  const std::vector<float> before = generator.symmetric(1.0, rows * (hidden + gap));

  CellStep step;
  step.share = rule;
  step.hidden = hidden;
  step.rows = rows;
  step.projection = projection.data();
  step.projection_bias = scaled_input ? bias.data() : nullptr;
  step.attention = rule == ShareRule::kPlain && !scaled_input ? nullptr : attention.data();
  step.attention_stride = 2;
  step.state_stride = hidden + gap;
  const std::size_t product_stride = gates * hidden + gap;

  std::vector<float> after = before;
  step_reset_after(step, product.data(), product_stride, after.data());
  std::vector<float> gates_product = product;
  std::vector<float> reset_state(before.size(), 0.0f);
  std::vector<float> second = before;
  step_reset_before_gates(step, gates_product.data(), product_stride, before.data(),
                          reset_state.data());
  step_reset_before_state(step, gates_product.data(), product_stride, candidate_product.data(),
                          hidden + gap, second.data());

  Worst worst;
  bool gaps_untouched = true;
  for (std::size_t row = 0; row < rows; ++row) {
    const double a = static_cast<double>(attention[row * 2]);
    const auto input = [&](std::size_t j) {
      const auto value = static_cast<double>(projection[j]);
      return scaled_input ? a * value + static_cast<double>(bias[j]) : value;
    };
    const float* of_row = product.data() + row * product_stride;
    for (std::size_t j = 0; j < hidden; ++j) {
      const std::size_t at = row * (hidden + gap) + j;
      const auto h = static_cast<double>(before[at]);
      const double u_input = input(j) + static_cast<double>(of_row[j]);
      const double r = sigmoid(input(reset + j) + static_cast<double>(of_row[reset + j]));
      const double c_input = input(candidate + j);
      const double expected_after = next_state(rule, a, u_input, c_input, r,
                                               static_cast<double>(of_row[candidate + j]), true, h);
      const double expected_before = next_state(
          rule, a, u_input, c_input, r, static_cast<double>(candidate_product[at]), false, h);
      worst.add(std::abs(static_cast<double>(after[at]) - expected_after));
      worst.add(std::abs(static_cast<double>(reset_state[at]) - r * h));
      worst.add(std::abs(static_cast<double>(second[at]) - expected_before));
    }
    for (std::size_t j = hidden; j < hidden + gap; ++j) {
      const std::size_t at = row * (hidden + gap) + j;
      gaps_untouched &= after[at] == before[at] && second[at] == before[at];
    }
  }
  CHECK(worst.largest() <= 2e-6);
  CHECK(gaps_untouched);
}

void check_activation(ActivationKind kind, std::size_t units, bool with_addend,
                      Generator& generator) {
  CAPTURE(static_cast<int>(kind));
  CAPTURE(units);
  CAPTURE(with_addend);
  constexpr std::size_t kRows = 3;
  const std::size_t stride = units + 2;
  const std::vector<float> alpha = generator.symmetric(1.0, units);
  const std::vector<float> scale = generator.symmetric(2.0, units);
  const std::vector<float> shift = generator.symmetric(1.0, units);
  const std::vector<float> addend = generator.symmetric(3.0, units);
  const Activation activation = {kind, alpha.data(), scale.data(), shift.data(), 1e-3f};
  const std::vector<float> before = generator.symmetric(3.0, kRows * stride);
  std::vector<float> y = before;
  activate(activation, with_addend ? addend.data() : nullptr, kRows, units, stride, y.data());

  Worst worst;
  for (std::size_t row = 0; row < kRows; ++row) {
    std::vector<double> x(units);
    double mean = 0.0;
    for (std::size_t k = 0; k < units; ++k) {
      x[k] = static_cast<double>(before[row * stride + k]) +
             (with_addend ? static_cast<double>(addend[k]) : 0.0);
      mean += x[k] / static_cast<double>(units);
    }
    double spread = 0.0;
    for (const double value : x)
      spread += (value - mean) * (value - mean) + 1e-3;
    for (std::size_t k = 0; k < units; ++k) {
      const auto a = static_cast<double>(alpha[k]);
      const auto dice = [&](double p, double share) { return p * x[k] + share * (1.0 - p) * x[k]; };
      double expected = x[k];
      switch (kind) {
        case ActivationKind::kNone:
          break;
        case ActivationKind::kRelu:
          expected = std::fmax(x[k], 0.0);
          break;
        case ActivationKind::kPrelu:
          expected = x[k] > 0.0 ? x[k] : a * x[k];
          break;
        case ActivationKind::kDice:
          expected = dice(
              sigmoid(static_cast<double>(scale[k]) * x[k] + static_cast<double>(shift[k])), a);
          break;
        case ActivationKind::kDiceRowwise:
          expected =
              dice(sigmoid((x[k] - mean) / std::sqrt(spread)), static_cast<double>(alpha[0]));
          break;
        case ActivationKind::kSigmoid:
          expected = sigmoid(x[k]);
          break;
        case ActivationKind::kTanh:
          expected = std::tanh(x[k]);
          break;
      }
      worst.add(std::abs(static_cast<double>(y[row * stride + k]) - expected));
    }
    for (std::size_t k = units; k < stride; ++k)
      CHECK(y[row * stride + k] == before[row * stride + k]);
  }
  CHECK(worst.largest() <= 8e-6);
}

}  // namespace

TEST_CASE("gates of every kind") {
  Generator generator(21);
  for (const std::size_t hidden : sizes()) {
    for (const std::size_t rows : {1u, 2u, 7u}) {
      for (const ShareRule rule :
           {ShareRule::kPlain, ShareRule::kScale, ShareRule::kLift, ShareRule::kAttention}) {
        check_gates(rule, false, hidden, rows, generator);
      }
      check_gates(ShareRule::kPlain, true, hidden, rows, generator);
    }
  }
}

TEST_CASE("activations of every kind") {
  Generator generator(22);
  for (const std::size_t units : sizes()) {
    for (const ActivationKind kind :
         {ActivationKind::kNone, ActivationKind::kRelu, ActivationKind::kPrelu,
          ActivationKind::kDice, ActivationKind::kDiceRowwise, ActivationKind::kSigmoid,
          ActivationKind::kTanh}) {
      for (const bool with_addend : {false, true})
        check_activation(kind, units, with_addend, generator);
    }
  }
}

TEST_CASE("scores, softmax and weighted sums over steps") {
  Generator generator(23);
  constexpr std::size_t kRows = 3;
  for (const std::size_t steps : sizes()) {
    for (const std::size_t width : sizes()) {
      CAPTURE(steps);
      CAPTURE(width);
      const std::size_t padded = padded_steps(steps);
      const std::size_t stride = width + 1;
      const std::vector<float> keys = generator.symmetric(1.0, steps * stride);
      const std::vector<float> queries =
          generator.symmetric(4.0 / static_cast<double>(width), kRows * stride);
      std::vector<float> transposed(width * padded, 7.0f);
      transpose_steps(keys.data(), stride, steps, width, transposed.data());
      std::vector<float> scores(kRows * padded, 7.0f);
      dot_scores(queries.data(), stride, kRows, width, transposed.data(), steps, scores.data());
      scale_scores(0.5f, kRows, steps, scores.data());
      std::vector<float> weights = scores;
      softmax(kRows, steps, weights.data());
      std::vector<float> sums(kRows * stride, 7.0f);
      weighted_sum(weights.data(), kRows, keys.data(), stride, steps, width, stride, sums.data());

      Worst worst;
      for (std::size_t row = 0; row < kRows; ++row) {
        std::vector<double> expected(steps, 0.0);
        double total = 0.0;
        for (std::size_t t = 0; t < steps; ++t) {
          for (std::size_t k = 0; k < width; ++k) {
            expected[t] += 0.5 * static_cast<double>(queries[row * stride + k]) *
                           static_cast<double>(keys[t * stride + k]);
          }
          worst.add(std::abs(static_cast<double>(scores[row * padded + t]) - expected[t]));
          total += std::exp(expected[t]);
        }
        for (std::size_t k = 0; k < width; ++k) {
          double sum = 0.0;
          for (std::size_t t = 0; t < steps; ++t)
            sum += std::exp(expected[t]) / total * static_cast<double>(keys[t * stride + k]);
          worst.add(std::abs(static_cast<double>(sums[row * stride + k]) - sum));
        }
        CHECK(sums[row * stride + width] == 7.0f);
      }
      CHECK(worst.largest() <= 2e-6);
    }
  }
}

TEST_CASE("softmax of far apart and of equal scores") {
  std::vector<float> scores(16, 0.0f);
  scores[0] = 1000.0f;
  scores[1] = -1000.0f;
  scores[2] = 1000.0f;
  softmax(1, 3, scores.data());
  CHECK(scores[0] == 0.5f);
  CHECK(scores[1] < 1e-30f);
  CHECK(scores[2] == 0.5f);
}

TEST_CASE("products of a query with every step") {
  Generator generator(24);
  const std::vector<float> query = generator.symmetric(1.0, 5);
  const std::vector<float> x = generator.symmetric(1.0, 7 * 6);
  std::vector<float> products(7 * 5);
  multiply_rows(query.data(), x.data(), 6, 7, 5, products.data());
  std::vector<float> sum = query;
  add_row(x.data(), 5, sum.data());
  for (std::size_t k = 0; k < 5; ++k) {
    CHECK(sum[k] == query[k] + x[k]);
    for (std::size_t t = 0; t < 7; ++t)
      CHECK(products[t * 5 + k] == query[k] * x[t * 6 + k]);
  }
}

}  // namespace augur::testing
