// The two matrix products that all fused kernels use; packing.h describes both.
#if defined(AUGUR_SIMD_PRODUCTS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef AUGUR_SIMD_PRODUCTS_INL_H
#undef AUGUR_SIMD_PRODUCTS_INL_H
#else
#define AUGUR_SIMD_PRODUCTS_INL_H
#endif

#include <cstddef>
#include <type_traits>

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

// Rows of few candidates: the inputs, x[row][k] at x + row * row_stride + k * k_stride.
struct RowInput {
  const float* x;
  std::size_t row_stride;
  std::size_t k_stride;
};

// out[row][column] += Σ_k x[row][k] weight[k][column] for kRows rows, kVectors vectors of columns.
template <std::size_t kRows, std::size_t kVectors>
HWY_NOINLINE void add_row_block(const float* HWY_RESTRICT weight, std::size_t weight_stride,
                                RowInput input, std::size_t inputs, float* HWY_RESTRICT out,
                                std::size_t out_stride) {
  const F f;
  Vec sums[kRows][kVectors];
  for (std::size_t r = 0; r < kRows; ++r) {
    for (std::size_t v = 0; v < kVectors; ++v)
      sums[r][v] = hn::LoadU(f, out + r * out_stride + v * kVector);
  }
  const float* HWY_RESTRICT x = input.x;
  for (std::size_t k = 0; k < inputs; ++k) {
    Vec w[kVectors];
    for (std::size_t v = 0; v < kVectors; ++v)
      w[v] = hn::LoadU(f, weight + v * kVector);
    for (std::size_t r = 0; r < kRows; ++r) {
      const Vec value = hn::Set(f, x[r * input.row_stride]);
      for (std::size_t v = 0; v < kVectors; ++v)
        sums[r][v] = hn::MulAdd(value, w[v], sums[r][v]);
    }
    weight += weight_stride;
    x += input.k_stride;
  }
  AUGUR_UNROLL
  for (std::size_t r = 0; r < kRows; ++r) {
    AUGUR_UNROLL
    for (std::size_t v = 0; v < kVectors; ++v)
      hn::StoreU(sums[r][v], f, out + r * out_stride + v * kVector);
  }
}

template <std::size_t kRows, std::size_t kVectors>
HWY_INLINE void dispatch_row_block(std::size_t vectors, const float* weight,
                                   std::size_t weight_stride, RowInput input, std::size_t inputs,
                                   float* out, std::size_t out_stride) {
  if (vectors == kVectors) {
    add_row_block<kRows, kVectors>(weight, weight_stride, input, inputs, out, out_stride);
  } else if constexpr (kVectors > 1) {
    dispatch_row_block<kRows, kVectors - 1>(vectors, weight, weight_stride, input, inputs, out,
                                            out_stride);
  }
}

// Splits the columns into blocks of about equal size, none larger than the registers allow.
template <std::size_t kRows>
HWY_INLINE void add_rows(const float* weight, std::size_t weight_stride, RowInput input,
                         std::size_t inputs, std::size_t columns, float* out,
                         std::size_t out_stride) {
  // ARM has no operands that are broadcast from memory: the rows' values take registers too.
  constexpr std::size_t kSums = HWY_ARCH_ARM_A64 ? 20 : kAccumulators;
  constexpr std::size_t kMost = kSums / kRows < 8 ? kSums / kRows : 8;
  std::size_t vectors = (columns + kVector - 1) / kVector;
  std::size_t blocks = (vectors + kMost - 1) / kMost;
  for (; blocks > 0; --blocks) {
    const std::size_t now = (vectors + blocks - 1) / blocks;
    dispatch_row_block<kRows, kMost>(now, weight, weight_stride, input, inputs, out, out_stride);
    vectors -= now;
    weight += now * kVector;
    out += now * kVector;
  }
}

inline constexpr std::size_t kMostRows = 4;  // computed together

template <std::size_t kCount>
using Count = std::integral_constant<std::size_t, kCount>;

// Calls lanes(first row, vectors) for full blocks of rows, `vectors` being a constant, then
// rest(first row, rows) for the remaining rows, at most `most` at a time.
template <class Lanes, class Rest>
HWY_INLINE void for_blocks(std::size_t rows, std::size_t most, const Lanes& lanes,
                           const Rest& rest) {
  std::size_t first = 0;
  for (; rows - first >= kWidest * kVector; first += kWidest * kVector)
    lanes(first, Count<kWidest>());
  if constexpr (kHalfBlocks) {
    if (rows - first >= kVector) {
      lanes(first, Count<1>());
      first += kVector;
    }
  }
  for (; first < rows; first += most)
    rest(first, rows - first < most ? rows - first : most);
}

// As add_rows(), for 1 to kMostRows rows.
inline HWY_ATTR void add_some_rows(std::size_t rows, const float* weight, std::size_t weight_stride,
                                   RowInput input, std::size_t inputs, std::size_t columns,
                                   float* out, std::size_t out_stride) {
  if (rows == 4) return add_rows<4>(weight, weight_stride, input, inputs, columns, out, out_stride);
  if (rows >= 2) {
    add_rows<2>(weight, weight_stride, input, inputs, columns, out, out_stride);
    input.x += 2 * input.row_stride;
    out += 2 * out_stride;
  }
  if (rows != 2) add_rows<1>(weight, weight_stride, input, inputs, columns, out, out_stride);
}

}  // namespace HWY_NAMESPACE
}  // namespace augur
HWY_AFTER_NAMESPACE();

#endif
