// Why a converted model's answers are not those expected: likely mistakes, tried out.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "validate/validation.h"

namespace augur::convert {

// `file` is the model with f32 weights and all its tables. Says, as a sentence, which one change to
// what cannot be read from weights makes the answers those expected (within 1e-5); "" if none does.
// The time is bounded: the first requests that differ decide, and only so many changes are tried.
std::string diagnose(const std::vector<uint8_t>& file, const ValidationOptions& options);

}  // namespace augur::convert
