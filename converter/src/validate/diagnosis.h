// Why a converted model's answers are not those expected: likely mistakes, tried out.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "augur_generated.h"
#include "convert/conversion.h"
#include "validate/validation.h"

namespace augur::convert {

// What could be otherwise in a converted model than in the library, and cannot be read from
// weights.

// One such thing.
struct Change {
  std::string text;  // "with softmax in the attention of stack 'clicks'"
  std::string look;  // what to look up
  std::function<void(fb::ModelT& model)> make;
};

// Every one that the model, the conversion's in f32, admits, the likelier ones of a part first. The
// conversion must outlive them. `make` may throw Error.
std::vector<Change> likely_changes(const Conversion& conversion, fb::ModelT& model);

// Why a converted model's answers are not those expected: likely mistakes, tried out.

// The conversion must have been made with its reference, the model in f32. Says, as a sentence,
// which one change to what cannot be read from weights makes the answers those expected (within
// 1e-5); "" if none does. The time is bounded: the first requests that differ decide, and only so
// many changes are tried.
std::string diagnose(const Conversion& conversion, const ValidationOptions& options);

}  // namespace augur::convert
