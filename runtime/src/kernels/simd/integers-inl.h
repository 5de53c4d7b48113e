// Dot products of four integers at a time, and the way from floats to integers.
#if defined(AUGUR_SIMD_INTEGERS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef AUGUR_SIMD_INTEGERS_INL_H
#undef AUGUR_SIMD_INTEGERS_INL_H
#else
#define AUGUR_SIMD_INTEGERS_INL_H
#endif

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "hwy/highway.h"
#include "kernels/simd/elementary-inl.h"

HWY_BEFORE_NAMESPACE();
namespace augur {
namespace HWY_NAMESPACE {

using Int = hn::Vec<I>;
using Bytes = hn::Repartition<std::uint8_t, F>;
using SignedBytes = hn::Repartition<std::int8_t, F>;

// 1.5 * 2^23 + 128: what is added to 127 h, so that the integer stands in the lowest byte.
inline constexpr float kToInteger = 12583040.0f;
// Four such numbers, shifted by 0, 8, 16 and 24 bits and added up, less their integers.
inline constexpr std::uint32_t kFourToIntegers = 0x4B400000u + (0x4B400000u << 8);

HWY_INLINE std::int32_t four_bytes(const void* from) {
  std::int32_t bytes;
  std::memcpy(&bytes, from, sizeof(bytes));
  return bytes;
}

HWY_INLINE Int add_dot(Int sum, hn::Vec<Bytes> x, hn::Vec<SignedBytes> weight) {
#if HWY_TARGET <= HWY_AVX3_DL && HWY_ARCH_X86 && HWY_COMPILER_GCC_ACTUAL
  // GCC 12 copies the sum to and fro around the intrinsic, which takes twice as long.
  asm("vpdpbusd %2, %1, %0" : "+v"(sum.raw) : "v"(x.raw), "v"(weight.raw));
  return sum;
#else
  return hn::SumOfMulQuadAccumulate(I(), x, weight, sum);
#endif
}

HWY_INLINE Int integer_bits(Vec h) {
  const F f;
  return hn::BitCast(I(), hn::MulAdd(h, hn::Set(f, 127.0f), hn::Set(f, kToInteger)));
}

// sums[m][v] += Σ_k of `quad_count` quads; weights of kUnits outputs a quad.
template <std::size_t kUnits, std::size_t kVectors>
HWY_INLINE void add_integer_products(const std::int8_t* HWY_RESTRICT weight,
                                     const std::uint8_t* HWY_RESTRICT x, std::size_t quad_count,
                                     Int (&sums)[kUnits][kVectors]) {
  const I i;
  for (std::size_t quad = 0; quad < quad_count; ++quad) {
    hn::Vec<Bytes> lanes[kVectors];
    for (std::size_t v = 0; v < kVectors; ++v)
      lanes[v] = hn::Load(Bytes(), x + v * kVector * 4);
    for (std::size_t m = 0; m < kUnits; ++m) {
      const auto w = hn::BitCast(SignedBytes(), hn::Set(i, four_bytes(weight + 4 * m)));
      for (std::size_t v = 0; v < kVectors; ++v)
        sums[m][v] = add_dot(sums[m][v], lanes[v], w);
    }
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
  }
  HWY_INLINE void store(std::uint8_t* to) const {
    const Int offset = hn::Set(I(), static_cast<std::int32_t>(kFourToIntegers));
    for (std::size_t v = 0; v < kVectors; ++v)
      hn::Store(hn::BitCast(Bytes(), hn::Sub(bits[v], offset)), Bytes(), to + v * kVector * 4);
  }
};

}  // namespace HWY_NAMESPACE
}  // namespace augur
HWY_AFTER_NAMESPACE();

#endif
