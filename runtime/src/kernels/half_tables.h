// Tables of sigmoid and tanh for gates in fp16, for instructions that look up 32 bytes.
//
// Entry n holds the polynomial in |x| for the |x| that n widths are nearest to. |x| is cut off at
// the limit, so every larger one gets the same value: the outermost entries end halfway between the
// function's value at the limit and its value at infinity. Coefficients were chosen among fp16's
// numbers by the largest error of the computation in fp16.
#pragma once

#include <cstddef>
#include <cstdint>

namespace augur {

// 16 numbers of fp16: their low bytes, then their high bytes.
struct HalfTable {
  alignas(32) std::uint8_t bytes[32];

  template <std::size_t kCount>
  explicit constexpr HalfTable(const std::uint16_t (&bits)[kCount]) : bytes() {
    static_assert(kCount == 16, "a table has 16 entries");
    for (std::size_t n = 0; n < 16; ++n) {
      bytes[n] = static_cast<std::uint8_t>(bits[n] & 0xFF);
      bytes[16 + n] = static_cast<std::uint8_t>(bits[n] >> 8);
    }
  }
};

// sigmoid(|x|) - 1/2, in entries 0.4 wide.
inline constexpr std::uint16_t kHalfSigmoidLimit = 0x4632;    // 6.195
inline constexpr std::uint16_t kHalfSigmoidInverse = 0x4100;  // 2.5, of the width
inline constexpr HalfTable kHalfSigmoidSlope({0x33F9, 0x33AB, 0x32D5, 0x31AE, 0x307A, 0x2EB9,
                                              0x2CE2, 0x2AF2, 0x28D9, 0x26AB, 0x248B, 0x222A,
                                              0x202E, 0x1D9B, 0x1B93, 0x1915});
inline constexpr HalfTable kHalfSigmoidStart({0x022D, 0x18D9, 0x24B6, 0x2AFE, 0x2EDE, 0x3170,
                                              0x3375, 0x34A5, 0x356E, 0x3612, 0x3693, 0x36F5,
                                              0x373E, 0x3775, 0x379C, 0x37BC});
// tanh(|x|), in entries 0.26 wide.
inline constexpr std::uint16_t kHalfTanhLimit = 0x4407;    // 4.027
inline constexpr std::uint16_t kHalfTanhInverse = 0x43B1;  // 3.846
inline constexpr HalfTable kHalfTanhSquare({0xAC1D, 0xB383, 0xB5D6, 0xB5F8, 0xB4EB, 0xB319, 0xB0C5,
                                            0xAE17, 0xAB8F, 0xA89D, 0xA592, 0xA2AD, 0x9FF6, 0x9CC3,
                                            0x99AA, 0x105B});
inline constexpr HalfTable kHalfTanhSlope({0x3C03, 0x3C38, 0x3C9A, 0x3CA0, 0x3C24, 0x3AAF, 0x3905,
                                           0x3726, 0x34E5, 0x3293, 0x3052, 0x2D9B, 0x2B36, 0x289E,
                                           0x25DD, 0x8003});
inline constexpr HalfTable kHalfTanhStart({0x80B5, 0x9C28, 0xA59D, 0xA5B1, 0x2854, 0x30D1, 0x34CA,
                                           0x3737, 0x38B5, 0x3996, 0x3A48, 0x3ACC, 0x3B2B, 0x3B6E,
                                           0x3B9E, 0x3BEE});

}  // namespace augur
