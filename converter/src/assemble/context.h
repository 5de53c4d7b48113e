// What the readers of a description share: the weights, the tables read so far, warnings, and the
// making of the model file's tensors.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "augur_generated.h"
#include "description/expression.h"
#include "description/matrix.h"
#include "description/node.h"
#include "description/weight_source.h"

namespace augur::convert {

struct TableInfo {
  size_t rows = 0;
  size_t dim = 0;
  bool has_padding_row = false;
  uint32_t padding_row = 0;
  bool used = false;
  bool rows_stated = false;  // "rows" is in the description
  fb::KeyType keys = fb::KeyType::Row;
  uint32_t highest_key_row = 0;  // in its own vocabulary
};

// A Dice that computes mean and variance from the batch that is scored. Its scale and shift are 0
// until they are measured (validate/calibration.h).
struct BatchDice {
  fb::ActivationT* activation = nullptr;  // owned by the model
  double epsilon = 0;                     // inside the root
  double epsilon_outside = 0;             // added to the root
  std::string where;                      // "model.json: head.layers[0].activation"
};

struct Context {
  explicit Context(WeightSource& source) : weights(source) {}

  WeightSource& weights;
  Orientation orientation = Orientation::kOutIn;  // of every matrix that does not state its own
  std::string folder;  // to which the description's paths are relative; empty: the working folder
  std::map<std::string, TableInfo> tables;
  std::vector<std::string> warnings;
  bool can_measure = false;  // whether a Dice by batch statistics can be measured later
  std::vector<BatchDice> batch_dice;

  // The orientation for a part: its own "orientation" key, or the description's.
  Orientation orientation_of(const Node& part) const;
};

std::unique_ptr<fb::TensorT> make_tensor(const std::vector<float>& values,
                                         std::vector<uint32_t> shape, const std::string& name = "");
// These round to f32 and throw Error, which names `where`, if a value is too large for f32.
std::unique_ptr<fb::TensorT> make_tensor(const Matrix& matrix, const Node& where);
std::unique_ptr<fb::TensorT> make_tensor(const Vector& vector, const Node& where);

// Throws Error at the second of two nodes with the same "name"; `what` is "table", "feature", ...
void refuse_duplicate_names(const std::vector<Node>& nodes, const char* what);

}  // namespace augur::convert
