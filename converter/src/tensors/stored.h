// The leaves of the weights' language (expression.h): tensors and parts of tensors, as stored.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "description/node.h"
#include "tensors/matrix.h"
#include "tensors/weight_source.h"

namespace augur::convert {

// "name" for a bare text, or the one operation of the expression's object: "tensor", "concat", …,
// "constant". Throws Error for anything else, and for keys that the operation does not have.
std::string operation_of(const Node& expression);

// The tensor that a leaf names.
std::string tensor_name(const Node& expression);

// The two dimensions of a matrix: leading dimensions of 1 beyond the second are dropped.
std::vector<uint64_t> matrix_shape(const Node& expression, const WeightSource& weights);

// A leaf's matrix, in the order of the checkpoint.
Matrix stored_matrix(const Node& expression, WeightSource& weights);

// A leaf's vector: a tensor all of whose other dimensions are 1, or a row or column of a matrix.
Vector stored_vector(const Node& expression, WeightSource& weights);

}  // namespace augur::convert
