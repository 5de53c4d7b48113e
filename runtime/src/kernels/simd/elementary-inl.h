// exp, sigmoid and tanh on vectors of f32, for whichever instruction set is being compiled.
// Included once for each; see kernels/simd/kernels.cc.
//
// e^x = 2^n 2^f with n + f = x log2(e). The rounding of that product grows with |x|, but what is
// made of e^x here shrinks faster, so that a second word of log2(e) would change nothing. Errors
// against float64, tested on every instruction set (tests/kernels): stated at each function.
#if defined(AUGUR_SIMD_ELEMENTARY_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef AUGUR_SIMD_ELEMENTARY_INL_H
#undef AUGUR_SIMD_ELEMENTARY_INL_H
#else
#define AUGUR_SIMD_ELEMENTARY_INL_H
#endif

#include <cstddef>

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace augur {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using F = hn::ScalableTag<float>;
using I = hn::RebindToSigned<F>;
using Vec = hn::Vec<F>;

inline constexpr std::size_t kVector = hn::MaxLanes(F());

// There are instructions for dot products of four int8. Without them, products of f32 are faster.
#if HWY_TARGET <= HWY_AVX3_DL && HWY_ARCH_X86
inline constexpr bool kIntegerProducts = true;
#else
inline constexpr bool kIntegerProducts = false;
#endif

inline constexpr float kLog2E = 1.44269504f;

// 2^y, relative error <= 1.6e-7; y in [-126, 126].
HWY_INLINE Vec exp2_within(Vec y) {
  const F f;
  const I i;
  const Vec round = hn::Set(f, 12582912.0f);  // 1.5 * 2^23: adding it rounds to the nearest integer
  const Vec rounded = hn::Add(y, round);
  const Vec r = hn::Sub(y, hn::Sub(rounded, round));
  // Minimax in relative error on [-1/2, 1/2]: 7.5e-8.
  Vec p = hn::Set(f, 0.0013276472454890609f);
  p = hn::MulAdd(p, r, hn::Set(f, 0.009675540961325169f));
  p = hn::MulAdd(p, r, hn::Set(f, 0.05550713092088699f));
  p = hn::MulAdd(p, r, hn::Set(f, 0.24022120237350464f));
  p = hn::MulAdd(p, r, hn::Set(f, 0.6931469440460205f));
  p = hn::MulAdd(p, r, hn::Set(f, 1.0f));
  // The integer stands in the lowest bits of `rounded`.
  const auto exponent = hn::ShiftLeft<23>(hn::BitCast(i, rounded));
  return hn::BitCast(f, hn::Add(hn::BitCast(i, p), exponent));
}

// 1 / x for x in [1, 2^90]; relative error <= 2.5e-7.
HWY_INLINE Vec reciprocal(Vec x) {
#if HWY_TARGET <= HWY_AVX3
  const Vec guess = hn::ApproximateReciprocal(x);  // to 14 bits
  return hn::Mul(guess, hn::NegMulAdd(x, guess, hn::Set(F(), 2.0f)));
#else
  return hn::Div(hn::Set(F(), 1.0f), x);
#endif
}

// e^(factor x), the exponent clamped to +-30: enough for sigmoids and tanh, and products of two
// such values cannot overflow.
HWY_INLINE Vec exp_bounded(Vec x, float factor) {
  const F f;
  const Vec y = hn::Mul(x, hn::Set(f, factor * kLog2E));
  return exp2_within(hn::Min(hn::Max(y, hn::Set(f, -43.0f)), hn::Set(f, 43.0f)));
}

// Not-a-number becomes something.
HWY_INLINE Vec exp_not_positive(Vec x) {
  const F f;
  const Vec y = hn::Mul(x, hn::Set(f, kLog2E));
  return exp2_within(hn::Min(hn::Max(y, hn::Set(f, -126.0f)), hn::Set(f, 0.0f)));
}

// 1 / (1 + e^-x). Absolute error <= 2e-7.
HWY_INLINE Vec sigmoid(Vec x) {
  return reciprocal(hn::Add(exp_bounded(x, -1.0f), hn::Set(F(), 1.0f)));
}

// 1 - 2 / (e^2x + 1). Absolute error <= 3e-7.
HWY_INLINE Vec tanh(Vec x) {
  const Vec one = hn::Set(F(), 1.0f);
  return hn::NegMulAdd(hn::Set(F(), 2.0f), reciprocal(hn::Add(exp_bounded(x, 2.0f), one)), one);
}

}  // namespace HWY_NAMESPACE
}  // namespace augur
HWY_AFTER_NAMESPACE();

#endif
