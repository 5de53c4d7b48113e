// Quantisation of activations in plain loops, and code that the vector kernels share with them.
#include "kernels/quantise.h"

#include <cstring>

namespace augur {
namespace {

// The nearest integer plus zero_point, cut to int8. Adding 1.5 * 2^23 leaves the integer, rounded
// by the processor, in the sum's low bits.
std::int8_t to_integer(float scaled, float low, float high, std::int32_t zero_point) {
  constexpr float kShift = 12582912.0f;
  constexpr std::uint32_t kShiftBits = 0x4B400000u;
  scaled = scaled > low ? scaled : low;
  scaled = scaled < high ? scaled : high;
  const float shifted = scaled + kShift;
  std::uint32_t bits;
  std::memcpy(&bits, &shifted, sizeof(bits));
  return static_cast<std::int8_t>(bits - kShiftBits + static_cast<std::uint32_t>(zero_point));
}

void quantise(const float* x, std::size_t width, float factor, std::int32_t zero_point,
              std::int8_t* q) {
  const auto low = static_cast<float>(-128 - zero_point);
  const auto high = static_cast<float>(127 - zero_point);
  for (std::size_t k = 0; k < width; ++k)
    q[k] = to_integer(x[k] * factor, low, high, zero_point);
}

RowBounds bounds_of(const float* x, std::size_t width) {
  RowBounds bounds = {0.0f, 0.0f};
  for (std::size_t k = 0; k < width; ++k) {
    bounds.least = x[k] < bounds.least ? x[k] : bounds.least;
    bounds.greatest = x[k] > bounds.greatest ? x[k] : bounds.greatest;
  }
  return bounds;
}

}  // namespace

RowQuantiser quantiser_of(RowBounds bounds) {
  constexpr float kNegligible = 1e-30f;  // far above f32's subnormal numbers
  constexpr float kSteps = 255.0f;
  const float span = bounds.greatest - bounds.least;
  if (span < kNegligible) return {0.0f, {0, 1.0f}};
  const float factor = kSteps / span;
  const std::int32_t zero_point = to_integer(-128.0f - bounds.least * factor, -128.0f, 127.0f, 0);
  return {factor, {zero_point, span / kSteps}};
}

RowQuantiser quantiser_of(InputRange range) {
  if (range == InputRange::kUnit) return {127.0f, {0, kUnitScale}};
  return {255.0f, {-128, kShareScale}};
}

void quantise_rows(InputRange range, const float* x, std::size_t stride, std::size_t rows,
                   std::size_t width, std::int8_t* q, RowScale* scales) {
  quantise_each_row(
      range, x, stride, rows, width, q, scales,
      [=](const float* row) { return bounds_of(row, width); },
      [=](const float* row, float factor, std::int32_t zero_point, std::int8_t* to) {
        quantise(row, width, factor, zero_point, to);
      });
}

}  // namespace augur
