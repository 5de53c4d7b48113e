// Why a converted model's answers are not those expected: tries out likely mistakes in what cannot
// be read from the weights, such as an activation or the form of a GRU.
#pragma once

#include <string>

#include "validate/validation.h"

namespace augur::convert {

// Names, in a sentence, the one change to the model that makes its answers those expected (within
// 1e-5), and what to check; "" if no single change does. The conversion must have been made with
// its reference, the model in f32. The time is bounded: a change is judged by the first requests
// that differ, and large models are not tried.
std::string diagnose(const Conversion& conversion, const ValidationOptions& options);

}  // namespace augur::convert
