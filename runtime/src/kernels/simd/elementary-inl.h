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

// Whether a reciprocal takes so many instructions that two values should share one.
inline constexpr bool kSharesReciprocals = HWY_ARCH_ARM_A64;

// 1 / x for x in [1, 2^110]; relative error <= 2.5e-7.
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

// 2^y = (y^2 + a + b y) / (y^2 + a - b y), minimax in relative error on [-1/2, 1/2]: 4.4e-7.
inline constexpr float kRatioA = 25.0391067f;
inline constexpr float kRatioB = 8.67783884f;

#if HWY_ARCH_ARM_A64
// The constants of exp_ratio() for a factor, in memory.
template <int kFactor>
struct RatioTerms {
  static constexpr float kUnit = kFactor * kLog2E;  // 1 of x in y
  static constexpr float kEven = kRatioA / kUnit / kUnit;
  alignas(16) static constexpr float kValues[] = {kRound, kRound,       kRound,          kRound,
                                                  kEven,  kEven,        kEven,           kEven,
                                                  kUnit,  1.0f / kUnit, kRatioB / kUnit, 0.0f};
};

// Loads four constants anew each time, once x is known. A multiply-add overwrites what it adds to.
// A copy of a register takes the place of a multiply-add on the larger cores, where a load takes
// none.
HWY_INLINE Vec load_again(const float*& constants, std::size_t i, Vec x) {
  asm("" : "+r"(constants) : "w"(x.raw));
  return hn::Load(F(), constants + i * kVector);
}
#endif

// e^(factor x) = scale above / below, which is all that sigmoids and tanh need: a ratio of two
// polynomials of the second degree takes fewer instructions than one polynomial as exact. Relative
// error <= 4.4e-7, and the rounding of two sums. x is clamped, to +-22 on ARM, to +-29.8 / factor
// elsewhere, so that a product of two such values cannot overflow.
template <int kFactor, std::size_t kCount>
HWY_INLINE void exp_ratio(const Vec (&x)[kCount], Vec (&scale)[kCount], Vec (&above)[kCount],
                          Vec (&below)[kCount]) {
  const F f;
  Vec y[kCount];
#if HWY_ARCH_ARM_A64
  // y is in the unit of x here, so that it takes no multiplication.
  const float* constants = RatioTerms<kFactor>::kValues;
  const float32x4_t terms = load_again(constants, 2, x[0]).raw;
  for (std::size_t n = 0; n < kCount; ++n)
    y[n] = cut(x[n], 22.0f);
  for (std::size_t n = 0; n < kCount; ++n)
    scale[n].raw = vfmaq_laneq_f32(load_again(constants, 0, y[n]).raw, y[n].raw, terms, 0);
  for (std::size_t n = 0; n < kCount; ++n) {
    const Vec nearest = hn::Sub(scale[n], hn::Set(f, kRound));
    y[n].raw = vfmsq_laneq_f32(y[n].raw, nearest.raw, terms, 1);
  }
  for (std::size_t n = 0; n < kCount; ++n)
    scale[n] = hn::BitCast(f, hn::ShiftLeft<23>(hn::BitCast(I(), scale[n])));
  for (std::size_t n = 0; n < kCount; ++n) {
    const Vec even = hn::MulAdd(y[n], y[n], load_again(constants, 1, y[n]));
    const Vec odd(vmulq_laneq_f32(y[n].raw, terms, 2));
    above[n] = hn::Add(even, odd);
    below[n] = hn::Sub(even, odd);
  }
#else
  const Vec b = hn::Set(f, kRatioB);
  for (std::size_t n = 0; n < kCount; ++n)
    y[n] = cut(hn::Mul(x[n], hn::Set(f, kFactor * kLog2E)), 43.0f);
  split(y, scale);
  for (std::size_t n = 0; n < kCount; ++n) {
    const Vec even = hn::MulAdd(y[n], y[n], hn::Set(f, kRatioA));
    above[n] = hn::MulAdd(y[n], b, even);
    below[n] = hn::NegMulAdd(y[n], b, even);
  }
#endif
}

// A sigmoid as the ratio above / below, below in [2, 2^49].
template <std::size_t kCount>
HWY_INLINE void sigmoid_ratio(const Vec (&x)[kCount], Vec (&above)[kCount], Vec (&below)[kCount]) {
  Vec scale[kCount];
  exp_ratio<-1>(x, scale, below, above);
  for (std::size_t n = 0; n < kCount; ++n)
    below[n] = product_plus(scale[n], below[n], above[n]);
}

// tanh(x) as the ratio above / below, below in [2, 2^69].
template <std::size_t kCount>
HWY_INLINE void tanh_ratio(const Vec (&x)[kCount], Vec (&above)[kCount], Vec (&below)[kCount]) {
  Vec scale[kCount];
  exp_ratio<2>(x, scale, above, below);
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

// As sigmoid(). x[n] and x[n + kDistance] share a reciprocal, n being in the first half of 2
// kDistance vectors: 1 / a = b / (a b). So the bits depend on both, and all forms of a kernel must
// make the same pairs.
template <std::size_t kDistance, std::size_t kCount>
HWY_INLINE void sigmoid_pairs(Vec (&x)[kCount]) {
  static_assert(kCount % (2 * kDistance) == 0, "a vector has no partner");
  Vec above[kCount];
  Vec below[kCount];
  Vec inverse[kCount / 2];
  sigmoid_ratio(x, above, below);
  const auto first = [](std::size_t pair) {
    return pair / kDistance * 2 * kDistance + pair % kDistance;
  };
  for (std::size_t pair = 0; pair < kCount / 2; ++pair) {
    const std::size_t n = first(pair);
    inverse[pair] = hn::Mul(below[n], below[n + kDistance]);
    x[n] = hn::Mul(above[n], below[n + kDistance]);
    x[n + kDistance] = hn::Mul(above[n + kDistance], below[n]);
  }
  reciprocal(inverse);
  for (std::size_t pair = 0; pair < kCount / 2; ++pair) {
    const std::size_t n = first(pair);
    x[n] = hn::Mul(x[n], inverse[pair]);
    x[n + kDistance] = hn::Mul(x[n + kDistance], inverse[pair]);
  }
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
