// Which instruction sets there are kernels for, and which of them this processor has.
#include "kernels/kernel_set.h"

#include <cpuinfo.h>

#include <cstring>
#include <iterator>

#include "common/build_choices.h"
#include "kernels/isa.h"

namespace augur {

#define AUGUR_DECLARE_KERNELS(space)     \
  namespace space {                      \
  extern const KernelSet kKernels;       \
  extern const KernelSet kDotKernels;    \
  extern const KernelSet kHalfKernels;   \
  extern const KernelSet kMatrixKernels; \
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
  const char* isa;
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
bool has_half() {
  return has_dot() && cpuinfo_has_arm_neon_fp16_arith();
}
bool has_matrix() {
  return has_half() && cpuinfo_has_arm_i8mm();
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
    {"avx512", has_avx512, &N_AVX3_DL::kKernels},
#endif
    {"avx2", has_avx2, &N_AVX2::kKernels},
    {"sse2", always, &N_SSE2::kKernels},
#elif defined(__aarch64__)
    {"i8mm", has_matrix, &N_NEON_WITHOUT_AES::kMatrixKernels},
    {"fp16", has_half, &N_NEON_WITHOUT_AES::kHalfKernels},
    {"dotprod", has_dot, &N_NEON_WITHOUT_AES::kDotKernels},
    {"neon", always, &N_NEON_WITHOUT_AES::kKernels},
#elif defined(__ARM_NEON)
    {"neon", has_neon_fma, &N_NEON_WITHOUT_AES::kKernels},
    {"plain", always, &kReferenceKernels},
#else
    {"plain", always, &kReferenceKernels},
#endif
};

struct Choices {
  const Choice* first;
  const Choice* last;
  constexpr const Choice* begin() const { return first; }
  constexpr const Choice* end() const { return last; }
};

#if defined(__aarch64__)
// The sets differ in their products of integers only.
constexpr Choice kWithoutIntegers[] = {{"neon", always, &N_NEON_WITHOUT_AES::kKernels}};
constexpr Choices kAvailable =
    build::kIntegers ? Choices{std::begin(kChoices), std::end(kChoices)}
                     : Choices{std::begin(kWithoutIntegers), std::end(kWithoutIntegers)};
#else
constexpr Choices kAvailable = {std::begin(kChoices), std::end(kChoices)};
#endif

// The one in use; nullptr until it is asked for. Threads may write it at the same time; all of them
// write the same value.
const Choice* in_use = nullptr;

const Choice& choice() {
  const Choice* chosen = __atomic_load_n(&in_use, __ATOMIC_RELAXED);
  if (chosen == nullptr) {
    chosen = kAvailable.first;
    while (!chosen->available())  // the last is always available
      ++chosen;
    __atomic_store_n(&in_use, chosen, __ATOMIC_RELAXED);
  }
  return *chosen;
}

}  // namespace

const KernelSet* kernel_set(std::size_t index) {
  for (const Choice& choice : kAvailable) {
    if (!choice.available() || choice.set == &kReferenceKernels) continue;
    if (index-- == 0) return choice.set;
  }
  return index == 0 ? &kReferenceKernels : nullptr;
}

const KernelSet& kernels() {
  return *choice().set;
}

}  // namespace augur

const char* augur_internal_isa(unsigned index) {
  for (const augur::Choice& one : augur::kAvailable) {
    if (one.available() && index-- == 0) return one.isa;
  }
  return nullptr;
}

const char* augur_internal_isa_in_use(void) {
  return augur::choice().isa;
}

int augur_internal_use_isa(const char* name) {
  for (const augur::Choice& one : augur::kAvailable) {
    if (std::strcmp(one.isa, name) != 0 || !one.available()) continue;
    __atomic_store_n(&augur::in_use, &one, __ATOMIC_RELAXED);
    return 1;
  }
  return 0;
}
