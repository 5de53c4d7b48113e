// The matrix product of the fused kernels with lanes = output units, for few rows; packing.h
// describes both forms.
#if defined(AUGUR_SIMD_ROW_PRODUCTS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef AUGUR_SIMD_ROW_PRODUCTS_INL_H
#undef AUGUR_SIMD_ROW_PRODUCTS_INL_H
#else
#define AUGUR_SIMD_ROW_PRODUCTS_INL_H
#endif

#include <cstddef>
#include <type_traits>

#include "hwy/highway.h"
#include "kernels/packing.h"
#include "kernels/simd/elementary-inl.h"
#include "kernels/simd/products-inl.h"

HWY_BEFORE_NAMESPACE();
namespace augur {
namespace HWY_NAMESPACE {

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
