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

// The inputs of a product: x[row][k] at x + row * row_stride + k * k_stride.
struct RowInput {
  const float* x;
  std::size_t row_stride;
  std::size_t k_stride;
};

// Where a product's sums begin and where they go: out[row][column] = start[row][column] + ...; the
// strides are between rows.
struct RowSums {
  const float* start;
  std::size_t start_stride;
  float* out;
  std::size_t stride;
};

// out[row][column] = start[row][column] + Σ_k x[row][k] weight[k][column] for kRows rows, and
// kVectors vectors of columns. (Structures go by reference: a copy would be read in wider pieces
// than it was written in, and such loads wait until the writes have reached the cache.) Each sum is
// the sum of kChains sums, over every kChains-th k, so that fewer multiply-adds wait for each
// other.
template <std::size_t kRows, std::size_t kVectors, std::size_t kChains>
HWY_NOINLINE void add_row_block(const float* HWY_RESTRICT weight, std::size_t weight_stride,
                                const RowInput& input, std::size_t inputs, const RowSums& to) {
  const F f;
  Vec sums[kChains][kRows][kVectors];
  AUGUR_UNROLL
  for (std::size_t r = 0; r < kRows; ++r) {
    AUGUR_UNROLL
    for (std::size_t v = 0; v < kVectors; ++v)
      sums[0][r][v] = hn::LoadU(f, to.start + r * to.start_stride + v * kVector);
  }
  AUGUR_UNROLL
  for (std::size_t n = 1; n < kChains; ++n) {
    AUGUR_UNROLL
    for (std::size_t r = 0; r < kRows; ++r) {
      AUGUR_UNROLL
      for (std::size_t v = 0; v < kVectors; ++v)
        sums[n][r][v] = hn::Zero(f);
    }
  }
  const float* HWY_RESTRICT x = input.x;
  const auto add = [&](Vec(&chain)[kRows][kVectors]) HWY_ATTR {
    Vec w[kVectors];
    AUGUR_UNROLL
    for (std::size_t v = 0; v < kVectors; ++v)
      w[v] = hn::LoadU(f, weight + v * kVector);
    AUGUR_UNROLL
    for (std::size_t r = 0; r < kRows; ++r) {
      const Vec value = hn::Set(f, x[r * input.row_stride]);
      AUGUR_UNROLL
      for (std::size_t v = 0; v < kVectors; ++v)
        chain[r][v] = hn::MulAdd(value, w[v], chain[r][v]);
    }
    weight += weight_stride;
    x += input.k_stride;
  };
  std::size_t k = 0;
  for (; k + kChains <= inputs; k += kChains) {
    AUGUR_UNROLL
    for (std::size_t n = 0; n < kChains; ++n)
      add(sums[n]);
  }
  if constexpr (kChains > 1) {
    for (; k < inputs; ++k)
      add(sums[0]);
  }
  // Copied, so that no store may change them.
  float* const out = to.out;
  const std::size_t stride = to.stride;
  AUGUR_UNROLL
  for (std::size_t r = 0; r < kRows; ++r) {
    AUGUR_UNROLL
    for (std::size_t v = 0; v < kVectors; ++v) {
      Vec sum = sums[0][r][v];
      AUGUR_UNROLL
      for (std::size_t n = 1; n < kChains; ++n)
        sum = hn::Add(sum, sums[n][r][v]);
      hn::StoreU(sum, f, out + r * stride + v * kVector);
    }
  }
}

template <std::size_t kRows, std::size_t kVectors, std::size_t kChains>
HWY_INLINE void dispatch_row_block(std::size_t vectors, const float* weight,
                                   std::size_t weight_stride, const RowInput& input,
                                   std::size_t inputs, const RowSums& to) {
  if (vectors == kVectors) {
    add_row_block<kRows, kVectors, kChains>(weight, weight_stride, input, inputs, to);
  } else if constexpr (kVectors > 1) {
    dispatch_row_block<kRows, kVectors - 1, kChains>(vectors, weight, weight_stride, input, inputs,
                                                     to);
  }
}

// Splits the columns into blocks of about equal size, none larger than the registers allow.
template <std::size_t kRows, std::size_t kChains = 1>
HWY_INLINE void add_rows(const float* weight, std::size_t weight_stride, const RowInput& input,
                         std::size_t inputs, std::size_t columns, const RowSums& to) {
  // ARM has no operands that are broadcast from memory: the rows' values take registers too.
  constexpr std::size_t kSums = (HWY_ARCH_ARM_A64 ? 20 : kAccumulators) / (kRows * kChains);
  constexpr std::size_t kMost = kSums < 8 ? kSums : 8;
  std::size_t vectors = (columns + kVector - 1) / kVector;
  std::size_t blocks = (vectors + kMost - 1) / kMost;
  for (std::size_t column = 0; blocks > 0; --blocks) {
    const std::size_t now = (vectors + blocks - 1) / blocks;
    dispatch_row_block<kRows, kMost, kChains>(
        now, weight + column, weight_stride, input, inputs,
        {to.start + column, to.start_stride, to.out + column, to.stride});
    vectors -= now;
    column += now * kVector;
  }
}

// The same for one row, which every step of a cell may need.
HWY_MAYBE_UNUSED static HWY_NOINLINE void add_one_row(const float* weight,
                                                      std::size_t weight_stride,
                                                      const RowInput& input, std::size_t inputs,
                                                      std::size_t columns, const RowSums& to) {
  add_rows<1>(weight, weight_stride, input, inputs, columns, to);
}

// So many rows share each loaded weight.
inline constexpr std::size_t kSharingRows = HWY_TARGET <= HWY_AVX3 ? 6 : 4;

template <std::size_t kRows>
HWY_INLINE void dispatch_rows(std::size_t rows, const float* weight, std::size_t weight_stride,
                              const RowInput& input, std::size_t inputs, std::size_t columns,
                              const RowSums& to) {
  if constexpr (kRows == 1) {
    add_one_row(weight, weight_stride, input, inputs, columns, to);
  } else if (rows == kRows) {
    add_rows<kRows>(weight, weight_stride, input, inputs, columns, to);
  } else {
    dispatch_rows<kRows - 1>(rows, weight, weight_stride, input, inputs, columns, to);
  }
}

// The same for any number of rows, in groups of about equal size.
inline HWY_ATTR void add_all_rows(std::size_t rows, const float* weight, std::size_t weight_stride,
                                  const RowInput& input, std::size_t inputs, std::size_t columns,
                                  const RowSums& to) {
  std::size_t groups = (rows + kSharingRows - 1) / kSharingRows;
  for (std::size_t row = 0; groups > 0; --groups) {
    const std::size_t now = (rows - row + groups - 1) / groups;
    dispatch_rows<kSharingRows>(
        now, weight, weight_stride,
        {input.x + row * input.row_stride, input.row_stride, input.k_stride}, inputs, columns,
        {to.start + row * to.start_stride, to.start_stride, to.out + row * to.stride, to.stride});
    row += now;
  }
}

inline constexpr std::size_t kMostRows = 4;  // of the attention, computed together

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

// As add_all_rows(), added to what is in `out` already.
inline HWY_ATTR void add_some_rows(std::size_t rows, const float* weight, std::size_t weight_stride,
                                   const RowInput& input, std::size_t inputs, std::size_t columns,
                                   float* out, std::size_t out_stride) {
  add_all_rows(rows, weight, weight_stride, input, inputs, columns,
               {out, out_stride, out, out_stride});
}

}  // namespace HWY_NAMESPACE
}  // namespace augur
HWY_AFTER_NAMESPACE();

#endif
