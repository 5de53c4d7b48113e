// Quantisation of activations, in loops that the compiler vectorises.
#include "kernels/quantise.h"

#include <cstring>

namespace augur {
namespace {

constexpr std::size_t kLanes = 16;

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

struct Bounds {
  float least;
  float greatest;
};

// Of the row and 0, so that 0 has an exact integer.
Bounds bounds_of(const float* x, std::size_t width) {
  float least[kLanes] = {};
  float greatest[kLanes] = {};
  std::size_t k = 0;
  for (; k + kLanes <= width; k += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const float value = x[k + lane];
      least[lane] = value < least[lane] ? value : least[lane];
      greatest[lane] = value > greatest[lane] ? value : greatest[lane];
    }
  }
  for (std::size_t lane = 0; k < width; ++k, ++lane) {
    least[lane] = x[k] < least[lane] ? x[k] : least[lane];
    greatest[lane] = x[k] > greatest[lane] ? x[k] : greatest[lane];
  }
  for (std::size_t lane = 1; lane < kLanes; ++lane) {
    least[0] = least[lane] < least[0] ? least[lane] : least[0];
    greatest[0] = greatest[lane] > greatest[0] ? greatest[lane] : greatest[0];
  }
  return {least[0], greatest[0]};
}

RowScale quantise_any(const float* x, std::size_t width, std::int8_t* q) {
  constexpr float kNegligible = 1e-30f;  // far above f32's subnormal numbers
  constexpr float kSteps = 255.0f;
  const Bounds bounds = bounds_of(x, width);
  const float span = bounds.greatest - bounds.least;
  if (span < kNegligible) {
    std::memset(q, 0, width);
    return {0, 1.0f};
  }
  const float factor = kSteps / span;
  const std::int32_t zero_point = to_integer(-128.0f - bounds.least * factor, -128.0f, 127.0f, 0);
  quantise(x, width, factor, zero_point, q);
  return {zero_point, span / kSteps};
}

}  // namespace

void quantise_rows(InputRange range, const float* x, std::size_t stride, std::size_t rows,
                   std::size_t width, std::int8_t* q, RowScale* scales) {
  for (std::size_t row = 0; row < rows; ++row, x += stride, q += width) {
    switch (range) {
      case InputRange::kAny:
        scales[row] = quantise_any(x, width, q);
        break;
      case InputRange::kUnit:
        quantise(x, width, 127.0f, 0, q);
        scales[row] = {0, kUnitScale};
        break;
      case InputRange::kShare:
        quantise(x, width, 255.0f, -128, q);
        scales[row] = {-128, kShareScale};
        break;
    }
  }
}

}  // namespace augur
