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
#if AUGUR_WITH_AVX512
AUGUR_DECLARE_KERNELS(N_AVX3_DL)
#endif
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
// cpuinfo asks the operating system too whether it keeps the registers.
#if AUGUR_WITH_AVX512
bool has_avx512() {
  return cpuinfo_initialize() && cpuinfo_has_x86_avx512f() && cpuinfo_has_x86_avx512bw() &&
         cpuinfo_has_x86_avx512dq() && cpuinfo_has_x86_avx512vl() && cpuinfo_has_x86_avx512cd() &&
         cpuinfo_has_x86_avx512vnni() && cpuinfo_has_x86_avx512vbmi() &&
         cpuinfo_has_x86_avx512vbmi2() && cpuinfo_has_x86_avx512bitalg() &&
         cpuinfo_has_x86_avx512vpopcntdq() && cpuinfo_has_x86_vpclmulqdq() &&
         cpuinfo_has_x86_gfni();
}
#endif
bool has_avx2() {
  return cpuinfo_initialize() && cpuinfo_has_x86_avx2() && cpuinfo_has_x86_fma3() &&
         cpuinfo_has_x86_bmi() && cpuinfo_has_x86_bmi2();
}
#elif defined(__aarch64__)
bool has_dot() {
  return cpuinfo_initialize() && cpuinfo_has_arm_neon_dot();
}
#elif defined(__ARM_NEON)
// NEON of 32 bits has fused multiply-add since the Cortex-A7 and A15.
bool has_neon_fma() {
  return cpuinfo_initialize() && cpuinfo_has_arm_neon_fma();
}
#endif

// The vector kernels, the best first. Every processor of 64 bits has the last of them, so that the
// linker leaves the plain loops out of the library there.
constexpr Choice kChoices[] = {
#if defined(__x86_64__) || defined(__i386__)
#if AUGUR_WITH_AVX512
    {has_avx512, &N_AVX3_DL::kKernels},
#endif
    {has_avx2, &N_AVX2::kKernels},
    {always, &N_SSE2::kKernels},
#elif defined(__aarch64__)
    {has_dot, &N_NEON_WITHOUT_AES::kDotKernels},
    {always, &N_NEON_WITHOUT_AES::kKernels},
#elif defined(__ARM_NEON)
    {has_neon_fma, &N_NEON_WITHOUT_AES::kKernels},
    {always, &kReferenceKernels},
#else
    {always, &kReferenceKernels},
#endif
};

const KernelSet* best_kernels() {
  for (const Choice& choice : kChoices) {
    if (choice.available()) return choice.set;
  }
  return nullptr;  // not reached: the last is always available
}

}  // namespace

const KernelSet* kernel_set(std::size_t index) {
  for (const Choice& choice : kChoices) {
    if (!choice.available() || choice.set == &kReferenceKernels) continue;
    if (index-- == 0) return choice.set;
  }
  return index == 0 ? &kReferenceKernels : nullptr;
}

const KernelSet& kernels() {
  // Threads may write it at the same time; all of them write the same value.
  static const KernelSet* best = nullptr;
  const KernelSet* set = __atomic_load_n(&best, __ATOMIC_RELAXED);
  if (set == nullptr) {
    set = best_kernels();
    __atomic_store_n(&best, set, __ATOMIC_RELAXED);
  }
  return *set;
}

}  // namespace augur
