// What is passed along while a description is turned into a model.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "augur_generated.h"
#include "description/node.h"
#include "tensors/expression.h"
#include "tensors/matrix.h"
#include "tensors/weight_source.h"

namespace augur::convert {

struct TableInfo {
  size_t rows = 0;
  size_t dim = 0;
  bool has_padding_row = false;
  bool used = false;
  bool rows_stated = false;  // "rows" is in the description
};

struct Context {
  explicit Context(WeightSource& source) : weights(source) {}

  WeightSource& weights;
  Orientation orientation = Orientation::kOutIn;  // of every matrix that does not state its own
  std::map<std::string, TableInfo> tables;
  std::vector<std::string> warnings;

  // The orientation for a part: its own "orientation" key, or the description's.
  Orientation orientation_of(const Node& part) const;
};

// Rounds to f32. `where` is named if a value does not fit into f32.
std::unique_ptr<fb::TensorT> make_tensor(const Matrix& matrix, const Node& where);
std::unique_ptr<fb::TensorT> make_tensor(const Vector& vector, const Node& where);
std::unique_ptr<fb::TensorT> make_tensor(const TableValues& table);

// Throws Error at the second of two nodes whose "name" is the same; `what` is "table", "feature",
// ...
void refuse_duplicate_names(const std::vector<Node>& nodes, const char* what);

}  // namespace augur::convert
