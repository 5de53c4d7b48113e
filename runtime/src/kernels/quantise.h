// Rows of f32 to int8, the input of int8 products: x ≈ scale · (q - zero_point).
#pragma once

#include <xnnpack.h>

#include <cstddef>
#include <cstdint>

namespace augur {

// What is known of a product's input.
enum class InputRange : std::uint8_t {
  kAny,   // nothing: each row gets a scale and a zero point of its own, from its least and greatest
  kUnit,  // in [-1, 1], such as a GRU's state: scale 1/127
  kShare  // in [0, 1], such as a sigmoid's output: scale 1/255, zero point -128
};

inline constexpr float kUnitScale = 1.0f / 127.0f;
inline constexpr float kShareScale = 1.0f / 255.0f;

// XNNPACK's {zero_point, scale}.
using RowScale = xnn_quantization_params;

// q [rows, width], dense; scales [rows]. Rounds to nearest, ties to even; every row alone, so that
// the result does not depend on the others. A row that is not finite gives a scale that is not.
void quantise_rows(InputRange range, const float* x, std::size_t stride, std::size_t rows,
                   std::size_t width, std::int8_t* q, RowScale* scales);

}  // namespace augur
