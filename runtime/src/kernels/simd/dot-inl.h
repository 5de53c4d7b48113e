// The instruction for dot products of four integers: VPDPBUSD on x86-64, SDOT on 64-bit ARM.
//
// Inputs are 0 ... 255. x86-64 multiplies unsigned inputs with signed weights. On ARM both are
// signed, so every input is stored minus 128; the sums' initial values correct for that.
#if defined(AUGUR_SIMD_DOT_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef AUGUR_SIMD_DOT_INL_H
#undef AUGUR_SIMD_DOT_INL_H
#else
#define AUGUR_SIMD_DOT_INL_H
#endif

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "hwy/highway.h"
#include "kernels/simd/elementary-inl.h"

// Begins and ends functions that use the instruction. Not every 64-bit ARM processor has it, so it
// must have been checked before they run (kernel_set.cc), and their callers must not be inlined
// into other functions.
#ifndef AUGUR_BEFORE_INTEGERS
#if HWY_ARCH_ARM_A64 && HWY_COMPILER_CLANG
#define AUGUR_BEFORE_INTEGERS() HWY_PUSH_ATTRIBUTES("dotprod") HWY_BEFORE_NAMESPACE()
#define AUGUR_AFTER_INTEGERS() \
  HWY_AFTER_NAMESPACE();       \
  HWY_POP_ATTRIBUTES
#elif HWY_ARCH_ARM_A64
#define AUGUR_BEFORE_INTEGERS() HWY_PUSH_ATTRIBUTES("arch=armv8.2-a+dotprod") HWY_BEFORE_NAMESPACE()
#define AUGUR_AFTER_INTEGERS() \
  HWY_AFTER_NAMESPACE();       \
  HWY_POP_ATTRIBUTES
#else
#define AUGUR_BEFORE_INTEGERS() HWY_BEFORE_NAMESPACE()
#define AUGUR_AFTER_INTEGERS() HWY_AFTER_NAMESPACE()
#endif
#endif

AUGUR_BEFORE_INTEGERS();
namespace augur {
namespace HWY_NAMESPACE {

using Int = hn::Vec<I>;
using Bytes = hn::Repartition<std::uint8_t, F>;
using SignedBytes = hn::Repartition<std::int8_t, F>;

HWY_INLINE std::int32_t four_bytes(const void* from) {
  std::int32_t bytes;
  std::memcpy(&bytes, from, sizeof(bytes));
  return bytes;
}

#if HWY_ARCH_ARM_A64

inline constexpr bool kSignedInputs = true;

// Written as assembly, because clang before 16 declares vdotq_s32() only if the whole file is
// compiled for it.
HWY_INLINE Int add_dot(Int sum, hn::Vec<Bytes> x, hn::Vec<SignedBytes> weight) {
  __asm__("sdot %0.4s, %1.16b, %2.16b" : "+w"(sum.raw) : "w"(x.raw), "w"(weight.raw));
  return sum;
}

// `weights`: a register of 64 or of 128 bits.
template <int kLane, class Weights>
HWY_INLINE Int add_dot_of(Int sum, hn::Vec<Bytes> x, Weights weights) {
  __asm__("sdot %0.4s, %1.16b, %2.4b[%c3]" : "+w"(sum.raw) : "w"(x.raw), "w"(weights), "i"(kLane));
  return sum;
}

// For units i = 0 ... 3: sums[i][v] += x[v] · (the four weights of unit i), in every lane.
template <std::size_t kVectors>
HWY_INLINE void add_four_units(const std::int8_t* weights, const hn::Vec<Bytes> (&x)[kVectors],
                               Int (*sums)[kVectors]) {
  const auto w = hn::LoadU(SignedBytes(), weights);
  for (std::size_t v = 0; v < kVectors; ++v)
    sums[0][v] = add_dot_of<0>(sums[0][v], x[v], w.raw);
  for (std::size_t v = 0; v < kVectors; ++v)
    sums[1][v] = add_dot_of<1>(sums[1][v], x[v], w.raw);
  for (std::size_t v = 0; v < kVectors; ++v)
    sums[2][v] = add_dot_of<2>(sums[2][v], x[v], w.raw);
  for (std::size_t v = 0; v < kVectors; ++v)
    sums[3][v] = add_dot_of<3>(sums[3][v], x[v], w.raw);
}

#else

inline constexpr bool kSignedInputs = false;

HWY_INLINE Int add_dot(Int sum, hn::Vec<Bytes> x, hn::Vec<SignedBytes> weight) {
#if HWY_TARGET <= HWY_AVX3_DL && HWY_ARCH_X86 && HWY_COMPILER_GCC_ACTUAL
  // With the intrinsic, GCC 12 copies the sum before and after it, which takes twice as long.
  __asm__("vpdpbusd %2, %1, %0" : "+v"(sum.raw) : "v"(x.raw), "v"(weight.raw));
  return sum;
#else
  return hn::SumOfMulQuadAccumulate(I(), x, weight, sum);
#endif
}

// For units i = 0 ... 3: sums[i][v] += x[v] · (the four weights of unit i), in every lane.
template <std::size_t kVectors>
HWY_INLINE void add_four_units(const std::int8_t* weights, const hn::Vec<Bytes> (&x)[kVectors],
                               Int (*sums)[kVectors]) {
  for (std::size_t i = 0; i < 4; ++i) {
    const auto w = hn::BitCast(SignedBytes(), hn::Set(I(), four_bytes(weights + 4 * i)));
    for (std::size_t v = 0; v < kVectors; ++v)
      sums[i][v] = add_dot(sums[i][v], x[v], w);
  }
}

#endif

}  // namespace HWY_NAMESPACE
}  // namespace augur
AUGUR_AFTER_INTEGERS();

#endif
