// The fused kernels, compiled once for each instruction set. kernels/kernel_set.cc chooses.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/kernels.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep

#include "hwy/highway.h"
#include "kernels/kernel_set.h"
#include "kernels/simd/attention-inl.h"
#include "kernels/simd/half-inl.h"
#include "kernels/simd/half-rows-inl.h"
#include "kernels/simd/integer-rows-inl.h"
#include "kernels/simd/quantise-inl.h"
#include "kernels/simd/recurrence-rows-inl.h"
#include "kernels/simd/small-product-inl.h"

HWY_BEFORE_NAMESPACE();
namespace augur {
namespace HWY_NAMESPACE {

#define AUGUR_TEXT_OF(name) #name
#define AUGUR_TEXT(name) AUGUR_TEXT_OF(name)

// Runs the recurrence with int8 or with f32 weights.
HWY_ATTR void recur_any(const Recurrence& run) {
  if constexpr (kIntegerProducts) {
#if HWY_ARCH_ARM_A64
    if (run.cell->integers == IntegerPath::kHalf || run.cell->integers == IntegerPath::kMatrix)
      return recur_halves(run);
#endif
    if (run.cell->integers != IntegerPath::kNone) return recur_integers(run);
  }
  recur(run);
}

// Integers are read by their products alone.
constexpr decltype(&quantise_all) kQuantise = build::kIntegers ? quantise_all : nullptr;

constexpr KernelSet kernels_named(const char* name, IntegerPath integers) {
  return {name,
          integers,
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
          kIntegerProducts ? to_floats : nullptr,
          kMultiplySmall};
}

constexpr IntegerPath path(IntegerPath wanted) {
  return kIntegerProducts ? wanted : IntegerPath::kNone;
}

// On 64-bit ARM all sets have the same functions. They differ in the path of integers only, which
// depends on the processor.
#if HWY_ARCH_ARM_A64
extern const KernelSet kMatrixKernels;
constexpr KernelSet kMatrixKernels = kernels_named(
    AUGUR_TEXT(HWY_NAMESPACE) " with matrix products and fp16", path(IntegerPath::kMatrix));
extern const KernelSet kHalfKernels;
constexpr KernelSet kHalfKernels = kernels_named(
    AUGUR_TEXT(HWY_NAMESPACE) " with dot products and fp16", path(IntegerPath::kHalf));
extern const KernelSet kDotKernels;
constexpr KernelSet kDotKernels =
    kernels_named(AUGUR_TEXT(HWY_NAMESPACE) " with dot products", path(IntegerPath::kDot));
extern const KernelSet kKernels;
constexpr KernelSet kKernels = kernels_named(AUGUR_TEXT(HWY_NAMESPACE), IntegerPath::kNone);
#else
extern const KernelSet kKernels;
constexpr KernelSet kKernels = kernels_named(AUGUR_TEXT(HWY_NAMESPACE), path(IntegerPath::kDot));
#endif

#undef AUGUR_TEXT
#undef AUGUR_TEXT_OF

}  // namespace HWY_NAMESPACE
}  // namespace augur
HWY_AFTER_NAMESPACE();
