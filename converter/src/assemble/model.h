// Turns a description and a checkpoint into a model: the whole conversion except quantisation and
// the reading and writing of files.
#pragma once

#include <string>
#include <vector>

#include "assemble/context.h"
#include "augur_generated.h"
#include "description/node.h"
#include "description/weight_source.h"

namespace augur::convert {

struct Assembled {
  fb::ModelT model;                   // without id and producer: write/ adds them
  std::vector<std::string> warnings;  // full sentences
  std::vector<std::string> unused;  // tensors that nothing read and the description does not ignore
  std::vector<std::string> ignored;        // tensors that the description states in "ignore"
  std::vector<std::string> training_only;  // tensors that nothing read and only training uses
  std::vector<BatchDice> batch_dice;       // whose statistics are still to be measured
};

// Reads a description as docs/description.md defines it. Throws Error, which names the file and the
// path in it, if anything is missing, unknown, contradictory or ambiguous, or has a wrong shape. A
// Dice by batch statistics is added to batch_dice if `can_measure`, and refused otherwise. Paths in
// the description are relative to `folder`, or to the working folder if it is empty.
Assembled assemble_model(const Node& description, WeightSource& weights, bool can_measure = false,
                         const std::string& folder = "");

}  // namespace augur::convert
