// Gates in eight lanes of fp16 (FEAT_FP16), for products of integers on 64-bit ARM. Sums reach the
// gates with little more than one instruction for each four of them:
//
//   - an integer sum begins at kSumBits, so that its bits are the float kSumShift + sum;
//   - that float is multiplied by its scale and added to the gate's input, from which
//     kSumShift * scale was subtracted beforehand;
//   - two vectors are narrowed to one.
//
// A positive fp16, its bits shifted left by 13, is 2^-112 times the same number in f32; what it is
// multiplied with contains 2^112. So the update gate and 1 + tanh are widened.
#if defined(AUGUR_SIMD_HALF_GATES_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef AUGUR_SIMD_HALF_GATES_INL_H
#undef AUGUR_SIMD_HALF_GATES_INL_H
#else
#define AUGUR_SIMD_HALF_GATES_INL_H
#endif

#include <cstddef>
#include <cstdint>

#include "hwy/highway.h"
#include "kernels/half_tables.h"
#include "kernels/quantise.h"
#include "kernels/simd/integers-inl.h"
#include "kernels/simd/products-inl.h"

#if HWY_ARCH_ARM_A64

// Begins and ends functions that use fp16 or SMMLA; see AUGUR_BEFORE_INTEGERS.
#ifndef AUGUR_BEFORE_HALVES
#if HWY_COMPILER_CLANG
#define AUGUR_BEFORE_HALVES() HWY_PUSH_ATTRIBUTES("dotprod,fullfp16,i8mm") HWY_BEFORE_NAMESPACE()
#else
#define AUGUR_BEFORE_HALVES() \
  HWY_PUSH_ATTRIBUTES("arch=armv8.2-a+dotprod+fp16+i8mm") HWY_BEFORE_NAMESPACE()
#endif
#define AUGUR_AFTER_HALVES() \
  HWY_AFTER_NAMESPACE();     \
  HWY_POP_ATTRIBUTES
#endif

