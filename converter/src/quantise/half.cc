// f32 to IEEE 754 binary16 and back; see half.h.
#include "quantise/half.h"

#include <cmath>

namespace augur::convert {

uint16_t to_half(float value) {
  const auto sign = static_cast<uint16_t>(std::signbit(value) ? 0x8000 : 0);
  if (std::isnan(value)) return static_cast<uint16_t>(sign | 0x7e00);
  const double magnitude = std::fabs(static_cast<double>(value));
  if (magnitude >= 65520.0) return static_cast<uint16_t>(sign | 0x7c00);
  // Multiples of 2^-24 up to 2^-14, above that 11 significant bits. nearbyint rounds ties to even.
  if (magnitude < 0x1p-14) {
    return static_cast<uint16_t>(sign |
                                 static_cast<int>(std::nearbyint(std::ldexp(magnitude, 24))));
  }
  int exponent = 0;
  const double fraction = std::frexp(magnitude, &exponent);  // in [0.5, 1)
  const int significand = static_cast<int>(std::nearbyint(std::ldexp(fraction, 11)));
  // A significand that was rounded up to 2048 adds 1 to the exponent.
  return static_cast<uint16_t>(sign | (((exponent + 13) << 10) + significand));
}

float from_half(uint16_t half) {
  const int exponent = half >> 10 & 31;
  const int fraction = half & 1023;
  float magnitude = std::ldexp(static_cast<float>(fraction), -24);
  if (exponent == 31) magnitude = fraction == 0 ? INFINITY : NAN;
  if (exponent > 0 && exponent < 31) {
    magnitude = std::ldexp(static_cast<float>(1024 + fraction), exponent - 25);
  }
  return (half & 0x8000) != 0 ? -magnitude : magnitude;
}

}  // namespace augur::convert
