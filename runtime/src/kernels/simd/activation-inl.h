// Activations in vectors: over rows of units, and over units that each have a row of lanes.
#if defined(AUGUR_SIMD_ACTIVATION_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef AUGUR_SIMD_ACTIVATION_INL_H
#undef AUGUR_SIMD_ACTIVATION_INL_H
#else
#define AUGUR_SIMD_ACTIVATION_INL_H
#endif

#include "hwy/highway.h"
#include "kernels/activation.h"
#include "kernels/simd/elementary-inl.h"

HWY_BEFORE_NAMESPACE();
namespace augur {
namespace HWY_NAMESPACE {

// All but kDiceRowwise. alpha, scale and shift where the kind has them.
template <ActivationKind kKind>
HWY_INLINE Vec activated(Vec x, Vec alpha, Vec scale, Vec shift) {
  const F f;
  const Vec one = hn::Set(f, 1.0f);
  if constexpr (kKind == ActivationKind::kRelu) return hn::Max(x, hn::Zero(f));
  if constexpr (kKind == ActivationKind::kPrelu)
    return hn::IfThenElse(hn::Gt(x, hn::Zero(f)), x, hn::Mul(alpha, x));
  if constexpr (kKind == ActivationKind::kDice) {
    const Vec p = sigmoid(hn::MulAdd(scale, x, shift));
    return hn::Mul(x, hn::MulAdd(alpha, hn::Sub(one, p), p));
  }
  if constexpr (kKind == ActivationKind::kSigmoid) return sigmoid(x);
  if constexpr (kKind == ActivationKind::kTanh) return tanh(x);
  return x;
}

template <ActivationKind kKind>
inline constexpr bool kHasAlpha = kKind == ActivationKind::kPrelu || kKind == ActivationKind::kDice;

// Calls body with the kind as a template argument; not for kNone and kDiceRowwise.
#define AUGUR_FOR_ACTIVATION(kind, CALL) \
  switch (kind) {                        \
    case ActivationKind::kRelu:          \
      CALL(ActivationKind::kRelu);       \
      break;                             \
    case ActivationKind::kPrelu:         \
      CALL(ActivationKind::kPrelu);      \
      break;                             \
    case ActivationKind::kDice:          \
      CALL(ActivationKind::kDice);       \
      break;                             \
    case ActivationKind::kSigmoid:       \
      CALL(ActivationKind::kSigmoid);    \
      break;                             \
    case ActivationKind::kTanh:          \
      CALL(ActivationKind::kTanh);       \
      break;                             \
    case ActivationKind::kNone:          \
    case ActivationKind::kDiceRowwise:   \
      break;                             \
  }

template <ActivationKind kKind>
HWY_NOINLINE void activate_lanes_of(const Activation& activation, std::size_t first,
                                    std::size_t units, std::size_t lanes, float* y) {
  const F f;
  for (std::size_t unit = first; unit < first + units; ++unit) {
    const Vec alpha = kHasAlpha<kKind> ? hn::Set(f, activation.alpha[unit]) : hn::Zero(f);
    constexpr bool kDice = kKind == ActivationKind::kDice;
    const Vec scale = kDice ? hn::Set(f, activation.scale[unit]) : alpha;
    const Vec shift = kDice ? hn::Set(f, activation.shift[unit]) : alpha;
    for (std::size_t lane = 0; lane < lanes; lane += kVector, y += kVector)
      hn::Store(activated<kKind>(hn::Load(f, y), alpha, scale, shift), f, y);
  }
}

// y [units, lanes]: units `first` ... of a layer.
inline HWY_ATTR void activate_lanes(const Activation& activation, std::size_t first,
                                    std::size_t units, std::size_t lanes, float* y) {
#define AUGUR_CALL(kKind) activate_lanes_of<kKind>(activation, first, units, lanes, y)
  AUGUR_FOR_ACTIVATION(activation.kind, AUGUR_CALL)
#undef AUGUR_CALL
}

template <ActivationKind kKind>
HWY_NOINLINE void activate_rows_of(const ActivationCall& call) {
  const F f;
  const Activation& activation = *call.activation;
  float* y = call.y;
  for (std::size_t row = 0; row < call.rows; ++row, y += call.stride) {
    for (std::size_t unit = 0; unit < call.units; unit += kVector) {
      Vec x = hn::LoadU(f, y + unit);
      if (call.addend != nullptr) x = hn::Add(x, hn::LoadU(f, call.addend + unit));
      const Vec alpha = kHasAlpha<kKind> ? hn::LoadU(f, activation.alpha + unit) : x;
      constexpr bool kDice = kKind == ActivationKind::kDice;
      const Vec scale = kDice ? hn::LoadU(f, activation.scale + unit) : x;
      const Vec shift = kDice ? hn::LoadU(f, activation.shift + unit) : x;
      const Vec result = activated<kKind>(x, alpha, scale, shift);
      if (unit + kVector <= call.units) {
        hn::StoreU(result, f, y + unit);
      } else {
        hn::BlendedStore(result, hn::FirstN(f, call.units - unit), f, y + unit);
      }
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
