// exp, sigmoid and tanh in f32, without branches, so that loops over them become vector code.
// Results have the same bits at every position in a loop (contraction to FMA is off for kernels/,
// see runtime/CMakeLists.txt).
//
// Errors against float64, tested over all exponents by tests/runtime: stated at each function.
#pragma once

#include <cstdint>
#include <cstring>

namespace augur {

namespace elementary {

// Not-a-number becomes `low`, because callers convert the result to an integer.
inline float clamp(float x, float low, float high) {
  return x > low ? (x < high ? x : high) : low;
}

// x = n ln 2 + r with |r| <= ln 2 / 2; returns e^r - 1 and 2^n. |x| <= 87.
struct Reduced {
  float expm1_r;
  float two_n;
};

inline Reduced reduce(float x) {
  constexpr float kLog2E = 1.44269504f;
  constexpr float kLn2High = 0.693359375f;  // few bits, so that n * kLn2High is exact
  constexpr float kLn2Low = -2.12194440e-4f;
  constexpr float kRound = 12582912.0f;  // 1.5 * 2^23: adding it rounds to the nearest integer
  const float n = (x * kLog2E + kRound) - kRound;
  const float r = (x - n * kLn2High) - n * kLn2Low;
  // Taylor's series up to r^7; the omitted terms are below 6e-9 on |r| <= 0.3466.
  float p = 1.0f / 5040.0f;
  p = p * r + 1.0f / 720.0f;
  p = p * r + 1.0f / 120.0f;
  p = p * r + 1.0f / 24.0f;
  p = p * r + 1.0f / 6.0f;
  p = p * r + 0.5f;
  p = p * (r * r) + r;
  const std::uint32_t bits = static_cast<std::uint32_t>(static_cast<std::int32_t>(n) + 127) << 23;
  float two_n;
  std::memcpy(&two_n, &bits, sizeof(two_n));
  return {p, two_n};
}

}  // namespace elementary

// Relative error <= 2.5e-7 on [-87, 87]; clamped outside.
inline float exp_f32(float x) {
  const elementary::Reduced e = elementary::reduce(elementary::clamp(x, -87.0f, 87.0f));
  return e.expm1_r * e.two_n + e.two_n;
}

// 1 / (1 + e^-x). Absolute error <= 1.5e-7.
inline float sigmoid_f32(float x) {
  return 1.0f / (1.0f + exp_f32(-x));
}

// expm1(2x) / (expm1(2x) + 2). Absolute error <= 2e-7, and near 0 relative error <= 5e-7.
inline float tanh_f32(float x) {
  const elementary::Reduced e = elementary::reduce(elementary::clamp(2.0f * x, -20.0f, 20.0f));
  const float expm1 = e.expm1_r * e.two_n + (e.two_n - 1.0f);
  return expm1 / (expm1 + 2.0f);
}

}  // namespace augur
