// What the sums of a layer of a pair's MLP begin with.
#if defined(AUGUR_SIMD_LANE_START_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef AUGUR_SIMD_LANE_START_INL_H
#undef AUGUR_SIMD_LANE_START_INL_H
#else
#define AUGUR_SIMD_LANE_START_INL_H
#endif

#include <cstddef>

#include "hwy/highway.h"
#include "kernels/packing.h"
#include "kernels/simd/elementary-inl.h"

HWY_BEFORE_NAMESPACE();
namespace augur {
namespace HWY_NAMESPACE {

// The sum of a part that differs between lanes and a part that all lanes share.
struct LaneStart {
  const float* lanes;  // [units, stride]
  std::size_t stride;
  const float* shared;  // [units], shared_stride apart
  std::size_t shared_stride;
  HWY_INLINE Vec operator()(std::size_t unit, std::size_t lane) const {
    const F f;
    return hn::Add(hn::LoadU(f, lanes + unit * stride + lane),
                   hn::Set(f, shared[unit * shared_stride]));
  }
};

// Not inside the function: a variable of an inline function would be a symbol of the library.
static constexpr float kZeros[kMaxLanes] = {};

// A start without these parts, where they are nullptr.
HWY_INLINE LaneStart start_of(const float* lanes, std::size_t stride, const float* shared,
                              std::size_t shared_stride) {
  if (lanes == nullptr) lanes = kZeros, stride = 0;
  if (shared == nullptr) shared = kZeros, shared_stride = 0;
  return {lanes, stride, shared, shared_stride};
}

HWY_INLINE LaneStart start_of(const float* bias) {
  return start_of(nullptr, 0, bias, 1);
}

}  // namespace HWY_NAMESPACE
}  // namespace augur
HWY_AFTER_NAMESPACE();

#endif
