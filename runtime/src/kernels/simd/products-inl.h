// The matrix product of the fused kernels with lanes = candidates; packing.h describes both forms.
// row-products-inl.h has the other.
#if defined(AUGUR_SIMD_PRODUCTS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef AUGUR_SIMD_PRODUCTS_INL_H
#undef AUGUR_SIMD_PRODUCTS_INL_H
#else
#define AUGUR_SIMD_PRODUCTS_INL_H
#endif

#include <cstddef>

#include "hwy/highway.h"
#include "kernels/packing.h"
#include "kernels/simd/elementary-inl.h"

// Stands before a loop over an array of vectors and unrolls it. Otherwise a compiler may keep the
// loop, and with it the array in memory, and store the whole array in every round of the loop
// before it.
#ifndef AUGUR_UNROLL
#if HWY_COMPILER_GCC_ACTUAL
#define AUGUR_UNROLL _Pragma("GCC unroll 16")
#elif HWY_COMPILER_CLANG
#define AUGUR_UNROLL _Pragma("clang loop unroll(full)")
#else
#define AUGUR_UNROLL
#endif
#endif

HWY_BEFORE_NAMESPACE();
namespace augur {
namespace HWY_NAMESPACE {

// With 32 registers a block of candidates is two vectors, so that each loaded weight is used twice.
#if HWY_TARGET <= HWY_AVX3 || HWY_ARCH_ARM_A64
inline constexpr std::size_t kWidest = 2;
inline constexpr std::size_t kAccumulators = 24;
#else
inline constexpr std::size_t kWidest = 1;
inline constexpr std::size_t kAccumulators = 12;
#endif
// Where vectors are short, blocks of one vector would only add code: remaining candidates are
// computed as rows.
inline constexpr bool kHalfBlocks = kWidest > 1 && kVector > 4;
static_assert(kVector <= kMaxVector, "vectors are longer than buffers are made for");

// sums[m][v] += weight[m] lanes[v]
template <std::size_t kUnits, std::size_t kVectors>
HWY_INLINE void add_products_of(const float* HWY_RESTRICT weight, const Vec (&lanes)[kVectors],
                                Vec (&sums)[kUnits][kVectors]) {
#if HWY_ARCH_ARM_A64
  // Loads four weights at once, and multiplies by one lane of them. Otherwise GCC 12 would load
  // each weight separately and too early, so that no registers are left for 24 sums.
  if constexpr (kUnits % 4 == 0) {
    for (std::size_t m = 0; m < kUnits; m += 4) {
      const float32x4_t w = vld1q_f32(weight + m);
      for (std::size_t v = 0; v < kVectors; ++v) {
        const float32x4_t x = lanes[v].raw;
        sums[m][v].raw = vfmaq_laneq_f32(sums[m][v].raw, x, w, 0);
        sums[m + 1][v].raw = vfmaq_laneq_f32(sums[m + 1][v].raw, x, w, 1);
        sums[m + 2][v].raw = vfmaq_laneq_f32(sums[m + 2][v].raw, x, w, 2);
        sums[m + 3][v].raw = vfmaq_laneq_f32(sums[m + 3][v].raw, x, w, 3);
      }
    }
    return;
  }
#endif
  for (std::size_t m = 0; m < kUnits; ++m) {
    const Vec w = hn::Set(F(), weight[m]);
    for (std::size_t v = 0; v < kVectors; ++v)
      sums[m][v] = hn::MulAdd(w, lanes[v], sums[m][v]);
  }
}

// sums[m][v] += Σ_k weight[k][m] x[k][lanes of v]; x has kLanes = kVectors * kVector columns.
template <std::size_t kUnits, std::size_t kVectors>
HWY_INLINE void add_products(const float* HWY_RESTRICT weight, const float* HWY_RESTRICT x,
                             std::size_t inputs, Vec (&sums)[kUnits][kVectors]) {
  const F f;
  for (std::size_t k = 0; k < inputs; ++k) {
    Vec lanes[kVectors];
    for (std::size_t v = 0; v < kVectors; ++v)
      lanes[v] = hn::Load(f, x + v * kVector);
    add_products_of(weight, lanes, sums);
    weight += kUnits;
    x += kVectors * kVector;
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace augur
HWY_AFTER_NAMESPACE();

#endif
