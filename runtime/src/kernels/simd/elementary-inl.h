// exp, sigmoid and tanh on arrays of vectors of f32, in place, for whichever instruction set is
// being compiled. Included once for each; see kernels/simd/kernels.cc.
//
// e^x = 2^n 2^f with n + f = x log2(e). The rounding error of that product grows with |x|, but its
// effect on the functions here shrinks faster, so a second word of log2(e) would change nothing.
// Errors against float64, tested on every instruction set (tests/runtime/kernels): stated at each
// function.
#if defined(AUGUR_SIMD_ELEMENTARY_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef AUGUR_SIMD_ELEMENTARY_INL_H
#undef AUGUR_SIMD_ELEMENTARY_INL_H
#else
#define AUGUR_SIMD_ELEMENTARY_INL_H
#endif

#include <cstddef>

#include "common/build_choices.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace augur {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using F = hn::ScalableTag<float>;
using I = hn::RebindToSigned<F>;
using Vec = hn::Vec<F>;

inline constexpr std::size_t kVector = hn::MaxLanes(F());

// Whether there are instructions for dot products of four int8. Without them, products of f32 are
// faster. Not every 64-bit ARM processor has them: kernel_set.cc.
#if (HWY_TARGET <= HWY_AVX3_DL && HWY_ARCH_X86) || HWY_ARCH_ARM_A64
inline constexpr bool kIntegerProducts = build::kIntegers;
#else
inline constexpr bool kIntegerProducts = false;
#endif

inline constexpr float kLog2E = 1.44269504f;

// This many vectors go through a function together, so that their chains of dependent instructions
// overlap: on in-order cores, and on out-of-order cores that look only a limited number of
// instructions ahead.
#if HWY_TARGET <= HWY_AVX3
inline constexpr std::size_t kTogether = 8;
#else
inline constexpr std::size_t kTogether = 4;
#endif

// 2^y, relative error <= 1.6e-7; y in [-126, 126].
template <std::size_t kCount>
HWY_INLINE void exp2_within(Vec (&y)[kCount]) {
  const F f;
  const I i;
  const Vec round = hn::Set(f, 12582912.0f);  // 1.5 * 2^23: adding it rounds to the nearest integer
  // Minimax in relative error on [-1/2, 1/2]: 7.5e-8.
  constexpr float kTerms[] = {0.009675540961325169f, 0.05550713092088699f, 0.24022120237350464f,
                              0.6931469440460205f, 1.0f};
  Vec rounded[kCount];
  Vec p[kCount];
  for (std::size_t n = 0; n < kCount; ++n) {
    rounded[n] = hn::Add(y[n], round);
    p[n] = hn::Set(f, 0.0013276472454890609f);
  }
  for (std::size_t n = 0; n < kCount; ++n)
    y[n] = hn::Sub(y[n], hn::Sub(rounded[n], round));
  for (const float term : kTerms) {
    for (std::size_t n = 0; n < kCount; ++n)
      p[n] = hn::MulAdd(p[n], y[n], hn::Set(f, term));
  }
  for (std::size_t n = 0; n < kCount; ++n) {
    // The integer stands in the lowest bits of `rounded`.
    const auto exponent = hn::ShiftLeft<23>(hn::BitCast(i, rounded[n]));
    y[n] = hn::BitCast(f, hn::Add(hn::BitCast(i, p[n]), exponent));
  }
}

// 1 / x for x in [1, 2^90]; relative error <= 2.5e-7.
template <std::size_t kCount>
HWY_INLINE void reciprocal(Vec (&x)[kCount]) {
  const F f;
#if HWY_TARGET <= HWY_AVX3
  Vec guess[kCount];
  for (std::size_t n = 0; n < kCount; ++n)
    guess[n] = hn::ApproximateReciprocal(x[n]);  // to 14 bits
  for (std::size_t n = 0; n < kCount; ++n)
    x[n] = hn::Mul(guess[n], hn::NegMulAdd(x[n], guess[n], hn::Set(f, 2.0f)));
#else
  for (std::size_t n = 0; n < kCount; ++n)
    x[n] = hn::Div(hn::Set(f, 1.0f), x[n]);
#endif
}

// x limited to [-limit, limit]; not-a-number gives an arbitrary value.
HWY_INLINE Vec cut(Vec x, float limit) {
  const F f;
#if HWY_TARGET <= HWY_AVX3
  constexpr int kLesserWithSignOfFirst = 2;
  return Vec{_mm512_range_ps(x.raw, hn::Set(f, limit).raw, kLesserWithSignOfFirst)};
#else
  return hn::Min(hn::Max(x, hn::Set(f, -limit)), hn::Set(f, limit));
#endif
}

// e^(factor x), the exponent clamped to +-30: enough for sigmoids and tanh, and products of two
// such values cannot overflow.
template <std::size_t kCount>
HWY_INLINE void exp_bounded(Vec (&x)[kCount], float factor) {
  const F f;
  for (std::size_t n = 0; n < kCount; ++n)
    x[n] = cut(hn::Mul(x[n], hn::Set(f, factor * kLog2E)), 43.0f);
  exp2_within(x);
}

// e^x for x <= 0. Not-a-number gives an arbitrary value.
template <std::size_t kCount>
HWY_INLINE void exp_not_positive(Vec (&x)[kCount]) {
  const F f;
  for (std::size_t n = 0; n < kCount; ++n) {
    const Vec y = hn::Mul(x[n], hn::Set(f, kLog2E));
    x[n] = hn::Min(hn::Max(y, hn::Set(f, -126.0f)), hn::Set(f, 0.0f));
  }
  exp2_within(x);
}

// 1 + e^-x
template <std::size_t kCount>
HWY_INLINE void one_plus_exp(Vec (&x)[kCount]) {
  exp_bounded(x, -1.0f);
  for (std::size_t n = 0; n < kCount; ++n)
    x[n] = hn::Add(x[n], hn::Set(F(), 1.0f));
}

// 1 / (1 + e^-x). Absolute error <= 2e-7.
template <std::size_t kCount>
HWY_INLINE void sigmoid(Vec (&x)[kCount]) {
  one_plus_exp(x);
  reciprocal(x);
}

// 1 - 2 / (e^2x + 1). Absolute error <= 3e-7.
template <std::size_t kCount>
HWY_INLINE void tanh(Vec (&x)[kCount]) {
  const Vec one = hn::Set(F(), 1.0f);
  exp_bounded(x, 2.0f);
  for (std::size_t n = 0; n < kCount; ++n)
    x[n] = hn::Add(x[n], one);
  reciprocal(x);
  for (std::size_t n = 0; n < kCount; ++n)
    x[n] = hn::NegMulAdd(hn::Set(F(), 2.0f), x[n], one);
}

}  // namespace HWY_NAMESPACE
}  // namespace augur
HWY_AFTER_NAMESPACE();

#endif
