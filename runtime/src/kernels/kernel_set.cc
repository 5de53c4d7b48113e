// Which instruction sets there are kernels for, and which of them this processor has.
#include "kernels/kernel_set.h"

#include <cpuinfo.h>

namespace augur {

#define AUGUR_DECLARE_KERNELS(space)  \
  namespace space {                   \
  extern const KernelSet kKernels;    \
  extern const KernelSet kDotKernels; \
  }

#if defined(__x86_64__) || defined(__i386__)
AUGUR_DECLARE_KERNELS(N_AVX3_DL)
AUGUR_DECLARE_KERNELS(N_AVX2)
AUGUR_DECLARE_KERNELS(N_SSE2)
#elif defined(__ARM_NEON)
AUGUR_DECLARE_KERNELS(N_NEON_WITHOUT_AES)
#endif

namespace {

struct Choice {
  bool (*available)();
  const KernelSet* set;
};

bool always() {
  return true;
}

#if defined(__x86_64__) || defined(__i386__)
// __builtin_cpu_supports asks the operating system too whether it keeps the registers.
bool has_avx512() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512vnni") &&
         __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vbmi2") &&
         __builtin_cpu_supports("avx512bitalg") && __builtin_cpu_supports("avx512vpopcntdq") &&
         __builtin_cpu_supports("vpclmulqdq") && __builtin_cpu_supports("gfni");
}
bool has_avx2() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
         __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
}
#elif defined(__ARM_NEON)
// Every NEON of 64 bits has fused multiply-add, of 32 bits those since the Cortex-A7 and A15.
bool has_neon() {
  return cpuinfo_initialize() && cpuinfo_has_arm_neon_fma();
}
#if defined(__aarch64__)
bool has_neon_dot() {
  return has_neon() && cpuinfo_has_arm_neon_dot();
}
#endif
#endif

constexpr Choice kChoices[] = {
#if defined(__x86_64__) || defined(__i386__)
    {has_avx512, &N_AVX3_DL::kKernels},
    {has_avx2, &N_AVX2::kKernels},
    {always, &N_SSE2::kKernels},
#elif defined(__ARM_NEON)
#if defined(__aarch64__)
    {has_neon_dot, &N_NEON_WITHOUT_AES::kDotKernels},
#endif
    {has_neon, &N_NEON_WITHOUT_AES::kKernels},
#endif
    {always, &kReferenceKernels},
};

}  // namespace

const KernelSet* kernel_set(std::size_t index) {
  for (const Choice& choice : kChoices) {
    if (!choice.available()) continue;
    if (index-- == 0) return choice.set;
  }
  return nullptr;
}

const KernelSet& kernels() {
  // Threads may write it at the same time; all of them write the same value.
  static const KernelSet* best = nullptr;
  const KernelSet* set = __atomic_load_n(&best, __ATOMIC_RELAXED);
  if (set == nullptr) {
    set = kernel_set(0);
    __atomic_store_n(&best, set, __ATOMIC_RELAXED);
  }
  return *set;
}

}  // namespace augur
