// f32 to IEEE 754 binary16 and back.
#pragma once

#include <cstdint>

namespace augur::convert {

inline constexpr float kLargestHalf = 65504.0f;

// To the nearest, ties to even; beyond ±65520 infinity.
uint16_t to_half(float value);
float from_half(uint16_t half);

}  // namespace augur::convert
