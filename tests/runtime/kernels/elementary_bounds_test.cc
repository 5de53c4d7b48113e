// exp, sigmoid and tanh over all exponents, against the bounds that kernels/elementary.h states.
#include "kernels/elementary.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

#include "reference/generator.h"
#include "runtime/support/compare.h"
#include "runtime/support/handles.h"

namespace augur::testing {
namespace {

// Calls visit(x) for both signs of every exponent, with mantissas spread over the whole range.
template <typename Visit>
void for_all_exponents(Visit visit) {
  const std::uint32_t mantissas = emulated() ? 256 : 8192;
  reference::Generator generator(1);
  for (std::uint32_t exponent = 0; exponent < 255; ++exponent) {
    for (std::uint32_t i = 0; i < mantissas; ++i) {
      const auto low = static_cast<std::uint32_t>(generator.below((1u << 23) / mantissas));
      // The first and the last of each exponent among them.
      const std::uint32_t mantissa = i == 0               ? 0
                                     : i == mantissas - 1 ? (1u << 23) - 1
                                                          : i * ((1u << 23) / mantissas) + low;
      for (const std::uint32_t sign : {0u, 1u}) {
        const std::uint32_t bits = sign << 31 | exponent << 23 | mantissa;
        float x;
        std::memcpy(&x, &bits, sizeof(x));
        visit(x);
      }
    }
  }
}

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

}  // namespace

TEST_CASE("exp_f32 stays within its stated error over all exponents") {
  Worst relative;
  for_all_exponents([&](float x) {
    const double clamped = std::fmax(-87.0, std::fmin(87.0, static_cast<double>(x)));
    relative.add(std::abs(static_cast<double>(exp_f32(x)) / std::exp(clamped) - 1.0));
  });
  CHECK(relative.largest() <= 2.5e-7);
  CHECK(exp_f32(0.0f) == 1.0f);
  CHECK(exp_f32(-0.0f) == 1.0f);
  for (const float x : {kInfinity, -kInfinity, kNan, 1e30f})
    CHECK(std::isfinite(exp_f32(x)));
  MESSAGE("relative error at most ", relative.largest());
}

TEST_CASE("sigmoid_f32 stays within its stated error over all exponents") {
  Worst absolute;
  bool inside = true;
  for_all_exponents([&](float x) {
    const float y = sigmoid_f32(x);
    inside &= y >= 0.0f && y <= 1.0f;
    absolute.add(
        std::abs(static_cast<double>(y) - 1.0 / (1.0 + std::exp(-static_cast<double>(x)))));
  });
  CHECK(inside);
  CHECK(absolute.largest() <= 1.5e-7);
  CHECK(sigmoid_f32(0.0f) == 0.5f);
  CHECK(sigmoid_f32(kInfinity) == 1.0f);
  CHECK(sigmoid_f32(-kInfinity) < 1e-37f);
  CHECK(std::isfinite(sigmoid_f32(kNan)));
  MESSAGE("absolute error at most ", absolute.largest());
}

TEST_CASE("tanh_f32 stays within its stated errors over all exponents") {
  Worst absolute;
  Worst relative;
  for_all_exponents([&](float x) {
    const double expected = std::tanh(static_cast<double>(x));
    const double error = std::abs(static_cast<double>(tanh_f32(x)) - expected);
    absolute.add(error);
    // Below this, results are denormal and have fewer digits.
    if (std::abs(x) >= 2.0f * std::numeric_limits<float>::min())
      relative.add(error / std::abs(expected));
  });
  CHECK(absolute.largest() <= 2e-7);
  CHECK(relative.largest() <= 5e-7);
  CHECK(tanh_f32(0.0f) == 0.0f);
  CHECK(std::abs(tanh_f32(kInfinity) - 1.0f) <= 2e-7f);
  CHECK(std::abs(tanh_f32(-kInfinity) + 1.0f) <= 2e-7f);
  CHECK(std::isfinite(tanh_f32(kNan)));
  MESSAGE("absolute error at most ", absolute.largest(), ", relative at most ", relative.largest());
}

}  // namespace augur::testing
