// What could be otherwise in a converted model than in the library, and cannot be read from
// weights.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "augur_generated.h"
#include "convert/conversion.h"

namespace augur::convert {

// One such thing.
struct Change {
  std::string text;  // "with softmax in the attention of stack 'clicks'"
  std::string look;  // what to look up
  std::function<void(fb::ModelT& model)> make;
};

// Every one that the model, the conversion's in f32, admits, the likelier ones of a part first. The
// conversion must outlive them. `make` may throw Error.
std::vector<Change> likely_changes(const Conversion& conversion, fb::ModelT& model);

}  // namespace augur::convert
