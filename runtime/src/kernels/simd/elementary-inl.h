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

// 2^23 * 1.5 + 127. Adding it to y rounds y to the nearest integer n, and leaves the exponent of
// 2^n, biased as f32 has it, in the lowest bits.
inline constexpr float kRound = 12583039.0f;

// y [-126, 126] -> its distance from the nearest integer n, and 2^n.
template <std::size_t kCount>
HWY_INLINE void split(Vec (&y)[kCount], Vec (&scale)[kCount]) {
  const F f;
  const Vec round = hn::Set(f, kRound);
  for (std::size_t n = 0; n < kCount; ++n)
    scale[n] = hn::Add(y[n], round);
  for (std::size_t n = 0; n < kCount; ++n)
    y[n] = hn::Sub(y[n], hn::Sub(scale[n], round));
  for (std::size_t n = 0; n < kCount; ++n)
    scale[n] = hn::BitCast(f, hn::ShiftLeft<23>(hn::BitCast(I(), scale[n])));
}

// 2^y, relative error <= 1.6e-7; y in [-126, 126].
template <std::size_t kCount>
HWY_INLINE void exp2_within(Vec (&y)[kCount]) {
  const F f;
  // Minimax in relative error on [-1/2, 1/2]: 7.5e-8.
  constexpr float kTerms[] = {0.009675540961325169f, 0.05550713092088699f, 0.24022120237350464f,
                              0.6931469440460205f, 1.0f};
  Vec scale[kCount];
  Vec p[kCount];
  split(y, scale);
  for (std::size_t n = 0; n < kCount; ++n)
    p[n] = hn::Set(f, 0.0013276472454890609f);
  for (const float term : kTerms) {
    for (std::size_t n = 0; n < kCount; ++n)
      p[n] = hn::MulAdd(p[n], y[n], hn::Set(f, term));
  }
  for (std::size_t n = 0; n < kCount; ++n)
    y[n] = hn::Mul(p[n], scale[n]);
}

// 1 / x for x in [1, 2^100]; relative error <= 2.5e-7.
template <std::size_t kCount>
HWY_INLINE void reciprocal(Vec (&x)[kCount]) {
#if HWY_TARGET <= HWY_AVX3
  Vec guess[kCount];
  for (std::size_t n = 0; n < kCount; ++n)
    guess[n] = hn::ApproximateReciprocal(x[n]);  // to 14 bits
  for (std::size_t n = 0; n < kCount; ++n)
    x[n] = hn::Mul(guess[n], hn::NegMulAdd(x[n], guess[n], hn::Set(F(), 2.0f)));
#elif HWY_ARCH_ARM_A64
  Vec guess[kCount];
  for (std::size_t n = 0; n < kCount; ++n)
    guess[n].raw = vrecpeq_f32(x[n].raw);  // to 8 bits
  for (std::size_t n = 0; n < kCount; ++n)
    guess[n].raw = vmulq_f32(guess[n].raw, vrecpsq_f32(x[n].raw, guess[n].raw));
  for (std::size_t n = 0; n < kCount; ++n)
    x[n].raw = vmulq_f32(guess[n].raw, vrecpsq_f32(x[n].raw, guess[n].raw));
#else
  for (std::size_t n = 0; n < kCount; ++n)
    x[n] = hn::Div(hn::Set(F(), 1.0f), x[n]);
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

// a b + c and a b - c. ARM's multiply-add overwrites c, so that it needs a copy where c is used
// again.
HWY_INLINE Vec product_plus(Vec a, Vec b, Vec c) {
  return HWY_ARCH_ARM_A64 ? hn::Add(hn::Mul(a, b), c) : hn::MulAdd(a, b, c);
}
HWY_INLINE Vec product_minus(Vec a, Vec b, Vec c) {
  return HWY_ARCH_ARM_A64 ? hn::Sub(hn::Mul(a, b), c) : hn::MulSub(a, b, c);
}

// e^(factor x) = scale above / below, which is all that sigmoids and tanh need: a ratio of two
// polynomials of the second degree takes fewer instructions than one polynomial as exact. Relative
// error <= 4.4e-7, and the rounding of two sums. The exponent is clamped to +-30, so that a product
// of two such values cannot overflow.
template <std::size_t kCount>
HWY_INLINE void exp_ratio(const Vec (&x)[kCount], float factor, Vec (&scale)[kCount],
                          Vec (&above)[kCount], Vec (&below)[kCount]) {
  const F f;
  // 2^y = (y^2 + a + b y) / (y^2 + a - b y), minimax in relative error on [-1/2, 1/2].
  const Vec a = hn::Set(f, 25.0391067f);
  const Vec b = hn::Set(f, 8.67783884f);
  Vec y[kCount];
  for (std::size_t n = 0; n < kCount; ++n)
    y[n] = cut(hn::Mul(x[n], hn::Set(f, factor * kLog2E)), 43.0f);
  split(y, scale);
  for (std::size_t n = 0; n < kCount; ++n) {
    const Vec even = product_plus(y[n], y[n], a);
    above[n] = product_plus(y[n], b, even);
    below[n] = HWY_ARCH_ARM_A64 ? hn::Sub(even, hn::Mul(y[n], b)) : hn::NegMulAdd(y[n], b, even);
  }
}

// A sigmoid as the ratio above / below, below in [20, 2^49].
template <std::size_t kCount>
HWY_INLINE void sigmoid_ratio(const Vec (&x)[kCount], Vec (&above)[kCount], Vec (&below)[kCount]) {
  Vec scale[kCount];
  exp_ratio(x, -1.0f, scale, below, above);
  for (std::size_t n = 0; n < kCount; ++n)
    below[n] = product_plus(scale[n], below[n], above[n]);
}

// tanh(x) as the ratio above / below, below in [20, 2^49].
template <std::size_t kCount>
HWY_INLINE void tanh_ratio(const Vec (&x)[kCount], Vec (&above)[kCount], Vec (&below)[kCount]) {
  Vec scale[kCount];
  exp_ratio(x, 2.0f, scale, above, below);
  for (std::size_t n = 0; n < kCount; ++n) {
    const Vec sum = product_plus(scale[n], above[n], below[n]);
    above[n] = product_minus(scale[n], above[n], below[n]);
    below[n] = sum;
  }
}

// 1 / (1 + e^-x). Absolute error <= 2.5e-7.
template <std::size_t kCount>
HWY_INLINE void sigmoid(Vec (&x)[kCount]) {
  Vec above[kCount];
  Vec below[kCount];
  sigmoid_ratio(x, above, below);
  reciprocal(below);
  for (std::size_t n = 0; n < kCount; ++n)
    x[n] = hn::Mul(above[n], below[n]);
}

// (e^2x - 1) / (e^2x + 1). Absolute error <= 3e-7.
template <std::size_t kCount>
HWY_INLINE void tanh(Vec (&x)[kCount]) {
  Vec above[kCount];
  Vec below[kCount];
  tanh_ratio(x, above, below);
  reciprocal(below);
  for (std::size_t n = 0; n < kCount; ++n)
    x[n] = hn::Mul(above[n], below[n]);
}

}  // namespace HWY_NAMESPACE
}  // namespace augur
HWY_AFTER_NAMESPACE();

#endif
