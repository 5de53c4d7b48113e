// The fused kernels, compiled once for each instruction set. kernels/kernel_set.cc chooses.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/kernels.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep

#include "hwy/highway.h"
#include "kernels/kernel_set.h"
#include "kernels/simd/attention-inl.h"
#include "kernels/simd/recurrence-rows-inl.h"

HWY_BEFORE_NAMESPACE();
namespace augur {
namespace HWY_NAMESPACE {

extern const KernelSet kKernels;
const KernelSet kKernels = {hwy::TargetName(HWY_TARGET),
                            recur,
                            score_pairs,
                            scale_scores,
                            softmax,
                            weighted_sum,
                            activate_rows};

}  // namespace HWY_NAMESPACE
}  // namespace augur
HWY_AFTER_NAMESPACE();
