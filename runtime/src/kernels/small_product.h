// y = x Wᵀ + b with weights in rows form (packing.h): for products of few columns, such as the
// projections of a history's steps.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/packing.h"
#include "kernels/quantise.h"

namespace augur {

struct SmallWeights {
  std::size_t inputs = 0;
  std::size_t outputs = 0;
  const float* bias = nullptr;            // [padded_units(outputs)]
  const float* floats = nullptr;          // [inputs, padded_units(outputs)], or
  const std::int8_t* integers = nullptr;  // [quads(inputs), padded_units(outputs), 4], with
  const float* scales = nullptr;          // [padded_units(outputs)] and
  const std::int32_t* sums = nullptr;     // [padded_units(outputs)], Σ_k weight
};

// Each row is computed by itself: it has the same bits whatever other rows there are.
struct SmallProduct {
  SmallWeights weights;
  InputRange range = InputRange::kAny;  // of x, which is quantised row by row for int8 weights
  const float* x = nullptr;             // [rows, x_stride]
  std::size_t x_stride = 0;
  std::size_t rows = 0;
  float* y = nullptr;  // [rows, y_stride]
  std::size_t y_stride = 0;
};

// Whether any set of this build has a kernel for them: AVX-512 has.
#if defined(__x86_64__) && !defined(__ANDROID__)
inline constexpr bool kSmallProducts = true;
#else
inline constexpr bool kSmallProducts = false;
#endif

// The most inputs of a small product with int8 weights.
inline constexpr std::size_t kMostSmallInputs = 256;

}  // namespace augur
