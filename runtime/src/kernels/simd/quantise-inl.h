// Quantisation of rows in vectors, with the bits of kernels/quantise.cc.
#if defined(AUGUR_SIMD_QUANTISE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef AUGUR_SIMD_QUANTISE_INL_H
#undef AUGUR_SIMD_QUANTISE_INL_H
#else
#define AUGUR_SIMD_QUANTISE_INL_H
#endif

#include "hwy/highway.h"
#include "kernels/quantise.h"
#include "kernels/simd/elementary-inl.h"

HWY_BEFORE_NAMESPACE();
namespace augur {
namespace HWY_NAMESPACE {

// Writes q[width] and up to one vector more.
HWY_INLINE void quantise_row(const float* x, std::size_t width, float factor,
                             std::int32_t zero_point, std::int8_t* q) {
  const F f;
  const I i;
  const hn::Rebind<std::int8_t, F> bytes;
  const Vec shift = hn::Set(f, 12582912.0f);  // 1.5 * 2^23: adding it rounds to the nearest integer
  const auto offset = hn::Set(i, zero_point - 0x4B400000);
  const Vec low = hn::Set(f, static_cast<float>(-128 - zero_point));
  const Vec high = hn::Set(f, static_cast<float>(127 - zero_point));
  for (std::size_t k = 0; k < width; k += kVector) {
    const Vec scaled = hn::Mul(hn::LoadU(f, x + k), hn::Set(f, factor));
    const Vec rounded = hn::Add(hn::Min(hn::Max(scaled, low), high), shift);
    const auto integers = hn::Add(hn::BitCast(i, rounded), offset);
    hn::StoreU(hn::DemoteTo(bytes, integers), bytes, q + k);
  }
}

HWY_INLINE RowBounds bounds_of_row(const float* x, std::size_t width) {
  const F f;
  Vec least = hn::Zero(f);
  Vec greatest = hn::Zero(f);
  std::size_t k = 0;
  const auto take = [&](Vec value) HWY_ATTR {
    least = hn::Min(value, least);
    greatest = hn::Max(value, greatest);
  };
  for (; width - k >= kVector; k += kVector)
    take(hn::LoadU(f, x + k));
  if (k < width) take(hn::IfThenElseZero(hn::FirstN(f, width - k), hn::LoadU(f, x + k)));
  return {hn::ReduceMin(f, least), hn::ReduceMax(f, greatest)};
}

HWY_ATTR void quantise_all(InputRange range, const float* x, std::size_t stride, std::size_t rows,
                           std::size_t width, std::int8_t* q, RowScale* scales) {
  quantise_each_row(
      range, x, stride, rows, width, q, scales,
      [=](const float* row) HWY_ATTR { return bounds_of_row(row, width); },
      [=](const float* row, float factor, std::int32_t zero_point, std::int8_t* to)
          HWY_ATTR { quantise_row(row, width, factor, zero_point, to); });
}

}  // namespace HWY_NAMESPACE
}  // namespace augur
HWY_AFTER_NAMESPACE();

#endif
