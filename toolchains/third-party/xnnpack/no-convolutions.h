// Included before src/configs/gemm-config.c: the tables of products name every micro-kernel for
// convolutions (igemm) beside that for fully connected layers, the only operators that Augur has,
// so that the linker could not leave them out. They are a tenth of libaugur for 64-bit ARM.
#pragma once

#include "xnnpack/config.h"

// table = xnn_init_hmp_igemm_ukernel((type) kernel);
#define xnn_init_hmp_igemm_ukernel(kernel) xnn_init_hmp_igemm_ukernel(NULL)
#define xnn_init_hmp_dqigemm_ukernel(kernel) xnn_init_hmp_dqigemm_ukernel(NULL)

// table.function[i] = (xnn_igemm_ukernel_fn) kernel; becomes two statements.
#define xnn_igemm_ukernel_fn xnn_igemm_ukernel_fn) NULL; (void
#define xnn_dqigemm_ukernel_fn xnn_dqigemm_ukernel_fn) NULL; (void
