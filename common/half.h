// IEEE 754 binary16 ("half precision") to f32 and back, on any processor.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

namespace augur {

inline constexpr float kLargestHalf = 65504.0f;

// Exact for every half-precision number, with the bits of a NaN kept.
inline float half_to_float(std::uint16_t half) {
  const std::uint32_t magnitude = half & 0x7fffu;
  // Rebiasing the exponent serves normal numbers, and with all ones infinity and not-a-number.
  constexpr std::uint32_t kInfinity = 0x7c00;
  constexpr std::uint32_t kSmallestNormal = 0x0400;
  const std::uint32_t rebias = (magnitude >= kInfinity ? 255u - 31u : 127u - 15u) << 23;
  const std::uint32_t normal = (magnitude << 13) + rebias;
  // The others are multiples of 2^-24. (No arithmetic on f32's own subnormal numbers: some
  // processors flush them to zero.)
  const float small = static_cast<float>(magnitude) * 0x1p-24f;
  std::uint32_t bits;
  std::memcpy(&bits, &small, sizeof(bits));
  bits = (magnitude < kSmallestNormal ? bits : normal) | (half & 0x8000u) << 16;
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

// The nearest half-precision number, ties to even; infinity from ±65520 on.
inline std::uint16_t float_to_half(float value) {
  const auto sign = static_cast<std::uint16_t>(std::signbit(value) ? 0x8000 : 0);
  if (std::isnan(value)) return static_cast<std::uint16_t>(sign | 0x7e00);
  const double magnitude = std::fabs(static_cast<double>(value));
  if (magnitude >= 65520.0) return static_cast<std::uint16_t>(sign | 0x7c00);
  // Multiples of 2^-24 up to 2^-14, above that 11 significant bits. nearbyint rounds ties to even.
  if (magnitude < 0x1p-14) {
    const auto multiple = static_cast<int>(std::nearbyint(std::ldexp(magnitude, 24)));
    return static_cast<std::uint16_t>(sign | multiple);
  }
  int exponent = 0;
  const double fraction = std::frexp(magnitude, &exponent);  // in [0.5, 1)
  const auto significand = static_cast<int>(std::nearbyint(std::ldexp(fraction, 11)));
  // A significand of 2048 carries into the exponent by itself.
  return static_cast<std::uint16_t>(sign | (((exponent + 13) << 10) + significand));
}

}  // namespace augur
