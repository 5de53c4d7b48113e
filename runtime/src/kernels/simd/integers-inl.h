// Products of integers, four at a time (dot-inl.h), and the conversion of floats to integers.
#if defined(AUGUR_SIMD_INTEGERS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef AUGUR_SIMD_INTEGERS_INL_H
#undef AUGUR_SIMD_INTEGERS_INL_H
#else
#define AUGUR_SIMD_INTEGERS_INL_H
#endif

#include <cstddef>
#include <cstdint>

#include "hwy/highway.h"
#include "kernels/simd/dot-inl.h"
#include "kernels/simd/elementary-inl.h"

AUGUR_BEFORE_INTEGERS();
namespace augur {
namespace HWY_NAMESPACE {

// Added to 127 h so that the integer stands in the lowest byte: 1.5 * 2^23, plus 128 where inputs
// are unsigned.
inline constexpr float kToInteger = kSignedInputs ? 12582912.0f : 12583040.0f;
// What remains to be subtracted from the sum of four such numbers, shifted by 0, 8, 16 and 24 bits,
// to leave only their integers. In the last two, 1.5 * 2^23 is shifted out.
inline constexpr std::uint32_t kFourToIntegers = 0x4B400000u + (0x4B400000u << 8);

// The initial value of a sum of products with 128 + 127 h; `offset` is -128 Σ_k weight.
HWY_INLINE Int first_sum(std::int32_t offset) {
  return kSignedInputs ? hn::Zero(I()) : hn::Set(I(), offset);
}

HWY_INLINE Int integer_bits(Vec h) {
  const F f;
  return hn::BitCast(I(), hn::MulAdd(h, hn::Set(f, 127.0f), hn::Set(f, kToInteger)));
}

// sums[m][v] += Σ_k weight x[k] over `quad_count` quads of inputs. For each quad, the weights of
// kUnits outputs follow each other.
template <std::size_t kUnits, std::size_t kVectors>
HWY_INLINE void add_integer_products(const std::int8_t* HWY_RESTRICT weight,
                                     const std::uint8_t* HWY_RESTRICT x, std::size_t quad_count,
                                     Int (&sums)[kUnits][kVectors]) {
  for (std::size_t quad = 0; quad < quad_count; ++quad) {
    hn::Vec<Bytes> lanes[kVectors];
    for (std::size_t v = 0; v < kVectors; ++v)
      lanes[v] = hn::Load(Bytes(), x + v * kVector * 4);
    for (std::size_t m = 0; m < kUnits; m += 4)
      add_four_units<kVectors>(weight + 4 * m, lanes, sums + m);
    weight += 4 * kUnits;
    x += 4 * kVectors * kVector;
  }
}

// Gathers four units' integers into the bytes of a quad.
template <std::size_t kVectors>
struct Quad {
  Int bits[kVectors];

  HWY_INLINE Quad() {
    for (std::size_t v = 0; v < kVectors; ++v)
      bits[v] = hn::Zero(I());
  }
  HWY_INLINE void add(std::size_t i, std::size_t v, Int value) {
#if HWY_ARCH_ARM_A64
    switch (i) {
      case 0:
        bits[v] = value;
        break;
      case 1:
        bits[v].raw = vsliq_n_s32(bits[v].raw, value.raw, 8);
        break;
      case 2:
        bits[v].raw = vsliq_n_s32(bits[v].raw, value.raw, 16);
        break;
      default:
        bits[v].raw = vsliq_n_s32(bits[v].raw, value.raw, 24);
    }
#else
    switch (i) {
      case 0:
        bits[v] = hn::Add(bits[v], value);
        break;
      case 1:
        bits[v] = hn::Add(bits[v], hn::ShiftLeft<8>(value));
        break;
      case 2:
        bits[v] = hn::Add(bits[v], hn::ShiftLeft<16>(value));
        break;
      default:
        bits[v] = hn::Add(bits[v], hn::ShiftLeft<24>(value));
    }
#endif
  }
  HWY_INLINE void store(std::uint8_t* to) const {
    for (std::size_t v = 0; v < kVectors; ++v)
      hn::Store(hn::BitCast(Bytes(), integers(bits[v])), Bytes(), to + v * kVector * 4);
  }

 private:
  HWY_INLINE static Int integers(Int sum) {
#if HWY_ARCH_ARM_A64
    return sum;  // bits were put over bits, not added
#else
    return hn::Sub(sum, hn::Set(I(), static_cast<std::int32_t>(kFourToIntegers)));
#endif
  }
};

}  // namespace HWY_NAMESPACE
}  // namespace augur
AUGUR_AFTER_INTEGERS();

#endif
