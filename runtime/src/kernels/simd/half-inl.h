// fp16 and f32.
#if defined(AUGUR_SIMD_HALF_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef AUGUR_SIMD_HALF_INL_H
#undef AUGUR_SIMD_HALF_INL_H
#else
#define AUGUR_SIMD_HALF_INL_H
#endif

#include "common/half.h"
#include "hwy/highway.h"
#include "kernels/simd/elementary-inl.h"

HWY_BEFORE_NAMESPACE();
namespace augur {
namespace HWY_NAMESPACE {

using Halves = hn::Rebind<hwy::float16_t, F>;

HWY_MAYBE_UNUSED static HWY_ATTR void to_halves(const float* x, std::size_t count,
                                                std::uint16_t* halves) {
  const F f;
  const Halves h;
  auto* to = reinterpret_cast<hwy::float16_t*>(halves);
  const auto half = [&](Vec value) HWY_ATTR {
    const Vec largest = hn::Set(f, kLargestHalf);
    return hn::DemoteTo(h, hn::Min(hn::Max(value, hn::Neg(largest)), largest));
  };
  std::size_t i = 0;
  for (; count - i >= kVector; i += kVector)
    hn::StoreU(half(hn::LoadU(f, x + i)), h, to + i);
  if (i < count) hn::StoreN(half(hn::LoadN(f, x + i, count - i)), h, to + i, count - i);
}

HWY_MAYBE_UNUSED static HWY_ATTR void to_floats(const std::uint16_t* halves, std::size_t count,
                                                float* x) {
  const F f;
  const Halves h;
  const auto* from = reinterpret_cast<const hwy::float16_t*>(halves);
  std::size_t i = 0;
  for (; count - i >= kVector; i += kVector)
    hn::StoreU(hn::PromoteTo(f, hn::LoadU(h, from + i)), f, x + i);
  if (i < count)
    hn::StoreN(hn::PromoteTo(f, hn::LoadN(h, from + i, count - i)), f, x + i, count - i);
}

}  // namespace HWY_NAMESPACE
}  // namespace augur
HWY_AFTER_NAMESPACE();

#endif
