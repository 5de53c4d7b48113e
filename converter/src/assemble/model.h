// Turns a description and a checkpoint into a model: the whole of the conversion but reading and
// writing files.
#pragma once

#include <string>
#include <vector>

#include "assemble/context.h"
#include "augur_generated.h"
#include "description/node.h"
#include "description/weight_source.h"

namespace augur::convert {

// What a conversion left to say.
struct Assembled {
  fb::ModelT model;                   // without id and producer: write/ adds them
  std::vector<std::string> warnings;  // full sentences
  std::vector<std::string> unused;  // tensors that nothing read and the description does not ignore
  std::vector<std::string> ignored;  // tensors left out on the description's word
  std::vector<std::string> training_only;
  std::vector<BatchDice> batch_dice;  // whose statistics are still to be measured
};

// Reads docs/conversion.md's description. Throws Error, which names the file and the path in it,
// whenever something is missing, unknown, contradictory, ambiguous, or shaped otherwise than it
// must. Unless `can_measure`, a Dice by batch statistics is refused; else it is left in batch_dice.
Assembled assemble_model(const Node& description, WeightSource& weights, bool can_measure = false);

}  // namespace augur::convert
