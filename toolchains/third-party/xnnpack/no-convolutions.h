// Included before src/configs/gemm-config.c. Its tables name a micro-kernel for convolutions (igemm)
// beside each one for fully connected layers, so that the linker would keep them all. Augur has only
// fully connected layers; without this header the others are a tenth of libaugur for 64-bit ARM.
#pragma once

#include "xnnpack/config.h"

// table = xnn_init_hmp_igemm_ukernel((type) kernel);
#define xnn_init_hmp_igemm_ukernel(kernel) xnn_init_hmp_igemm_ukernel(NULL)
#define xnn_init_hmp_dqigemm_ukernel(kernel) xnn_init_hmp_dqigemm_ukernel(NULL)

// table.function[i] = (xnn_igemm_ukernel_fn) kernel; becomes two statements.
#define xnn_igemm_ukernel_fn xnn_igemm_ukernel_fn) NULL; (void
#define xnn_dqigemm_ukernel_fn xnn_dqigemm_ukernel_fn) NULL; (void
