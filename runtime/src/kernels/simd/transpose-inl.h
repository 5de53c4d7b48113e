// Transposes rows to lanes.
#if defined(AUGUR_SIMD_TRANSPOSE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef AUGUR_SIMD_TRANSPOSE_INL_H
#undef AUGUR_SIMD_TRANSPOSE_INL_H
#else
#define AUGUR_SIMD_TRANSPOSE_INL_H
#endif

#include <cstdint>

#include "hwy/highway.h"
#include "kernels/simd/elementary-inl.h"

HWY_BEFORE_NAMESPACE();
namespace augur {
namespace HWY_NAMESPACE {

// A vector whose block b (of four floats) is at rows[4 b] + k.
template <class D, HWY_IF_LANES_D(D, 4)>
HWY_INLINE hn::Vec<D> load_blocks(D d, const float* const* rows, std::size_t k) {
  return hn::LoadU(d, rows[0] + k);
}

template <class D, HWY_IF_LANES_GT_D(D, 4)>
HWY_INLINE hn::Vec<D> load_blocks(D d, const float* const* rows, std::size_t k) {
  const hn::Half<D> half;
  return hn::Combine(d, load_blocks(half, rows + hn::MaxLanes(half), k),
                     load_blocks(half, rows, k));
}

// x [rows, columns], `stride` apart -> lanes [columns, kVectors * kVector]. There are 1 to
// kVectors * kVector rows; lanes beyond them repeat the last row, and vectors that are beyond them
// stay as they are.
template <std::size_t kVectors>
HWY_NOINLINE void to_lanes(const float* x, std::size_t stride, std::size_t rows,
                           std::size_t columns, float* HWY_RESTRICT lanes) {
  const F f;
  const hn::Repartition<std::uint64_t, F> pairs;  // 32-bit ARM has no vectors of doubles
  constexpr std::size_t kLanes = kVectors * kVector;
  const float* row[kLanes];
  for (std::size_t lane = 0; lane < kLanes; ++lane)
    row[lane] = x + (lane < rows ? lane : rows - 1) * stride;
  const std::size_t used = (rows + kVector - 1) / kVector;
  std::size_t k = 0;
  for (; columns - k >= 4; k += 4) {
    for (std::size_t v = 0; v < used; ++v) {
      const float* const* first = row + v * kVector;
      float* to = lanes + k * kLanes + v * kVector;
      const Vec a = load_blocks(f, first, k);
      const Vec b = load_blocks(f, first + 1, k);
      const Vec c = load_blocks(f, first + 2, k);
      const Vec d = load_blocks(f, first + 3, k);
      const auto ab_low = hn::BitCast(pairs, hn::InterleaveLower(f, a, b));
      const auto cd_low = hn::BitCast(pairs, hn::InterleaveLower(f, c, d));
      const auto ab_high = hn::BitCast(pairs, hn::InterleaveUpper(f, a, b));
      const auto cd_high = hn::BitCast(pairs, hn::InterleaveUpper(f, c, d));
      hn::StoreU(hn::BitCast(f, hn::InterleaveLower(pairs, ab_low, cd_low)), f, to);
      hn::StoreU(hn::BitCast(f, hn::InterleaveUpper(pairs, ab_low, cd_low)), f, to + kLanes);
      hn::StoreU(hn::BitCast(f, hn::InterleaveLower(pairs, ab_high, cd_high)), f, to + 2 * kLanes);
      hn::StoreU(hn::BitCast(f, hn::InterleaveUpper(pairs, ab_high, cd_high)), f, to + 3 * kLanes);
    }
  }
  for (; k < columns; ++k) {
    for (std::size_t lane = 0; lane < kLanes; ++lane)
      lanes[k * kLanes + lane] = row[lane][k];
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace augur
HWY_AFTER_NAMESPACE();

#endif
