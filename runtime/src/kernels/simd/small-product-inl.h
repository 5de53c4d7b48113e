// Small products in vectors; kernels/small_product.h says what is computed. Several rows share each
// loaded weight, and the sums of a block of rows and columns stay in registers.
#if defined(AUGUR_SIMD_SMALL_PRODUCT_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef AUGUR_SIMD_SMALL_PRODUCT_INL_H
#undef AUGUR_SIMD_SMALL_PRODUCT_INL_H
#else
#define AUGUR_SIMD_SMALL_PRODUCT_INL_H
#endif

#include "hwy/highway.h"
#include "kernels/simd/dot-inl.h"
#include "kernels/simd/quantise-inl.h"
#include "kernels/simd/row-products-inl.h"
#include "kernels/small_product.h"

HWY_BEFORE_NAMESPACE();
namespace augur {
namespace HWY_NAMESPACE {

#if HWY_TARGET <= HWY_AVX3_DL && HWY_ARCH_X86

inline constexpr std::size_t kSmallRows = 6;
inline constexpr std::size_t kSmallVectors = 4;

// A block's rows as integers 0 ... 255, and what stands for 0 in each.
struct SmallIntegers {
  HWY_ALIGN std::uint8_t bytes[kSmallRows][kMostSmallInputs + 4 * kVector];
  float scales[kSmallRows];
  std::int32_t zeros[kSmallRows];
};

// Stores vectors of a row's outputs, the last of which may have fewer than kVector.
template <std::size_t kVectors>
HWY_INLINE void store_small(const Vec (&sums)[kVectors], float* y, std::size_t last) {
  const F f;
  AUGUR_UNROLL
  for (std::size_t v = 0; v + 1 < kVectors; ++v)
    hn::StoreU(sums[v], f, y + v * kVector);
  hn::StoreN(sums[kVectors - 1], f, y + (kVectors - 1) * kVector, last);
}

template <std::size_t kRows, std::size_t kVectors>
HWY_NOINLINE void multiply_small_floats(const SmallProduct& call, std::size_t column,
                                        std::size_t last) {
  const F f;
  const SmallWeights& weights = call.weights;
  const std::size_t stride = padded_units(weights.outputs);
  Vec sums[kRows][kVectors];
  AUGUR_UNROLL
  for (std::size_t v = 0; v < kVectors; ++v) {
    const Vec bias = hn::LoadU(f, weights.bias + column + v * kVector);
    AUGUR_UNROLL
    for (std::size_t r = 0; r < kRows; ++r)
      sums[r][v] = bias;
  }
  const float* HWY_RESTRICT weight = weights.floats + column;
  const float* HWY_RESTRICT x = call.x;
  for (std::size_t k = 0; k < weights.inputs; ++k) {
    Vec w[kVectors];
    AUGUR_UNROLL
    for (std::size_t v = 0; v < kVectors; ++v)
      w[v] = hn::LoadU(f, weight + v * kVector);
    AUGUR_UNROLL
    for (std::size_t r = 0; r < kRows; ++r) {
      const Vec value = hn::Set(f, x[r * call.x_stride + k]);
      AUGUR_UNROLL
      for (std::size_t v = 0; v < kVectors; ++v)
        sums[r][v] = hn::MulAdd(value, w[v], sums[r][v]);
    }
    weight += stride;
  }
  AUGUR_UNROLL
  for (std::size_t r = 0; r < kRows; ++r)
    store_small(sums[r], call.y + r * call.y_stride + column, last);
}

template <std::size_t kRows, std::size_t kVectors>
HWY_NOINLINE void multiply_small_integers(const SmallProduct& call, const SmallIntegers& x,
                                          std::size_t column, std::size_t last) {
  const F f;
  const I i;
  const SmallWeights& weights = call.weights;
  const std::size_t stride = 4 * padded_units(weights.outputs);
  Int sums[kRows][kVectors];
  AUGUR_UNROLL
  for (std::size_t v = 0; v < kVectors; ++v) {
    const Int whole = hn::LoadU(i, weights.sums + column + v * kVector);
    AUGUR_UNROLL
    for (std::size_t r = 0; r < kRows; ++r)
      sums[r][v] = hn::Mul(hn::Set(i, -x.zeros[r]), whole);
  }
  const std::int8_t* HWY_RESTRICT weight = weights.integers + 4 * column;
  for (std::size_t quad = 0; quad < quads(weights.inputs); ++quad) {
    hn::Vec<SignedBytes> w[kVectors];
    AUGUR_UNROLL
    for (std::size_t v = 0; v < kVectors; ++v)
      w[v] = hn::LoadU(SignedBytes(), weight + v * kVector * 4);
    AUGUR_UNROLL
    for (std::size_t r = 0; r < kRows; ++r) {
      const auto value = hn::BitCast(Bytes(), hn::Set(i, four_bytes(x.bytes[r] + 4 * quad)));
      AUGUR_UNROLL
      for (std::size_t v = 0; v < kVectors; ++v)
        sums[r][v] = add_dot(sums[r][v], value, w[v]);
    }
    weight += stride;
  }
  AUGUR_UNROLL
  for (std::size_t r = 0; r < kRows; ++r) {
    Vec y[kVectors];
    AUGUR_UNROLL
    for (std::size_t v = 0; v < kVectors; ++v) {
      const std::size_t at = column + v * kVector;
      const Vec scale = hn::Mul(hn::Set(f, x.scales[r]), hn::LoadU(f, weights.scales + at));
      y[v] = hn::MulAdd(hn::ConvertTo(f, sums[r][v]), scale, hn::LoadU(f, weights.bias + at));
    }
    store_small(y, call.y + r * call.y_stride + column, last);
  }
}

// Calls block(rows, vectors), both of them constants.
template <std::size_t kRows, std::size_t kVectors, class Block>
HWY_INLINE void with_counts(std::size_t rows, std::size_t vectors, const Block& block) {
  if constexpr (kRows > 1) {
    if (rows < kRows) return with_counts<kRows - 1, kVectors>(rows, vectors, block);
  }
  if constexpr (kVectors > 1) {
    if (vectors < kVectors) return with_counts<kRows, kVectors - 1>(rows, vectors, block);
  }
  block(Count<kRows>(), Count<kVectors>());
}

// Quantises a block's rows.
HWY_INLINE void quantise_small(const SmallProduct& call, SmallIntegers* x) {
  const std::size_t inputs = call.weights.inputs;
  for (std::size_t r = 0; r < call.rows; ++r) {
    const float* row = call.x + r * call.x_stride;
    const RowQuantiser quantiser = call.range == InputRange::kAny
                                       ? quantiser_of(bounds_of_row(row, inputs))
                                       : quantiser_of(call.range);
    auto* const signed_bytes = reinterpret_cast<std::int8_t*>(x->bytes[r]);
    quantise_row(row, inputs, quantiser.factor, quantiser.scale.zero_point, signed_bytes);
    // The weights of inputs that do not exist are 0.
    const Bytes bytes;
    for (std::size_t k = 0; k < inputs; k += hn::Lanes(bytes)) {
      hn::Store(hn::Xor(hn::Load(bytes, x->bytes[r] + k), hn::Set(bytes, 0x80)), bytes,
                x->bytes[r] + k);
    }
    x->scales[r] = quantiser.scale.scale;
    x->zeros[r] = quantiser.scale.zero_point + 128;
  }
}

HWY_ATTR void multiply_small(const SmallProduct& call) {
  const SmallWeights& weights = call.weights;
  const std::size_t vectors = (weights.outputs + kVector - 1) / kVector;
  SmallIntegers x;
  SmallProduct block = call;
  std::size_t groups = (call.rows + kSmallRows - 1) / kSmallRows;
  for (std::size_t row = 0; groups > 0; --groups) {
    block.rows = (call.rows - row + groups - 1) / groups;
    block.x = call.x + row * call.x_stride;
    block.y = call.y + row * call.y_stride;
    if (weights.integers != nullptr) quantise_small(block, &x);
    std::size_t parts = (vectors + kSmallVectors - 1) / kSmallVectors;
    for (std::size_t first = 0; parts > 0; --parts) {
      const std::size_t count = (vectors - first + parts - 1) / parts;
      const std::size_t column = first * kVector;
      const std::size_t left = weights.outputs - column;
      const std::size_t last = parts > 1 ? kVector : left - (count - 1) * kVector;
      with_counts<kSmallRows, kSmallVectors>(
          block.rows, count, [&](auto rows, auto columns) HWY_ATTR {
            constexpr std::size_t kRows = decltype(rows)::value;
            constexpr std::size_t kVectors = decltype(columns)::value;
            if (weights.integers != nullptr) {
              multiply_small_integers<kRows, kVectors>(block, x, column, last);
            } else {
              multiply_small_floats<kRows, kVectors>(block, column, last);
            }
          });
      first += count;
    }
    row += block.rows;
  }
}

inline constexpr auto kMultiplySmall = &multiply_small;

#else

// XNNPACK is as fast.
inline constexpr void (*kMultiplySmall)(const SmallProduct&) = nullptr;

#endif

}  // namespace HWY_NAMESPACE
}  // namespace augur
HWY_AFTER_NAMESPACE();

#endif
