// Measures the peaks: loops that do not touch memory, with as many independent accumulators as it
// takes to hide the latency of the instruction.
#include "peak/peak.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#include <sys/auxv.h>
#elif defined(__ARM_NEON)
#include <arm_neon.h>
#endif

namespace augur::bench {
namespace {

constexpr int kAccumulators =
    12;  // a latency of 4 cycles times 2 instructions a cycle, and a reserve
constexpr int kRuns = 12;
constexpr std::size_t kRounds = 3000;

// Keeps a value in a register, and keeps the compiler from knowing it.
#if defined(__x86_64__)
#define AUGUR_OPAQUE(value) __asm__ volatile("" : "+v"(value));
#else
#define AUGUR_OPAQUE(value) __asm__ volatile("" : "+w"(value));
#endif

struct Loop {
  void (*run)(std::size_t rounds);
  double operations;  // that one instruction does
  const char* instruction;
};

// NOLINTBEGIN(bugprone-macro-parentheses): types and attributes cannot be parenthesised.

// Defines the function `name`: in each round, kAccumulators instructions `step`, each on an
// accumulator x of its own. The accumulators are variables, because compilers would keep an array
// in memory here.
#define AUGUR_EACH(action)                                                                \
  action(a0) action(a1) action(a2) action(a3) action(a4) action(a5) action(a6) action(a7) \
      action(a8) action(a9) action(a10) action(a11)
#define AUGUR_PEAK_LOOP(name, target, vector, zero, step)                     \
  target void name(std::size_t rounds) {                                      \
    const vector start = zero;                                                \
    vector a0 = start, a1 = start, a2 = start, a3 = start, a4 = start;        \
    vector a5 = start, a6 = start, a7 = start, a8 = start, a9 = start;        \
    vector a10 = start, a11 = start, y = start, z = start;                    \
    AUGUR_EACH(AUGUR_OPAQUE)                                                  \
    AUGUR_OPAQUE(y)                                                           \
    AUGUR_OPAQUE(z)                                                           \
    for (std::size_t i = 0; i < rounds; ++i) {                                \
      const auto next = [&](vector x) __attribute__((always_inline)) target { \
        step;                                                                 \
        return x;                                                             \
      };                                                                      \
      AUGUR_EACH(AUGUR_STEP)                                                  \
      AUGUR_EACH(AUGUR_OPAQUE)                                                \
    }                                                                         \
  }
#define AUGUR_STEP(x) x = next(x);
// NOLINTEND(bugprone-macro-parentheses)

#if defined(__x86_64__)
AUGUR_PEAK_LOOP(fma_512, __attribute__((target("avx512f"))), __m512, _mm512_setzero_ps(),
                x = _mm512_fmadd_ps(y, z, x))
AUGUR_PEAK_LOOP(fma_256, __attribute__((target("avx2,fma"))), __m256, _mm256_setzero_ps(),
                x = _mm256_fmadd_ps(y, z, x))
AUGUR_PEAK_LOOP(multiply_add_128, , __m128, _mm_setzero_ps(), x = _mm_add_ps(_mm_mul_ps(y, z), x))
AUGUR_PEAK_LOOP(dot_512, __attribute__((target("avx512f,avx512vnni"))), __m512i,
                _mm512_setzero_si512(), x = _mm512_dpbusd_epi32(x, y, z))
AUGUR_PEAK_LOOP(dot_256, __attribute__((target("avx2"))), __m256i, _mm256_setzero_si256(),
                x = _mm256_add_epi32(x, _mm256_madd_epi16(_mm256_maddubs_epi16(y, z),
                                                          _mm256_set1_epi16(1))))
AUGUR_PEAK_LOOP(dot_128, , __m128i, _mm_setzero_si128(), x = _mm_add_epi32(x, _mm_madd_epi16(y, z)))

Loop f32_loop() {
  if (__builtin_cpu_supports("avx512f")) return {fma_512, 32, "AVX-512 vfmadd231ps"};
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    return {fma_256, 16, "AVX2 vfmadd231ps"};
  return {multiply_add_128, 8, "SSE2 mulps, addps"};
}

Loop int8_loop() {
  if (__builtin_cpu_supports("avx512vnni")) return {dot_512, 128, "AVX-512 VNNI vpdpbusd"};
  if (__builtin_cpu_supports("avx2")) return {dot_256, 64, "AVX2 vpmaddubsw, vpmaddwd, vpaddd"};
  return {dot_128, 16, "SSE2 pmaddwd, paddd"};
}

#elif defined(__ARM_NEON) || defined(__aarch64__)

#if defined(__aarch64__)
AUGUR_PEAK_LOOP(fma_128, , float32x4_t, vdupq_n_f32(0), x = vfmaq_f32(x, y, z))
AUGUR_PEAK_LOOP(dot_128, __attribute__((target("arch=armv8.2-a+dotprod"))), int32x4_t,
                vdupq_n_s32(0), x = vdotq_s32(x, vreinterpretq_s8_s32(y), vreinterpretq_s8_s32(z)))
bool has_dot_product() {
  constexpr unsigned long kAsimdDotProduct = 1ul << 20;  // HWCAP_ASIMDDP
  return (getauxval(AT_HWCAP) & kAsimdDotProduct) != 0;
}
#else
AUGUR_PEAK_LOOP(fma_128, , float32x4_t, vdupq_n_f32(0), x = vmlaq_f32(x, y, z))
bool has_dot_product() {
  return false;
}
void dot_128(std::size_t) {}
#endif
AUGUR_PEAK_LOOP(widening_128, , int32x4_t, vdupq_n_s32(0),
                x = vmlal_s16(x, vreinterpret_s16_s32(vget_low_s32(y)),
                              vreinterpret_s16_s32(vget_low_s32(z))))

Loop f32_loop() {
  return {fma_128, 8, "NEON fmla"};
}

Loop int8_loop() {
  if (has_dot_product()) return {dot_128, 32, "NEON sdot"};
  return {widening_128, 8, "NEON smlal"};
}

#endif

double seconds_of(void (*run)(std::size_t), std::size_t rounds) {
  const auto begin = std::chrono::steady_clock::now();
  run(rounds);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

double fastest_seconds(void (*run)(std::size_t)) {
  double fastest = seconds_of(run, kRounds);
  for (int i = 1; i < kRuns; ++i)
    fastest = std::min(fastest, seconds_of(run, kRounds));
  return fastest;
}

constexpr int kChain = 16;

// Measures the clock by additions that each need the result of the one before: all processors that
// this runs on do one of them in a cycle.
void chain(std::size_t rounds) {
  std::uintptr_t x = 0;
  std::uintptr_t one = 1;
  __asm__ volatile("" : "+r"(one));
  for (std::size_t i = 0; i < rounds; ++i) {
    for (int step = 0; step < kChain; ++step) {
#if defined(__x86_64__)
      __asm__ volatile("add %1, %0" : "+r"(x) : "r"(one));
#else
      __asm__ volatile("add %0, %0, %1" : "+r"(x) : "r"(one));
#endif
    }
  }
}

}  // namespace

Peaks measure_peaks() {
  const Loop f32 = f32_loop();
  const Loop int8 = int8_loop();
  const auto rate = [](const Loop& loop) {
    return static_cast<double>(kAccumulators) * static_cast<double>(kRounds) /
           fastest_seconds(loop.run);
  };
  Peaks peaks;
  // The clock is measured between the two, because processors may lower it for wide vectors.
  const double f32_rate = rate(f32);
  peaks.clock_hz =
      static_cast<double>(kChain) * static_cast<double>(kRounds) / fastest_seconds(chain);
  const double int8_rate = rate(int8);
  peaks.f32_flops = f32_rate * f32.operations;
  peaks.int8_ops = int8_rate * int8.operations;
  peaks.f32_vectors_per_cycle = f32_rate / peaks.clock_hz;
  peaks.int8_vectors_per_cycle = int8_rate / peaks.clock_hz;
  peaks.f32_instruction = f32.instruction;
  peaks.int8_instruction = int8.instruction;
  return peaks;
}

}  // namespace augur::bench
