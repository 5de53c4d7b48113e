// Expressions: how a description names its weights.
//
//   "fc1.weight"                                          a tensor
//   {"tensor": "k", "rows": [0, 36], "columns": [0, 72]}  a part of it, as stored; ends excluded
//   {"tensor": "k", "orientation": "in_out"}              stored as [inputs, outputs]
//   {"concat": [...], "along": "outputs" | "inputs"}      parts side by side
//   {"sum": [...]}                                        parts added
//   {"product": [...]}                                    parts multiplied element by element
//   {"matmul": [...]}                                     matrix product; the last is applied first
//   {"block_diagonal": [...]}                             matrices along the diagonal, else 0
//   {"identity": 8}                                       the identity matrix
//   {"constant": 0}                                       a vector of equal values
//
// The result of a matrix expression is [outputs, inputs], whatever the checkpoint's orientation.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "description/matrix.h"
#include "description/node.h"
#include "description/weight_source.h"

namespace augur::convert {

enum class Orientation {
  kOutIn,  // [outputs, inputs]: y = W x, as PyTorch's Linear stores it
  kInOut   // [inputs, outputs]: y = x W, as TensorFlow's kernels are stored
};

// The value of an "orientation" key.
Orientation read_orientation(const Node& node);

// The shape that a matrix must have, and the reason, for the message if it has another.
struct MatrixShape {
  std::optional<size_t> outputs;  // absent: any
  std::optional<size_t> inputs;
  std::string because;  // "3 gates of 36 units; 36 inputs"
  // Adds to the message if the matrix has another shape; gets the number of its inputs.
  std::function<std::string(size_t)> hint = nullptr;
  // What the user should write if it is stored transposed; empty: an orientation.
  std::string if_transposed = "";
};

// Reads a matrix. `orientation` is that of every tensor in the expression that does not state its
// own. Throws Error if a tensor is missing or no matrix, or if the result has not the expected
// shape.
Matrix read_matrix(const Node& expression, Orientation orientation, const MatrixShape& expected,
                   WeightSource& weights);

// Reads a vector of `size` values (absent: any); `because` is the reason for the size. A tensor
// counts as a vector if all its other dimensions are 1.
Vector read_vector(const Node& expression, std::optional<size_t> size, const std::string& because,
                   WeightSource& weights);

// An embedding table, [rows, dim] as stored. It stays in f32: tables are large, and nothing is
// folded into them.
struct TableValues {
  size_t rows = 0;
  size_t dim = 0;
  std::vector<float> values;
  std::string name;
};
TableValues read_table(const Node& expression, WeightSource& weights);

}  // namespace augur::convert
