// Which instruction sets' kernels the library runs, and a way to choose others: for tests and
// benchmarks, which link the library as an app does. Not part of the C API: it may change with any
// version.
#pragma once

#include "augur/augur.h"

#ifdef __cplusplus
extern "C" {
#endif

// The names of those that this processor can run, such as "avx2", the best first; NULL past the
// last.
AUGUR_API const char* augur_internal_isa(unsigned index);

// The name of the one in use: the best, unless another was chosen.
AUGUR_API const char* augur_internal_isa_in_use(void);

// Uses the kernels of this name; 0 if there are none that this processor can run. To be called
// before a model is opened, because weights are packed for the kernels in use.
AUGUR_API int augur_internal_use_isa(const char* name);

#ifdef __cplusplus
}
#endif
