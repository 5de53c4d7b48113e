// Tensors and parts of tensors, as they are stored; see stored.h.
#include "tensors/stored.h"

#include <algorithm>

#include "text/text.h"

namespace augur::convert {
namespace {

const std::vector<std::string>& expression_keys(const char* operation) {
  static const std::vector<std::string> kTensor = {"tensor", "rows", "columns", "orientation"};
  static const std::vector<std::string> kConcat = {"concat", "along", "orientation"};
  static const std::vector<std::string> kSum = {"sum", "orientation"};
  static const std::vector<std::string> kProduct = {"product", "orientation"};
  static const std::vector<std::string> kMatmul = {"matmul", "orientation"};
  static const std::vector<std::string> kBlocks = {"block_diagonal", "orientation"};
  static const std::vector<std::string> kIdentity = {"identity"};
  static const std::vector<std::string> kConstant = {"constant"};
  static const std::vector<std::string> kAll = {
      "tensor", "rows",    "columns", "orientation",    "concat",   "along",
      "sum",    "product", "matmul",  "block_diagonal", "identity", "constant"};
  const std::string word = operation;
  if (word == "tensor") return kTensor;
  if (word == "concat") return kConcat;
  if (word == "sum") return kSum;
  if (word == "product") return kProduct;
  if (word == "matmul") return kMatmul;
  if (word == "block_diagonal") return kBlocks;
  if (word == "identity") return kIdentity;
  if (word == "constant") return kConstant;
  return kAll;
}

struct Range {
  size_t first = 0;
  size_t count = 0;
};

// The "rows" or "columns" of a stored tensor; all of them if the key is absent.
Range read_range(const Node& expression, const char* key, uint64_t size) {
  const std::optional<Node> node = expression.is_object() ? expression.find(key) : std::nullopt;
  if (!node) return {0, static_cast<size_t>(size)};
  const std::vector<Node> ends = node->items();
  if (ends.size() != 2) node->fail("expected [first, end], the end excluded");
  const int64_t first = ends[0].integer(0, INT64_MAX);
  const int64_t end = ends[1].integer(0, INT64_MAX);
  if (first >= end || static_cast<uint64_t>(end) > size) {
    node->fail("[" + std::to_string(first) + ", " + std::to_string(end) +
               "] is not a part of the " + std::to_string(size) + " " + key + " of tensor " +
               augur::quoted(tensor_name(expression)));
  }
  return {static_cast<size_t>(first), static_cast<size_t>(end - first)};
}

}  // namespace

std::string operation_of(const Node& expression) {
  if (expression.is_text()) return "name";
  if (!expression.is_object()) {
    expression.fail(
        "expected weights: a tensor's name, or an object with one of \"tensor\", \"concat\", "
        "\"sum\", \"product\", \"matmul\", \"block_diagonal\", \"identity\", \"constant\"");
  }
  std::string operation;
  for (const char* word :
       {"tensor", "concat", "sum", "product", "matmul", "block_diagonal", "identity", "constant"}) {
    if (!expression.has(word)) continue;
    if (!operation.empty()) {
      expression.fail("has both \"" + operation + "\" and \"" + word + "\"; which one is meant?");
    }
    operation = word;
  }
  expression.allow_keys("weights", expression_keys(operation.c_str()));
  if (operation.empty()) {
    expression.fail(
        "expected one of the keys tensor, concat, sum, product, matmul, block_diagonal, identity, "
        "constant");
  }
  return operation;
}

std::string tensor_name(const Node& expression) {
  return expression.is_text() ? expression.name() : expression.at("tensor").name();
}

std::vector<uint64_t> matrix_shape(const Node& expression, const WeightSource& weights) {
  const std::string name = tensor_name(expression);
  std::vector<uint64_t> shape = weights.shape(name, expression);
  while (shape.size() > 2 && shape.front() == 1)
    shape.erase(shape.begin());
  if (shape.size() != 2 || shape[0] == 0 || shape[1] == 0) {
    expression.fail("tensor " + augur::quoted(name) + ": expected a matrix, found shape " +
                    shape_text(weights.shape(name, expression)));
  }
  return shape;
}

Matrix stored_matrix(const Node& expression, WeightSource& weights) {
  const std::string name = tensor_name(expression);
  const std::vector<uint64_t> shape = matrix_shape(expression, weights);
  const Range rows = read_range(expression, "rows", shape[0]);
  const Range columns = read_range(expression, "columns", shape[1]);
  const std::vector<float> values = weights.read(name, expression);
  Matrix matrix(rows.count, columns.count, name);
  for (size_t r = 0; r < rows.count; ++r) {
    for (size_t c = 0; c < columns.count; ++c) {
      matrix.at(r, c) = static_cast<double>(
          values[(rows.first + r) * static_cast<size_t>(shape[1]) + columns.first + c]);
    }
  }
  return matrix;
}

namespace {

// A row or a column of a stored matrix, such as one of the two biases of a Keras GRU.
Vector matrix_line(const Node& expression, WeightSource& weights) {
  const Matrix matrix = stored_matrix(expression, weights);
  if (matrix.rows != 1 && matrix.columns != 1) {
    expression.fail("tensor " + augur::quoted(matrix.name) + ": expected a vector, found shape " +
                    shape_text(weights.shape(matrix.name, expression)) + ", of which " +
                    shape_text({matrix.rows, matrix.columns}) +
                    " is chosen; \"rows\": [0, 1] chooses one row");
  }
  Vector vector(matrix.values.size(), 0, matrix.name);
  vector.values = matrix.values;
  return vector;
}

}  // namespace

Vector stored_vector(const Node& expression, WeightSource& weights) {
  const std::string name = tensor_name(expression);
  const std::vector<uint64_t> shape = weights.shape(name, expression);
  uint64_t count = 1;
  uint64_t largest = 1;
  for (const uint64_t size : shape) {
    count *= size;
    largest = std::max(largest, size);
  }
  const bool rows = expression.is_object() && expression.has("rows");
  const bool columns = expression.is_object() && expression.has("columns");
  if (count != largest && shape.size() == 2 && (rows || columns)) {
    return matrix_line(expression, weights);
  }
  if (count != largest) {
    expression.fail("tensor " + augur::quoted(name) + ": expected a vector, found shape " +
                    shape_text(shape) +
                    (shape.size() == 2 ? "; \"rows\": [0, 1] chooses one row of it" : ""));
  }
  if (columns && rows) {
    expression.fail("a vector has \"rows\" or \"columns\", not both");
  }
  const Range part = read_range(expression, columns ? "columns" : "rows", count);
  const std::vector<float> values = weights.read(name, expression);
  Vector vector(part.count, 0, name);
  for (size_t i = 0; i < part.count; ++i) {
    vector[i] = static_cast<double>(values[part.first + i]);
  }
  return vector;
}

}  // namespace augur::convert
