// Activations in vectors: over rows of units, and over units that each have a row of lanes.
#if defined(AUGUR_SIMD_ACTIVATION_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef AUGUR_SIMD_ACTIVATION_INL_H
#undef AUGUR_SIMD_ACTIVATION_INL_H
#else
#define AUGUR_SIMD_ACTIVATION_INL_H
#endif

#include "common/build_choices.h"
#include "hwy/highway.h"
#include "kernels/activation.h"
#include "kernels/simd/elementary-inl.h"

HWY_BEFORE_NAMESPACE();
namespace augur {
namespace HWY_NAMESPACE {

// The coefficients of an activation, for one unit or for a vector of units.
struct ActivationTerms {
  Vec alpha;
  Vec scale;
  Vec shift;
};

// kGated: x σ(x P(x²)), see Gate in kernels/activation.h.
template <std::size_t kCount>
HWY_INLINE void gated(const Gate& gate, Vec (&x)[kCount]) {
  const F f;
  Vec square[kCount];
  Vec p[kCount];
  for (std::size_t n = 0; n < kCount; ++n) {
    square[n] = cut(x[n], kGateLimit);
    square[n] = hn::Mul(square[n], square[n]);
    p[n] = hn::Set(f, gate.terms[0]);
  }
  for (std::size_t i = 1; i < gate.count; ++i) {
    const Vec term = hn::Set(f, gate.terms[i]);
    for (std::size_t n = 0; n < kCount; ++n)
      p[n] = hn::MulAdd(p[n], square[n], term);
  }
  for (std::size_t n = 0; n < kCount; ++n)
    p[n] = hn::Mul(p[n], x[n]);
  sigmoid(p);
  for (std::size_t n = 0; n < kCount; ++n)
    x[n] = hn::Mul(x[n], p[n]);
}

// Applies any kind except kDiceRowwise to x, in place.
template <ActivationKind kKind, std::size_t kCount>
HWY_INLINE void activate(const Activation& activation, const ActivationTerms (&terms)[kCount],
                         Vec (&x)[kCount]) {
  const F f;
  if constexpr (kKind == ActivationKind::kRelu) {
    for (Vec& value : x)
      value = hn::Max(value, hn::Zero(f));
  }
  if constexpr (kKind == ActivationKind::kPrelu) {
    for (std::size_t n = 0; n < kCount; ++n)
      x[n] = hn::IfThenElse(hn::Gt(x[n], hn::Zero(f)), x[n], hn::Mul(terms[n].alpha, x[n]));
  }
  if constexpr (kKind == ActivationKind::kDice) {
    Vec p[kCount];
    for (std::size_t n = 0; n < kCount; ++n)
      p[n] = hn::MulAdd(terms[n].scale, x[n], terms[n].shift);
    sigmoid(p);
    for (std::size_t n = 0; n < kCount; ++n)
      x[n] = hn::Mul(x[n], hn::MulAdd(terms[n].alpha, hn::Sub(hn::Set(f, 1.0f), p[n]), p[n]));
  }
  if constexpr (kKind == ActivationKind::kSigmoid) sigmoid(x);
  if constexpr (kKind == ActivationKind::kTanh) tanh(x);
  if constexpr (kKind == ActivationKind::kElu) {
    Vec e[kCount];
    for (std::size_t n = 0; n < kCount; ++n)
      e[n] = x[n];
    exp_not_positive(e);
    for (std::size_t n = 0; n < kCount; ++n) {
      const Vec below = hn::Mul(terms[n].alpha, hn::Sub(e[n], hn::Set(f, 1.0f)));
      x[n] = hn::IfThenElse(hn::Gt(x[n], hn::Zero(f)), x[n], below);
    }
  }
  if constexpr (kKind == ActivationKind::kGated) gated(activation.gate, x);
}

// Whether the build has the kind.
template <ActivationKind kKind>
inline constexpr bool kInBuild = (kKind == ActivationKind::kRelu && build::kRelu) ||
                                 (kKind == ActivationKind::kPrelu && build::kPrelu) ||
                                 (kKind == ActivationKind::kDice && build::kDice) ||
                                 (kKind == ActivationKind::kSigmoid && build::kSigmoid) ||
                                 (kKind == ActivationKind::kTanh && build::kTanh) ||
                                 (kKind == ActivationKind::kElu && build::kElu) ||
                                 (kKind == ActivationKind::kGated &&
                                  (build::kGelu || build::kSilu));

template <ActivationKind kKind>
inline constexpr bool kHasAlpha = kKind == ActivationKind::kPrelu ||
                                  kKind == ActivationKind::kDice || kKind == ActivationKind::kElu;

// Calls CALL with the kind as a constant. Does nothing for kNone, kDiceRowwise, and kinds that are
// not in the build.
#define AUGUR_FOR_ACTIVATION(kind, CALL)                                                \
  switch (kind) {                                                                       \
    case ActivationKind::kRelu:                                                         \
      if constexpr (kInBuild<ActivationKind::kRelu>) CALL(ActivationKind::kRelu);       \
      break;                                                                            \
    case ActivationKind::kPrelu:                                                        \
      if constexpr (kInBuild<ActivationKind::kPrelu>) CALL(ActivationKind::kPrelu);     \
      break;                                                                            \
    case ActivationKind::kDice:                                                         \
      if constexpr (kInBuild<ActivationKind::kDice>) CALL(ActivationKind::kDice);       \
      break;                                                                            \
    case ActivationKind::kSigmoid:                                                      \
      if constexpr (kInBuild<ActivationKind::kSigmoid>) CALL(ActivationKind::kSigmoid); \
      break;                                                                            \
    case ActivationKind::kTanh:                                                         \
      if constexpr (kInBuild<ActivationKind::kTanh>) CALL(ActivationKind::kTanh);       \
      break;                                                                            \
    case ActivationKind::kElu:                                                          \
      if constexpr (kInBuild<ActivationKind::kElu>) CALL(ActivationKind::kElu);         \
      break;                                                                            \
    case ActivationKind::kGated:                                                        \
      if constexpr (kInBuild<ActivationKind::kGated>) CALL(ActivationKind::kGated);     \
      break;                                                                            \
    case ActivationKind::kNone:                                                         \
    case ActivationKind::kDiceRowwise:                                                  \
      break;                                                                            \
  }

// Applies the activation to y [kUnits, kVectors vectors]: units unit ... unit + kUnits - 1.
template <ActivationKind kKind, std::size_t kUnits, std::size_t kVectors>
HWY_INLINE void activate_units(const Activation& activation, std::size_t unit, float* y) {
  const F f;
  constexpr bool kDice = kKind == ActivationKind::kDice;
  ActivationTerms terms[kUnits * kVectors];
  Vec x[kUnits * kVectors];
  for (std::size_t n = 0; n < kUnits * kVectors; ++n) {
    const std::size_t of = unit + n / kVectors;
    x[n] = hn::Load(f, y + n * kVector);
    if constexpr (kHasAlpha<kKind>) terms[n].alpha = hn::Set(f, activation.alpha[of]);
    if constexpr (kDice) terms[n].scale = hn::Set(f, activation.scale[of]);
    if constexpr (kDice) terms[n].shift = hn::Set(f, activation.shift[of]);
  }
  if constexpr (kKind == ActivationKind::kSigmoid && kSharesReciprocals && kUnits % 2 == 0) {
    sigmoid_pairs<kVectors>(x);
  } else {
    activate<kKind>(activation, terms, x);
  }
  for (std::size_t n = 0; n < kUnits * kVectors; ++n)
    hn::Store(x[n], f, y + n * kVector);
}

template <ActivationKind kKind, std::size_t kVectors>
HWY_NOINLINE void activate_lanes_of(const Activation& activation, std::size_t units, float* y) {
  // Of sigmoids twice as many go together where each reciprocal is of two.
  constexpr bool kPairs = kKind == ActivationKind::kSigmoid && kSharesReciprocals;
  constexpr std::size_t kUnits = (kPairs ? 2 : 1) * kTogether / kVectors;
  std::size_t unit = 0;
  for (; units - unit >= kUnits; unit += kUnits)
    activate_units<kKind, kUnits, kVectors>(activation, unit, y + unit * kVectors * kVector);
  for (; unit < units; ++unit)
    activate_units<kKind, 1, kVectors>(activation, unit, y + unit * kVectors * kVector);
}

// Applies the activation to y [units, kVectors vectors], in place.
template <std::size_t kVectors>
HWY_INLINE void activate_lanes(const Activation& activation, std::size_t units, float* y) {
#define AUGUR_CALL(kKind) activate_lanes_of<kKind, kVectors>(activation, units, y)
  AUGUR_FOR_ACTIVATION(activation.kind, AUGUR_CALL)
#undef AUGUR_CALL
}

// Applies the activation to kCount vectors of a row, from `unit` on. Of the last vector, only the
// first `last` units are written.
template <ActivationKind kKind, std::size_t kCount>
HWY_INLINE void activate_row_part(const ActivationCall& call, std::size_t unit, std::size_t last,
                                  float* y) {
  const F f;
  const Activation& activation = *call.activation;
  constexpr bool kDice = kKind == ActivationKind::kDice;
  ActivationTerms terms[kCount];
  Vec x[kCount];
  for (std::size_t n = 0; n < kCount; ++n) {
    const std::size_t at = unit + n * kVector;
    x[n] = hn::LoadU(f, y + at);
    if (call.addend != nullptr) x[n] = hn::Add(x[n], hn::LoadU(f, call.addend + at));
    if constexpr (kHasAlpha<kKind>) terms[n].alpha = hn::LoadU(f, activation.alpha + at);
    if constexpr (kDice) terms[n].scale = hn::LoadU(f, activation.scale + at);
    if constexpr (kDice) terms[n].shift = hn::LoadU(f, activation.shift + at);
  }
  activate<kKind>(activation, terms, x);
  for (std::size_t n = 0; n + 1 < kCount; ++n)
    hn::StoreU(x[n], f, y + unit + n * kVector);
  float* const end = y + unit + (kCount - 1) * kVector;
  if (last == kVector) {
    hn::StoreU(x[kCount - 1], f, end);
  } else {
    hn::BlendedStore(x[kCount - 1], hn::FirstN(f, last), f, end);
  }
}

template <ActivationKind kKind>
HWY_NOINLINE void activate_rows_of(const ActivationCall& call) {
  constexpr std::size_t kCount = 4;
  float* y = call.y;
  for (std::size_t row = 0; row < call.rows; ++row, y += call.stride) {
    std::size_t unit = 0;
    for (; call.units - unit >= kCount * kVector; unit += kCount * kVector)
      activate_row_part<kKind, kCount>(call, unit, kVector, y);
    for (; unit < call.units; unit += kVector) {
      const std::size_t left = call.units - unit;
      activate_row_part<kKind, 1>(call, unit, left < kVector ? left : kVector, y);
    }
  }
}

inline HWY_ATTR void activate_rows(const ActivationCall& call) {
#define AUGUR_CALL(kKind) activate_rows_of<kKind>(call)
  AUGUR_FOR_ACTIVATION(call.activation->kind, AUGUR_CALL)
#undef AUGUR_CALL
  if (call.activation->kind == ActivationKind::kNone && call.addend != nullptr)
    activate_rows_of<ActivationKind::kNone>(call);
}

}  // namespace HWY_NAMESPACE
}  // namespace augur
HWY_AFTER_NAMESPACE();

#endif
