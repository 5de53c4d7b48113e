// The small language in which a description names its weights:
//
//     "fc1.weight"                                              a tensor
//     {"tensor": "k", "rows": [0, 36], "columns": [0, 72]}      a part of it, as stored; ends
//     excluded
//     {"tensor": "k", "orientation": "in_out"}                  stored [inputs, outputs]
//     {"concat": [...], "along": "outputs" | "inputs"}          parts side by side
//     {"sum": [...]}                                            parts added
//     {"product": [...]}                                        multiplied element by element
//     {"matmul": [...]}                                         matrices multiplied: the last is
//     applied first
//     {"block_diagonal": [...]}                                 matrices along the diagonal, 0
//     beside
//     {"identity": 8}                                           the matrix that changes nothing
//     {"constant": 0}                                           a vector of equal values
//
// A matrix comes out as [outputs, inputs], whatever its orientation in the checkpoint.
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

// What a matrix must look like, and why, for the message when it does not.
struct MatrixShape {
  std::optional<size_t> outputs;  // absent: any
  std::optional<size_t> inputs;
  std::string because;  // "3 gates of 36 units; 36 inputs"
  // What else to say when the matrix is shaped otherwise; it is given its inputs.
  std::function<std::string(size_t)> hint = nullptr;
  // What to state if it is stored transposed; empty: an orientation.
  std::string if_transposed = "";
};

// Reads a matrix. `orientation` holds for every tensor in the expression that does not state its
// own. Throws Error if a tensor is missing, not a matrix, or the result is not shaped as expected.
Matrix read_matrix(const Node& expression, Orientation orientation, const MatrixShape& expected,
                   WeightSource& weights);

// Reads a vector of `size` values (absent: any): a tensor all of whose other dimensions are 1.
Vector read_vector(const Node& expression, std::optional<size_t> size, const std::string& because,
                   WeightSource& weights);

// Reads an embedding table, [rows, dim] as stored. Kept in f32, for tables are large and never
// folded.
struct TableValues {
  size_t rows = 0;
  size_t dim = 0;
  std::vector<float> values;
  std::string name;
};
TableValues read_table(const Node& expression, WeightSource& weights);

}  // namespace augur::convert
