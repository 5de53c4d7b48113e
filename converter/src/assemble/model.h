// Turns a description and a checkpoint into a model: the whole of the conversion but reading and
// writing files.
#pragma once

#include <string>
#include <vector>

#include "augur_generated.h"
#include "description/node.h"
#include "tensors/weight_source.h"

namespace augur::convert {

// What a conversion left to say.
struct Assembled {
  fb::ModelT model;                   // without id and producer: write/ adds them
  std::vector<std::string> warnings;  // full sentences
  std::vector<std::string> unused;  // tensors that nothing read and the description does not ignore
  std::vector<std::string> ignored;  // tensors left out on the description's word
  std::vector<std::string> training_only;
};

// Reads docs/conversion.md's description. Throws Error, which names the file and the path in it,
// whenever something is missing, unknown, contradictory, ambiguous, or shaped otherwise than it
// must.
Assembled assemble_model(const Node& description, WeightSource& weights);

}  // namespace augur::convert
