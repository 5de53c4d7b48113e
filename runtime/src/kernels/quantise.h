// Converts rows of f32 to int8, the input of int8 products: x ≈ scale · (q - zero_point).
#pragma once

#include <xnnpack.h>

#include <cstddef>
#include <cstdint>

namespace augur {

// The range that a product's inputs are known to lie in.
enum class InputRange : std::uint8_t {
  kAny,   // unknown: each row gets a scale and a zero point from its smallest and largest value
  kUnit,  // in [-1, 1], such as a GRU's state: scale 1/127
  kShare  // in [0, 1], such as a sigmoid's output: scale 1/255, zero point -128
};

inline constexpr float kUnitScale = 1.0f / 127.0f;
inline constexpr float kShareScale = 1.0f / 255.0f;

// XNNPACK's {zero_point, scale}.
using RowScale = xnn_quantization_params;

// The smallest and the largest of a row's values and 0. 0 is included so that an integer stands for
// it exactly.
struct RowBounds {
  float least;
  float greatest;
};

// q = the nearest integer to factor · x, ties to even, plus the zero point, cut to int8.
struct RowQuantiser {
  float factor;
  RowScale scale;
};

RowQuantiser quantiser_of(RowBounds bounds);
RowQuantiser quantiser_of(InputRange range);  // not kAny

// The loop over rows that all kinds of kernels share: bounds_of(x) of a row, and
// quantise(x, factor, zero point, q) of one. Inlined, so that both are compiled for its caller's
// instruction set.
template <class BoundsOf, class Quantise>
__attribute__((always_inline)) inline void quantise_each_row(
    InputRange range, const float* x, std::size_t stride, std::size_t rows, std::size_t width,
    std::int8_t* q, RowScale* scales, const BoundsOf& bounds_of, const Quantise& quantise) {
  for (std::size_t row = 0; row < rows; ++row, x += stride, q += width) {
    const RowQuantiser quantiser =
        range == InputRange::kAny ? quantiser_of(bounds_of(x)) : quantiser_of(range);
    quantise(x, quantiser.factor, quantiser.scale.zero_point, q);
    scales[row] = quantiser.scale;
  }
}

// q [rows, width], dense, with room for kReadPastEnd bytes more; scales [rows]. Each row is
// quantised by itself, so that the result does not depend on the others. A row with a value that is
// not finite gets a scale that is not finite, or arbitrary integers.
void quantise_rows(InputRange range, const float* x, std::size_t stride, std::size_t rows,
                   std::size_t width, std::int8_t* q, RowScale* scales);

}  // namespace augur
