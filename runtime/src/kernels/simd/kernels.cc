// The fused kernels, compiled once for each instruction set. kernels/kernel_set.cc chooses.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/kernels.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep

#include "hwy/highway.h"
#include "kernels/kernel_set.h"
#include "kernels/simd/attention-inl.h"
#include "kernels/simd/half-inl.h"
#include "kernels/simd/integer-rows-inl.h"
#include "kernels/simd/quantise-inl.h"
#include "kernels/simd/recurrence-rows-inl.h"

HWY_BEFORE_NAMESPACE();
namespace augur {
namespace HWY_NAMESPACE {

#define AUGUR_TEXT_OF(name) #name
#define AUGUR_TEXT(name) AUGUR_TEXT_OF(name)

// Integers are read by their products alone.
constexpr decltype(&quantise_all) kQuantise = build::kIntegers ? quantise_all : nullptr;

constexpr KernelSet kernels_named(const char* name, bool integer_products) {
  return {name,
          integer_products,
          kWidest * kVector,
          recur_any,
          keep_keys,
          score_pairs,
          scale_scores,
          softmax,
          weighted_sum,
          activate_rows,
          kQuantise,
          kIntegerProducts ? to_halves : nullptr,
          kIntegerProducts ? to_floats : nullptr};
}

#if HWY_ARCH_ARM_A64
// Both sets have the same functions. They differ in integer_products only: whether the processor
// has dot products decides whether the kernels are given integers.
extern const KernelSet kKernels;
constexpr KernelSet kKernels = kernels_named(AUGUR_TEXT(HWY_NAMESPACE), false);
extern const KernelSet kDotKernels;
constexpr KernelSet kDotKernels =
    kernels_named(AUGUR_TEXT(HWY_NAMESPACE) " with dot products", kIntegerProducts);
#else
extern const KernelSet kKernels;
constexpr KernelSet kKernels = kernels_named(AUGUR_TEXT(HWY_NAMESPACE), kIntegerProducts);
#endif

#undef AUGUR_TEXT
#undef AUGUR_TEXT_OF

}  // namespace HWY_NAMESPACE
}  // namespace augur
HWY_AFTER_NAMESPACE();
