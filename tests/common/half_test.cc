#include "common/half.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

namespace augur {
namespace {

TEST_CASE("every half is converted exactly") {
  for (std::uint32_t bits = 0; bits < 65536; ++bits) {
    const int exponent = static_cast<int>(bits >> 10) & 31;
    const double mantissa = bits & 1023;
    const double sign = bits >> 15 != 0 ? -1 : 1;
    const float got = half_to_float(static_cast<std::uint16_t>(bits));
    if (exponent == 31) {
      if (mantissa == 0) REQUIRE(got == sign * std::numeric_limits<float>::infinity());
      if (mantissa != 0) REQUIRE(std::isnan(got));
      continue;
    }
    const double expected =
        exponent == 0 ? std::ldexp(mantissa, -24) : std::ldexp(1024 + mantissa, exponent - 25);
    REQUIRE(static_cast<double>(got) == sign * expected);
    REQUIRE(std::signbit(got) == (sign < 0));
  }
}

TEST_CASE("every half-precision number comes back from float, and other floats go to the nearest") {
  for (int bits = 0; bits < 0x10000; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    const float value = half_to_float(half);
    if (std::isnan(value)) {
      CHECK(std::isnan(half_to_float(float_to_half(value))));
    } else {
      CHECK(float_to_half(value) == half);
    }
  }
  CHECK(float_to_half(1.0f + 0x1p-11f) == float_to_half(1.0f));                // a tie, to even
  CHECK(float_to_half(1.0f + 3 * 0x1p-11f) == float_to_half(1.0f + 0x1p-9f));  // a tie, to even
  CHECK(float_to_half(0x1p-25f) == 0);
  CHECK(float_to_half(0x1.01p-25f) == 1);
  CHECK(std::isinf(half_to_float(float_to_half(65520.0f))));
}

}  // namespace
}  // namespace augur