AUGUR_BEFORE_HALVES();
namespace augur {
namespace HWY_NAMESPACE {

inline constexpr std::int32_t kSumBits = 0x4B400000;
inline constexpr float kSumShift = 12582912.0f;  // 1.5 * 2^23
inline constexpr float kWidening = 0x1p112f;

// Eight numbers of fp16, as their bits. Compilers before clang 16 declare the intrinsics for them
// only if the whole file is compiled for fp16.
using Half = uint16x8_t;

inline constexpr std::size_t kHalfLanes = 8;  // of a block: two vectors of f32, one of fp16
static_assert(kHalfLanes == kWidest * kVector, "a block is one vector of fp16");

HWY_INLINE Half half_set(std::uint16_t bits) {
  return vdupq_n_u16(bits);
}

// c + a b
HWY_INLINE Half half_mul_add(Half a, Half b, Half c) {
  __asm__("fmla %0.8h, %1.8h, %2.8h" : "+w"(c) : "w"(a), "w"(b));
  return c;
}

HWY_INLINE Half half_add(Half a, Half b) {
  Half sum;
  __asm__("fadd %0.8h, %1.8h, %2.8h" : "=w"(sum) : "w"(a), "w"(b));
  return sum;
}

HWY_INLINE Half half_min(Half a, Half b) {
  Half least;
  __asm__("fmin %0.8h, %1.8h, %2.8h" : "=w"(least) : "w"(a), "w"(b));
  return least;
}

HWY_INLINE Half half_of(float32x4_t low, float32x4_t high) {
  return vreinterpretq_u16_f16(vcvt_high_f16_f32(vcvt_f16_f32(low), high));
}

// The first and the last four of eight positive numbers, times 2^-112.
HWY_INLINE float32x4_t widened_low(Half x) {
  return vreinterpretq_f32_u32(vshll_n_u16(vget_low_u16(x), 13));
}
HWY_INLINE float32x4_t widened_high(Half x) {
  return vreinterpretq_f32_u32(vshll_high_n_u16(x, 13));
}

inline constexpr std::uint16_t kHalfSign = 0x8000;
inline constexpr std::uint16_t kHalfOne = 0x3C00;
inline constexpr std::uint16_t kHalfOfOne = 0x3800;  // 1/2

HWY_INLINE void load_halves(const std::uint16_t* from, Half (&x)[4]) {
  AUGUR_UNROLL
  for (std::size_t i = 0; i < 4; ++i)
    x[i] = vld1q_u16(from + i * kHalfLanes);
}

// d += the products of two rows of eight integers each with two others: d = (x0 w0, x0 w1, x1 w0,
// x1 w1).
HWY_INLINE Int add_matrix_product(Int d, hn::Vec<Bytes> x, hn::Vec<SignedBytes> w) {
  __asm__("smmla %0.4s, %1.16b, %2.16b" : "+w"(d.raw) : "w"(x.raw), "w"(w.raw));
  return d;
}

// Integers [quads, lanes, 4] as products of matrices read them: [octets, lanes, 8]. `octets` has
// 8 * kMostHalfInputs bytes.
HWY_INLINE void to_octets(const std::uint8_t* quad, std::size_t inputs, std::uint8_t* octets) {
  const std::size_t count = quads(inputs);
  for (std::size_t n = 0; n < count; n += 2) {
    for (std::size_t v = 0; v < 2; ++v) {
      const uint32x4_t first = vreinterpretq_u32_u8(vld1q_u8(quad + 16 * v));
      const uint32x4_t second =
          n + 1 < count ? vreinterpretq_u32_u8(vld1q_u8(quad + 32 + 16 * v)) : vdupq_n_u32(0);
      vst1q_u8(octets, vreinterpretq_u8_u32(vzip1q_u32(first, second)));
      vst1q_u8(octets + 16, vreinterpretq_u8_u32(vzip2q_u32(first, second)));
      octets += 32;
    }
    quad += 64;
  }
}

// The sums, from kSumBits on, of four units of kGroups groups and the block's lanes, in the packing
// of `kMatrix`. The groups' weights are group_stride apart, those of the next inputs `stride`.
template <bool kMatrix, std::size_t kGroups>
HWY_INLINE void half_sums(const std::int8_t* HWY_RESTRICT weight, std::size_t group_stride,
                          std::size_t stride, const std::uint8_t* HWY_RESTRICT x,
                          std::size_t inputs, Int (&sums)[4 * kGroups][2]) {
  AUGUR_UNROLL
  for (std::size_t m = 0; m < 4 * kGroups; ++m) {
    AUGUR_UNROLL
    for (std::size_t v = 0; v < 2; ++v)
      sums[m][v] = hn::Set(I(), kSumBits);
  }
  std::size_t rounds = kMatrix ? (inputs + 7) / 8 : quads(inputs);
  if constexpr (kMatrix) {
    // sums[4 g + 2 p + j][v] is that of pair p's units with the pair j of v's lanes.
    do {
      hn::Vec<Bytes> lanes[4];
      AUGUR_UNROLL
      for (std::size_t pair = 0; pair < 4; ++pair)
        lanes[pair] = hn::Load(Bytes(), x + 16 * pair);
      AUGUR_UNROLL
      for (std::size_t n = 0; n < 2 * kGroups; ++n) {
        const auto w = hn::LoadU(SignedBytes(), weight + n / 2 * group_stride + n % 2 * 16);
        AUGUR_UNROLL
        for (std::size_t pair = 0; pair < 4; ++pair) {
          Int& sum = sums[2 * n + pair % 2][pair / 2];
          sum = add_matrix_product(sum, lanes[pair], w);
        }
      }
      weight += stride;
      x += 64;
    } while (--rounds > 0);
    AUGUR_UNROLL
    for (std::size_t m = 0; m < 4 * kGroups; m += 2) {
      AUGUR_UNROLL
      for (std::size_t v = 0; v < 2; ++v) {
        const int32x4_t first = sums[m][v].raw;
        const int32x4_t second = sums[m + 1][v].raw;
        sums[m][v] = Int(vuzp1q_s32(first, second));
        sums[m + 1][v] = Int(vuzp2q_s32(first, second));
      }
    }
  } else {
    do {
      // Weights of two units at a time, each load beside a product: see products-inl.h.
      int8x8_t next = vld1_s8(weight);
      asm("" : "+r"(x), "+w"(next));
      const hn::Vec<Bytes> lanes[2] = {hn::Load(Bytes(), x), hn::Load(Bytes(), x + 16)};
      AUGUR_UNROLL
      for (std::size_t n = 0; n < 2 * kGroups; ++n) {
        const int8x8_t w = next;
        Int(*pair)[2] = sums + 2 * n;
        pair[0][0] = add_dot_of<0>(pair[0][0], lanes[0], w);
        if (n + 1 < 2 * kGroups) {
          asm("" : "+r"(weight), "+w"(pair[0][0].raw));
          next = vld1_s8(weight + (n + 1) / 2 * group_stride + (n + 1) % 2 * 8);
          asm("" : "+w"(next), "+w"(pair[1][0].raw));
        }
        pair[1][0] = add_dot_of<1>(pair[1][0], lanes[0], w);
        pair[0][1] = add_dot_of<0>(pair[0][1], lanes[1], w);
        pair[1][1] = add_dot_of<1>(pair[1][1], lanes[1], w);
      }
      weight += stride;
      x += 32;
    } while (--rounds > 0);
  }
}

// |x|, at most `limit`.
HWY_INLINE Half half_magnitude(Half x, std::uint16_t limit) {
  return half_min(vbicq_u16(x, half_set(kHalfSign)), half_set(limit));
}

// magnitude with the sign of x. Written as assembly, because compilers take an instruction that
// overwrites the mask.
HWY_INLINE Half half_signed(Half magnitude, Half x) {
  __asm__("bit %0.16b, %1.16b, %2.16b" : "+w"(magnitude) : "w"(x), "w"(half_set(kHalfSign)));
  return magnitude;
}

// The entries of 16 lanes in the tables, a byte each.
HWY_INLINE uint8x16_t half_entries(Half a, Half b, std::uint16_t inverse_width) {
  // 1024, to which entries are added as units of the last place.
  const Half first = half_mul_add(a, half_set(inverse_width), half_set(0x6400));
  const Half second = half_mul_add(b, half_set(inverse_width), half_set(0x6400));
  return vuzp1q_u8(vreinterpretq_u8_u16(first), vreinterpretq_u8_u16(second));
}

struct TwoHalves {
  Half first, second;
};

HWY_INLINE TwoHalves half_look_up(const HalfTable& table, uint8x16_t entries) {
  const uint8x16_t low = vqtbl1q_u8(vld1q_u8(table.bytes), entries);
  const uint8x16_t high = vqtbl1q_u8(vld1q_u8(table.bytes + 16), entries);
  return {vreinterpretq_u16_u8(vzip1q_u8(low, high)), vreinterpretq_u16_u8(vzip2q_u8(low, high))};
}

// x = sigmoid(x). Absolute error <= 1.3e-3.
template <std::size_t kCount>
HWY_INLINE void half_sigmoid(Half (&x)[kCount]) {
  static_assert(kCount % 2 == 0, "two vectors are looked up together");
  AUGUR_UNROLL
  for (std::size_t n = 0; n < kCount; n += 2) {
    const Half a = half_magnitude(x[n], kHalfSigmoidLimit);
    const Half b = half_magnitude(x[n + 1], kHalfSigmoidLimit);
    const uint8x16_t at = half_entries(a, b, kHalfSigmoidInverse);
    const TwoHalves slope = half_look_up(kHalfSigmoidSlope, at);
    const TwoHalves start = half_look_up(kHalfSigmoidStart, at);
    const Half y = half_signed(half_mul_add(slope.first, a, start.first), x[n]);
    const Half z = half_signed(half_mul_add(slope.second, b, start.second), x[n + 1]);
    x[n] = half_add(y, half_set(kHalfOfOne));
    x[n + 1] = half_add(z, half_set(kHalfOfOne));
  }
}

// x = 1 + tanh(x). Absolute error <= 1.1e-3, that of rounding x to fp16 included.
template <std::size_t kCount>
HWY_INLINE void half_one_plus_tanh(Half (&x)[kCount]) {
  static_assert(kCount % 2 == 0, "two vectors are looked up together");
  AUGUR_UNROLL
  for (std::size_t n = 0; n < kCount; n += 2) {
    const Half a = half_magnitude(x[n], kHalfTanhLimit);
    const Half b = half_magnitude(x[n + 1], kHalfTanhLimit);
    const uint8x16_t at = half_entries(a, b, kHalfTanhInverse);
    const TwoHalves square = half_look_up(kHalfTanhSquare, at);
    TwoHalves slope = half_look_up(kHalfTanhSlope, at);
    slope.first = half_mul_add(square.first, a, slope.first);
    slope.second = half_mul_add(square.second, b, slope.second);
    const TwoHalves start = half_look_up(kHalfTanhStart, at);
    const Half y = half_signed(half_mul_add(slope.first, a, start.first), x[n]);
    const Half z = half_signed(half_mul_add(slope.second, b, start.second), x[n + 1]);
    x[n] = half_add(y, half_set(kHalfOne));
    x[n + 1] = half_add(z, half_set(kHalfOne));
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace augur
AUGUR_AFTER_HALVES();

#endif  // HWY_ARCH_ARM_A64

#endif
