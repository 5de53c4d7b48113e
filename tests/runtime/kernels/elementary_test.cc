// exp (through softmax), sigmoid and tanh of every instruction set against float64.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "kernels/elementary.h"
#include "runtime/support/kernel_inputs.h"

namespace augur::test {
namespace {

// A grid over the range in which the functions change, and beyond it.
Buffer arguments(float limit) {
  const std::size_t count = emulated() ? 20011 : 200003;
  Buffer x(count);
  for (std::size_t i = 0; i < count; ++i) {
    x[i] = limit * (2.0f * static_cast<float>(i) / static_cast<float>(count - 1) - 1.0f);
  }
  return x;
}

template <typename Exact>
double largest_error(const KernelSet& set, Activation activation, float limit, Exact exact) {
  const Buffer x = arguments(limit);
  const Buffer ones(x.size(), 1.0f);
  activation.alpha = ones.data();
  Buffer y = x;
  set.activate({&activation, nullptr, 1, y.size(), y.size(), y.data()});
  double largest = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double expected = exact(static_cast<double>(x[i]));
    const double error =
        std::fabs(static_cast<double>(y[i]) - expected) / std::fmax(1.0, std::fabs(expected));
    if (!(error <= largest)) largest = error;
  }
  return largest;
}

double exact_sigmoid(double x) {
  return 1.0 / (1.0 + std::exp(-x));
}

double exact_tanh(double x) {
  return std::tanh(x);
}

double exact_silu(double x) {
  return x * exact_sigmoid(x);
}

double exact_gelu(double x) {
  return 0.5 * x * std::erfc(-x / std::sqrt(2.0));
}

double exact_gelu_tanh(double x) {
  return 0.5 * x * (1.0 + std::tanh(std::sqrt(2.0 / M_PI) * (x + 0.044715 * x * x * x)));
}

double exact_elu(double x) {
  return x > 0.0 ? x : std::expm1(x);
}

Activation of_kind(ActivationKind kind, const Gate& gate = {}) {
  Activation activation;
  activation.kind = kind;
  activation.gate = gate;
  return activation;
}

TEST_CASE("sigmoid is within 2.5e-7, tanh within 3e-7 everywhere") {
  for_each_set([](const KernelSet& set) {
    for (const float limit : {1e-3f, 1.0f, 20.0f, 200.0f}) {
      CAPTURE(set.name);
      CAPTURE(limit);
      CHECK(largest_error(set, of_kind(ActivationKind::kSigmoid), limit, exact_sigmoid) <= 2.5e-7);
      CHECK(largest_error(set, of_kind(ActivationKind::kTanh), limit, exact_tanh) <= 3e-7);
    }
  });
}

TEST_CASE(
    "GELU, GELU by tanh, SiLU and ELU are within 3e-7 of float64 everywhere, in plain code too") {
  const auto check = [](const KernelSet& set) {
    for (const float limit : {1e-3f, 1.0f, 7.0f, 20.0f, 200.0f}) {
      CAPTURE(set.name);
      CAPTURE(limit);
      const ActivationKind gated = ActivationKind::kGated;
      CHECK(largest_error(set, of_kind(gated, kGeluGate), limit, exact_gelu) <= 3e-7);
      CHECK(largest_error(set, of_kind(gated, kGeluTanhGate), limit, exact_gelu_tanh) <= 3e-7);
      CHECK(largest_error(set, of_kind(gated, kSiluGate), limit, exact_silu) <= 3e-7);
      CHECK(largest_error(set, of_kind(ActivationKind::kElu), limit, exact_elu) <= 3e-7);
    }
  };
  for_each_set(check);
  check(kReferenceKernels);
}

TEST_CASE("a unit's activation has the same bits alone, in a partial vector and in whole vectors") {
  Random random(8);
  constexpr std::size_t kUnits = 150;
  const Buffer alpha = random.values(kUnits, 0.1f, 0.9f);
  const Buffer before = random.values(kUnits, -6.0f, 6.0f);
  for (Activation activation : all_activations()) {
    if (activation.kind == ActivationKind::kDiceRowwise) continue;
    CAPTURE(static_cast<int>(activation.kind));
    CAPTURE(activation.gate.count);
    for_each_set([&](const KernelSet& set) {
      activation.alpha = activation.scale = activation.shift = alpha.data();
      Buffer all = before;
      set.activate({&activation, nullptr, 1, kUnits, kUnits, all.data()});
      for (std::size_t unit = 0; unit < kUnits; ++unit) {
        Buffer alone(1, before[unit]);
        const Buffer own(1, alpha[unit]);
        activation.alpha = activation.scale = activation.shift = own.data();
        set.activate({&activation, nullptr, 1, 1, 1, alone.data()});
        CAPTURE(set.name);
        CAPTURE(unit);
        CHECK(alone[0] == all[unit]);
      }
    });
  }
}

TEST_CASE("infinity and not-a-number do not change the results beside them") {
  for_each_set([](const KernelSet& set) {
    Activation activation;
    activation.kind = ActivationKind::kSigmoid;
    Buffer y(19, 1.0f);
    y[3] = std::numeric_limits<float>::quiet_NaN();
    y[5] = std::numeric_limits<float>::infinity();
    y[6] = -std::numeric_limits<float>::infinity();
    set.activate({&activation, nullptr, 1, y.size(), y.size(), y.data()});
    CHECK(y[5] == doctest::Approx(1.0));
    CHECK(y[6] == doctest::Approx(0.0));
    CHECK(y[4] == doctest::Approx(exact_sigmoid(1.0)));
  });
}

TEST_CASE("softmax is within 3e-7 of float64, up to scores 300 apart") {
  for_each_set([](const KernelSet& set) {
    Random random(5);
    for (const float spread : {1.0f, 10.0f, 300.0f}) {
      constexpr std::size_t kSteps = 50;
      constexpr std::size_t kRows = 21;
      constexpr std::size_t kStride = padded_units(kRows);
      Buffer scores = random.values(kSteps * kStride, -spread, spread);
      const Buffer before = scores;
      set.softmax({kRows, kSteps, kStride, 0.5f, scores.data()});
      for (std::size_t row = 0; row < kRows; ++row) {
        std::vector<double> exact;
        double largest = -1e300;
        double sum = 0.0;
        for (std::size_t t = 0; t < kSteps; ++t) {
          exact.push_back(0.5 * static_cast<double>(before[t * kStride + row]));
          largest = std::max(largest, exact[t]);
        }
        for (double& value : exact)
          sum += value = std::exp(value - largest);
        for (std::size_t t = 0; t < kSteps; ++t) {
          CAPTURE(set.name);
          CAPTURE(spread);
          CHECK(std::fabs(static_cast<double>(scores[t * kStride + row]) - exact[t] / sum) <= 3e-7);
        }
      }
    }
  });
}

TEST_CASE("activations of rows equal plain code, whatever the width") {
  Random random(7);
  const Buffer alpha = random.values(70, -0.5f, 0.5f);
  const Buffer scale = random.values(70, -2.0f, 2.0f);
  const Buffer shift = random.values(70, -1.0f, 1.0f);
  for (Activation activation : all_activations()) {
    if (activation.kind == ActivationKind::kDiceRowwise) continue;
    activation.alpha = alpha.data();
    activation.scale = scale.data();
    activation.shift = shift.data();
    for (const std::size_t units : Sizes{1, 3, 16, 33, 70}) {
      for (const bool with_addend : {false, true}) {
        const std::size_t stride = units + 2;
        const Buffer addend = random.values(units, -1.0f, 1.0f);
        const Buffer before = random.values(3 * stride, -4.0f, 4.0f);
        Buffer expected = before;
        ActivationCall call = {
            &activation, with_addend ? addend.data() : nullptr, 3, units, stride, expected.data()};
        kReferenceKernels.activate(call);
        for_each_set([&](const KernelSet& set) {
          Buffer found = before;
          call.y = found.data();
          set.activate(call);
          float largest = 0.0f;
          for (std::size_t i = 0; i < found.size(); ++i) {
            const float error = std::fabs(found[i] - expected[i]);
            if (!(error <= largest)) largest = error;
          }
          CAPTURE(set.name);
          CAPTURE(static_cast<int>(activation.kind));
          CAPTURE(activation.gate.count);
          CAPTURE(units);
          CHECK(largest <= 2e-6f);  // also: the gaps between the rows have not changed
        });
      }
    }
  }
}

}  // namespace
}  // namespace augur::test
