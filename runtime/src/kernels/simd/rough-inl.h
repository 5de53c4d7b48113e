// sigmoid and tanh for gates whose products are computed with integers, where an error of 1e-3 is
// acceptable.
#if defined(AUGUR_SIMD_ROUGH_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef AUGUR_SIMD_ROUGH_INL_H
#undef AUGUR_SIMD_ROUGH_INL_H
#else
#define AUGUR_SIMD_ROUGH_INL_H
#endif

#include "hwy/highway.h"
#include "kernels/gate_tables.h"
#include "kernels/simd/elementary-inl.h"

HWY_BEFORE_NAMESPACE();
namespace augur {
namespace HWY_NAMESPACE {

#if HWY_TARGET <= HWY_AVX3

// The index of the table's entry for x: x / width, rounded to the nearest integer. The look-up
// reads only the lowest five bits.
HWY_INLINE auto table_index(Vec x, float inverse_width) {
  const F f;
  const hn::RebindToSigned<F> i;
  const Vec n = hn::MulAdd(x, hn::Set(f, inverse_width), hn::Set(f, 12582912.0f));
  return hn::IndicesFromVec(f, hn::BitCast(i, n));
}

template <class Indices>
HWY_INLINE Vec look_up(const float* table, Indices indices) {
  const F f;
  return hn::TwoTablesLookupLanes(f, hn::Load(f, table), hn::Load(f, table + kVector), indices);
}

// Absolute error <= 1.1e-3.
HWY_INLINE Vec rough_sigmoid(Vec x) {
  x = cut(x, kSigmoidLimit);
  const auto at = table_index(x, 1.0f / kSigmoidWidth);
  return hn::MulAdd(look_up(kSigmoidSlope, at), x, look_up(kSigmoidStart, at));
}

// Absolute error <= 4e-4.
HWY_INLINE Vec rough_tanh(Vec x) {
  x = cut(x, kTanhLimit);
  const auto at = table_index(x, 1.0f / kTanhWidth);
  const Vec slope = hn::MulAdd(look_up(kTanhSquare, at), x, look_up(kTanhSlope, at));
  return hn::MulAdd(slope, x, look_up(kTanhStart, at));
}

#elif HWY_ARCH_ARM_A64

// x (a + b x^2) / (1 + c x^2 + d x^4) for |x| <= limit, and its value at the limit beyond that.
struct RoughRatio {
  float limit, a, b, c, d;
};

HWY_INLINE Vec rough_ratio(Vec x, const RoughRatio& ratio) {
  const F f;
  x = hn::Min(hn::Max(x, hn::Set(f, -ratio.limit)), hn::Set(f, ratio.limit));
  const Vec square = hn::Mul(x, x);
  const Vec above = hn::Mul(hn::MulAdd(square, hn::Set(f, ratio.b), hn::Set(f, ratio.a)), x);
  Vec below = hn::MulAdd(square, hn::Set(f, ratio.d), hn::Set(f, ratio.c));
  below = hn::MulAdd(below, square, hn::Set(f, 1.0f));
  // The guess is accurate to 8 bits; one Newton step makes it accurate to 16.
  const Vec guess = hn::ApproximateReciprocal(below);
  return hn::Mul(hn::Mul(above, guess), Vec(vrecpsq_f32(below.raw, guess.raw)));
}

// Absolute error <= 5e-4.
HWY_INLINE Vec rough_sigmoid(Vec x) {
  constexpr RoughRatio kHalfTanhOfHalf = {8.98565483f, 0.249579415f, 0.0048972182f, 0.101783253f,
                                          0.000365019019f};
  return hn::Add(rough_ratio(x, kHalfTanhOfHalf), hn::Set(F(), 0.5f));
}

// Absolute error <= 1e-3.
HWY_INLINE Vec rough_tanh(Vec x) {
  constexpr RoughRatio kTanh = {4.49282742f, 0.998317659f, 0.0783554912f, 0.407133013f,
                                0.00584030431f};
  return rough_ratio(x, kTanh);
}

#else

// 2^y, relative error 1e-4; y in [-126, 126].
HWY_INLINE Vec rough_exp2(Vec y) {
  const F f;
  const I i;
  const Vec round = hn::Set(f, 12582912.0f);
  const Vec rounded = hn::Add(y, round);
  const Vec r = hn::Sub(y, hn::Sub(rounded, round));
  Vec p = hn::Set(f, 0.0551716685295105f);
  p = hn::MulAdd(p, r, hn::Set(f, 0.2426111251115799f));
  p = hn::MulAdd(p, r, hn::Set(f, 0.6932609677314758f));
  p = hn::MulAdd(p, r, hn::Set(f, 0.9999280571937561f));
  return hn::BitCast(f, hn::Add(hn::BitCast(i, p), hn::ShiftLeft<23>(hn::BitCast(i, rounded))));
}

// 1 / x, relative error 4e-4.
HWY_INLINE Vec rough_reciprocal(Vec x) {
  return hn::ApproximateReciprocal(x);
}

// 1 / (1 + e^(factor x))
HWY_INLINE Vec rough_logistic(Vec x, float factor) {
  const F f;
  const Vec y = hn::Mul(x, hn::Set(f, factor * kLog2E));
  const Vec e = rough_exp2(hn::Min(hn::Max(y, hn::Set(f, -30.0f)), hn::Set(f, 30.0f)));
  return rough_reciprocal(hn::Add(e, hn::Set(f, 1.0f)));
}

// Absolute error <= 1.1e-3.
HWY_INLINE Vec rough_sigmoid(Vec x) {
  return rough_logistic(x, -1.0f);
}

// Absolute error <= 1e-3.
HWY_INLINE Vec rough_tanh(Vec x) {
  const F f;
  return hn::NegMulAdd(hn::Set(f, 2.0f), rough_logistic(x, 2.0f), hn::Set(f, 1.0f));
}

#endif

template <std::size_t kCount>
HWY_INLINE void rough_sigmoid(Vec (&x)[kCount]) {
  for (Vec& value : x)
    value = rough_sigmoid(value);
}

template <std::size_t kCount>
HWY_INLINE void rough_tanh(Vec (&x)[kCount]) {
  for (Vec& value : x)
    value = rough_tanh(value);
}

}  // namespace HWY_NAMESPACE
}  // namespace augur
HWY_AFTER_NAMESPACE();

#endif
