// Why a converted model's answers are not those expected: likely mistakes, tried out.
#pragma once

#include <string>

#include "validate/validation.h"

namespace augur::convert {

// The conversion must have been made with its reference, the model in f32. Says, as a sentence,
// which one change to what cannot be read from weights makes the answers those expected (within
// 1e-5); "" if none does. The time is bounded: the first requests that differ decide, and only so
// many changes are tried.
std::string diagnose(const Conversion& conversion, const ValidationOptions& options);

}  // namespace augur::convert
