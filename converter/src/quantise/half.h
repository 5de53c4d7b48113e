// f32 to IEEE 754 binary16 and back.
#pragma once

#include <cstdint>

namespace augur::convert {

inline constexpr float kLargestHalf = 65504.0f;

// Rounds to the nearest, ties to even; ±65520 and beyond become infinite.
uint16_t to_half(float value);
float from_half(uint16_t half);

}  // namespace augur::convert
