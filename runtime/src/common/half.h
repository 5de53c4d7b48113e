// IEEE 754 binary16 to f32, exactly, on any processor.
#pragma once

#include <cstdint>
#include <cstring>

namespace augur {

inline float half_to_float(std::uint16_t half) {
  const std::uint32_t magnitude = half & 0x7fffu;
  // Normal numbers get another exponent bias. For infinity and not-a-number, the exponent of all
  // ones must stay all ones.
  constexpr std::uint32_t kInfinity = 0x7c00;
  constexpr std::uint32_t kSmallestNormal = 0x0400;
  const std::uint32_t rebias = (magnitude >= kInfinity ? 255u - 31u : 127u - 15u) << 23;
  const std::uint32_t normal = (magnitude << 13) + rebias;
  // Subnormal numbers are multiples of 2^-24. (No arithmetic on f32's own subnormal numbers: some
  // processors flush them to zero.)
  const float small = static_cast<float>(magnitude) * 0x1p-24f;
  std::uint32_t bits;
  std::memcpy(&bits, &small, sizeof(bits));
  bits = (magnitude < kSmallestNormal ? bits : normal) | (half & 0x8000u) << 16;
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

}  // namespace augur
