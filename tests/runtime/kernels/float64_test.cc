// Steps of cells, activations, scores and sums of every set of kernels against float64, over odd
// sizes.
#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "runtime/support/compare.h"
#include "runtime/support/kernel_inputs.h"

namespace augur::test {
namespace {

using testing::Worst;

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

// One step of one cell from random states, by every set of kernels.
void check_step(const KernelSet& set, ShareRule rule, bool scaled_input, bool reset_before,
                std::size_t hidden, std::size_t rows, Random& random) {
  CAPTURE(set.name);
  CAPTURE(static_cast<int>(rule));
  CAPTURE(scaled_input);
  CAPTURE(reset_before);
  CAPTURE(hidden);
  CAPTURE(rows);
  const std::size_t gates = gate_count(rule);
  const std::size_t reset = (gates - 2) * hidden;
  const std::size_t candidate = reset + hidden;
  const float size = 2.0f / std::sqrt(static_cast<float>(hidden));
  const Buffer matrix = random.values(gates * hidden * hidden, -size, size);
  const Buffer projection = random.values(gates * hidden, -2.0f, 2.0f);
  const Buffer bias = random.values(gates * hidden, -2.0f, 2.0f);
  Buffer state_bias(padded_units(hidden));
  for (std::size_t j = 0; j < hidden; ++j)
    state_bias[j] = random.within(-0.5f, 0.5f);
  const Buffer attention = random.values(padded_units(rows), 0.0f, 1.0f);
  const Buffer before = random.values(rows * hidden, -1.0f, 1.0f);
  Buffer lanes(matrix.size());
  Buffer row_form(padded_units(gates * hidden) * hidden);
  Buffer candidate_lanes(hidden * hidden);
  Buffer candidate_rows(padded_units(hidden) * hidden);
  Buffer scratch(recurrence_scratch(hidden));
  Buffer after = before;

  Cell cell;
  cell.share = rule;
  cell.reset_before = reset_before;
  cell.hidden = hidden;
  cell.gates = pack(matrix, reset_before ? gates - 1 : gates, hidden, hidden, lanes, row_form);
  if (reset_before) {
    const float* last = matrix.data() + candidate * hidden;
    pack_lanes(last, hidden, 1, hidden, hidden, candidate_lanes.data());
    pack_rows(last, hidden, hidden, hidden, candidate_rows.data());
    cell.state_weights = {candidate_lanes.data(), candidate_rows.data()};
  }
  cell.state_bias = state_bias.data();
  cell.input_bias = scaled_input ? bias.data() : nullptr;
  Recurrence run;
  run.cell = &cell;
  run.steps = 1;
  run.projections = projection.data();
  run.attention = attention.data();
  run.rows = rows;
  run.states = after.data();
  run.scratch = scratch.data();
  set.recur(run);

  Worst worst;
  for (std::size_t row = 0; row < rows; ++row) {
    const double a = static_cast<double>(attention[row]);
    const auto input = [&](std::size_t j) {
      const auto value = static_cast<double>(projection[j]);
      return scaled_input ? a * value + static_cast<double>(bias[j]) : value;
    };
    const auto product = [&](std::size_t j, const std::vector<double>& x) {
      double sum = 0.0;
      for (std::size_t k = 0; k < hidden; ++k)
        sum += static_cast<double>(matrix[j * hidden + k]) * x[k];
      return sum;
    };
    const std::vector<double> h(before.data() + row * hidden, before.data() + (row + 1) * hidden);
    std::vector<double> r(hidden);
    std::vector<double> reset_h(hidden);
    for (std::size_t j = 0; j < hidden; ++j) {
      r[j] = sigmoid(input(reset + j) + product(reset + j, h));
      reset_h[j] = r[j] * h[j];
    }
    for (std::size_t j = 0; j < hidden; ++j) {
      const double c_product = reset_before
                                   ? product(candidate + j, reset_h)
                                   : product(candidate + j, h) + static_cast<double>(state_bias[j]);
      const double expected = next_state(rule, a, input(j) + product(j, h), input(candidate + j),
                                         r[j], c_product, !reset_before, h[j]);
      worst.add(std::abs(static_cast<double>(after[row * hidden + j]) - expected));
    }
  }
  CHECK(worst.largest() <= 2e-6);
}

double gated(const Gate& gate, double x) {
  if (gate.count == kGeluGate.count) return 0.5 * x * std::erfc(-x / std::sqrt(2.0));
  if (gate.count == kGeluTanhGate.count)
    return 0.5 * x * (1.0 + std::tanh(std::sqrt(2.0 / M_PI) * (x + 0.044715 * x * x * x)));
  return x * sigmoid(x);
}

void check_activation(Activation activation, std::size_t units, bool with_addend, Random& random) {
  const ActivationKind kind = activation.kind;
  CAPTURE(static_cast<int>(kind));
  CAPTURE(activation.gate.count);
  CAPTURE(units);
  CAPTURE(with_addend);
  constexpr std::size_t kRows = 3;
  const std::size_t stride = units + 2;
  const Buffer alpha = random.values(units, -1.0f, 1.0f);
  const Buffer scale = random.values(units, -2.0f, 2.0f);
  const Buffer shift = random.values(units, -1.0f, 1.0f);
  const Buffer addend = random.values(units, -3.0f, 3.0f);
  activation.alpha = alpha.data();
  activation.scale = scale.data();
  activation.shift = shift.data();
  activation.epsilon = 1e-3f;
  const Buffer before = random.values(kRows * stride, -3.0f, 3.0f);
  Buffer y = before;
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
        case ActivationKind::kElu:
          expected = x[k] > 0.0 ? x[k] : a * std::expm1(x[k]);
          break;
        case ActivationKind::kGated:
          expected = gated(activation.gate, x[k]);
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

TEST_CASE("a step of every cell matches float64") {
  Random random(21);
  for (const std::size_t hidden : sizes()) {
    for (const std::size_t rows : Sizes{1, 7, 33}) {
      for (std::size_t i = 0; kernel_set(i) != nullptr; ++i) {
        for (const bool reset_before : {false, true}) {
          for (const ShareRule rule :
               {ShareRule::kPlain, ShareRule::kScale, ShareRule::kLift, ShareRule::kAttention}) {
            check_step(*kernel_set(i), rule, false, reset_before, hidden, rows, random);
          }
          check_step(*kernel_set(i), ShareRule::kPlain, true, reset_before, hidden, rows, random);
        }
      }
    }
  }
}

TEST_CASE("activations of every kind match float64") {
  Random random(22);
  for (const std::size_t units : sizes()) {
    for (const Activation& activation : all_activations()) {
      for (const bool with_addend : {false, true})
        check_activation(activation, units, with_addend, random);
    }
  }
}

TEST_CASE("dot products, softmax and weighted sums over steps match float64") {
  Random random(23);
  for (const std::size_t rows : Sizes{3, 35}) {
    for (const std::size_t steps : sizes()) {
      for (const std::size_t width : sizes()) {
        if (rows > 3 && width > 17) continue;
        const std::size_t stride = padded_units(rows);
        const float size = 4.0f / static_cast<float>(width);
        const Buffer keys = random.values(steps * width, -1.0f, 1.0f);
        const Buffer queries = random.values(rows * width, -size, size);
        Buffer scratch(pair_scratch(width, 0, 0, rows) + weighted_sum_scratch(width));
        PairScores pairs;
        pairs.keys = {keys.data(), width, steps, nullptr};
        pairs.rows = rows;
        pairs.queries = queries.data();
        pairs.query_stride = width;
        pairs.stride = stride;
        pairs.scratch = scratch.data();
        for (std::size_t i = 0; kernel_set(i) != nullptr; ++i) {
          const KernelSet& set = *kernel_set(i);
          CAPTURE(set.name);
          CAPTURE(rows);
          CAPTURE(steps);
          CAPTURE(width);
          Buffer scores(steps * stride);
          pairs.scores = scores.data();
          set.score_pairs(pairs);
          Buffer weights = scores;
          set.scale_scores({rows, steps, stride, 0.5f, scores.data()});
          set.softmax({rows, steps, stride, 0.5f, weights.data()});
          Buffer sums(rows * width);
          set.weighted_sum({weights.data(), stride, rows, keys.data(), steps, width, sums.data(),
                            scratch.data()});
          Worst worst;
          for (std::size_t row = 0; row < rows; ++row) {
            std::vector<double> expected(steps, 0.0);
            double total = 0.0;
            for (std::size_t t = 0; t < steps; ++t) {
              for (std::size_t k = 0; k < width; ++k) {
                expected[t] += 0.5 * static_cast<double>(queries[row * width + k]) *
                               static_cast<double>(keys[t * width + k]);
              }
              worst.add(std::abs(static_cast<double>(scores[t * stride + row]) - expected[t]));
              total += std::exp(expected[t]);
            }
            for (std::size_t k = 0; k < width; ++k) {
              double sum = 0.0;
              for (std::size_t t = 0; t < steps; ++t)
                sum += std::exp(expected[t]) / total * static_cast<double>(keys[t * width + k]);
              worst.add(std::abs(static_cast<double>(sums[row * width + k]) - sum));
            }
          }
          CHECK(worst.largest() <= 2e-6);
        }
      }
    }
  }
}

TEST_CASE("softmax is right for scores far apart and for equal scores") {
  for (std::size_t i = 0; kernel_set(i) != nullptr; ++i) {
    Buffer scores(3 * kMaxVector);
    scores[0] = scores[2 * kMaxVector] = 1000.0f;
    scores[kMaxVector] = -1000.0f;
    kernel_set(i)->softmax({1, 3, kMaxVector, 1.0f, scores.data()});
    CAPTURE(kernel_set(i)->name);
    CHECK(scores[0] == 0.5f);
    CHECK(scores[kMaxVector] < 1e-30f);
    CHECK(scores[2 * kMaxVector] == 0.5f);
  }
}

}  // namespace augur::test
