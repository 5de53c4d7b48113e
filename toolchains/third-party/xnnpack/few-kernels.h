// Included before src/configs/gemm-config.c, whose tables decide which micro-kernels the linker keeps. It takes out of
// them what Augur never calls, and what is not worth its size.
#pragma once

#include "xnnpack/config.h"
#include "xnnpack/gemm.h"
#include "xnnpack/pack.h"
#include "xnnpack/packw.h"

// Never called: a micro-kernel for convolutions (igemm) stands beside each one for fully connected layers.
// table = xnn_init_hmp_igemm_ukernel((type) kernel);
#define xnn_init_hmp_igemm_ukernel(kernel) xnn_init_hmp_igemm_ukernel(NULL)
#define xnn_init_hmp_dqigemm_ukernel(kernel) xnn_init_hmp_dqigemm_ukernel(NULL)

// table.function[i] = (xnn_igemm_ukernel_fn) kernel; becomes two statements.
#define xnn_igemm_ukernel_fn xnn_igemm_ukernel_fn) NULL; (void
#define xnn_dqigemm_ukernel_fn xnn_dqigemm_ukernel_fn) NULL; (void

// Never called: the packing of transposed f32 weights.
#define xnn_pack_f32_gemm_gio_w NULL

#if defined(__aarch64__) && !defined(__APPLE__)
#include <cpuinfo.h>

// The Exynos M1 and M2 (2016, 2017) have kernels and a packing of their own, 5 KB. They get those of the Cortex-X1, the
// default, because their cases have no processor.
#define cpuinfo_uarch_exynos_m1 0x7FFFFFF1
#define cpuinfo_uarch_exynos_m2 0x7FFFFFF2
#define xnn_f32_gemm_minmax_ukernel_1x8s4__neonfma NULL
#define xnn_f32_gemm_minmax_ukernel_6x8s4__neonfma NULL
#define xnn_x32_packw_gemm_goi_ukernel_x8s4__neon_ld4lane_u4_prfm NULL

// Twins that differ in prefetching alone: the Cortex-A77 gets the A76's, and the first revision of the A55 the A53's.
#define xnn_f32_gemm_minmax_ukernel_1x8__asm_aarch64_neonfma_cortex_a75 \
  xnn_f32_gemm_minmax_ukernel_1x8__asm_aarch64_neonfma_cortex_a75_prfm
#define xnn_f32_gemm_minmax_ukernel_4x8__asm_aarch64_neonfma_cortex_a75 \
  xnn_f32_gemm_minmax_ukernel_4x8__asm_aarch64_neonfma_cortex_a75_prfm
#define xnn_f32_gemm_minmax_ukernel_1x8__asm_aarch64_neonfma_cortex_a53 \
  xnn_f32_gemm_minmax_ukernel_1x8__asm_aarch64_neonfma_cortex_a53_prfm
#define xnn_f32_gemm_minmax_ukernel_6x8__asm_aarch64_neonfma_cortex_a53 \
  xnn_f32_gemm_minmax_ukernel_6x8__asm_aarch64_neonfma_cortex_a53_prfm
#endif

#if defined(__x86_64__) && defined(AUGUR_FOR_PHONES)
#include <cpuinfo.h>

// The first AMD Zen has kernels and a packing of its own; it gets those of the other processors with AVX2. A processor
// without AVX2 gets the SSE kernels, and SSE 4.1 for int8, which Android demands.
#define cpuinfo_uarch_zen 0x7FFFFFF1
#define cpuinfo_uarch_dhyana 0x7FFFFFF2
#define xnn_f32_gemm_minmax_ukernel_1x16s4__fma3_broadcast NULL
#define xnn_f32_gemm_minmax_ukernel_4x16s4__fma3_broadcast NULL
#define xnn_x32_packw_gemm_goi_ukernel_x16s4__avx_u4 NULL
#endif
