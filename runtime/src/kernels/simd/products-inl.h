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

// sums[m][v] += weight[m] x[lanes of v]. Both pointers are advanced to what follows.
template <std::size_t kUnits, std::size_t kVectors>
HWY_INLINE void add_products_of(const float*& weight, const float*& x,
                                Vec (&sums)[kUnits][kVectors]) {
  const F f;
  Vec lanes[kVectors];
#if HWY_ARCH_ARM_A64
  // Loads two weights at once, and multiplies by one lane of them. A Cortex-A55 begins a load of 64
  // bits together with a multiply-add; one of 128 bits takes two cycles of its own. The statements
  // without instructions keep the order: each load comes four multiply-adds before its weights are
  // needed, and is not joined with another one.
  if constexpr (kUnits % 2 == 0) {
    float32x2_t next = vld1_f32(weight);
    asm("" : "+r"(x), "+w"(next));
    for (std::size_t v = 0; v < kVectors; ++v)
      lanes[v] = hn::Load(f, x + v * kVector);
    x += kVectors * kVector;
    for (std::size_t m = 0; m < kUnits; m += 2) {
      const float32x2_t w = next;
      sums[m][0].raw = vfmaq_lane_f32(sums[m][0].raw, lanes[0].raw, w, 0);
      if (m + 2 < kUnits) {
        asm("" : "+r"(weight), "+w"(sums[m][0].raw));
        next = vld1_f32(weight + m + 2);
      }
      sums[m + 1][0].raw = vfmaq_lane_f32(sums[m + 1][0].raw, lanes[0].raw, w, 1);
      for (std::size_t v = 1; v < kVectors; ++v) {
        sums[m][v].raw = vfmaq_lane_f32(sums[m][v].raw, lanes[v].raw, w, 0);
        sums[m + 1][v].raw = vfmaq_lane_f32(sums[m + 1][v].raw, lanes[v].raw, w, 1);
      }
    }
    weight += kUnits;
    return;
  }
#endif
  for (std::size_t v = 0; v < kVectors; ++v)
    lanes[v] = hn::Load(f, x + v * kVector);
  x += kVectors * kVector;
  for (std::size_t m = 0; m < kUnits; ++m) {
    const Vec w = hn::Set(f, weight[m]);
    for (std::size_t v = 0; v < kVectors; ++v)
      sums[m][v] = hn::MulAdd(w, lanes[v], sums[m][v]);
  }
  weight += kUnits;
}

// sums[m][v] += Σ_k weight[k][m] x[k][lanes of v]; x has kLanes = kVectors * kVector columns.
template <std::size_t kUnits, std::size_t kVectors>
HWY_INLINE void add_products(const float* weight, const float* x, std::size_t inputs,
                             Vec (&sums)[kUnits][kVectors]) {
  for (std::size_t k = 0; k < inputs; ++k)
    add_products_of(weight, x, sums);
}

}  // namespace HWY_NAMESPACE
}  // namespace augur
HWY_AFTER_NAMESPACE();

#endif
