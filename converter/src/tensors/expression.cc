// The small language in which a description names its weights; see expression.h.
#include "tensors/expression.h"

#include <algorithm>

#include "text/text.h"

namespace augur::convert {
namespace {

const std::vector<std::string>& expression_keys(const char* operation) {
  static const std::vector<std::string> kTensor = {"tensor", "rows", "columns", "orientation"};
  static const std::vector<std::string> kConcat = {"concat", "along", "orientation"};
  static const std::vector<std::string> kSum = {"sum", "orientation"};
  static const std::vector<std::string> kConstant = {"constant"};
  static const std::vector<std::string> kAll = {"tensor", "rows",  "columns", "orientation",
                                                "concat", "along", "sum",     "constant"};
  const std::string word = operation;
  if (word == "tensor") return kTensor;
  if (word == "concat") return kConcat;
  if (word == "sum") return kSum;
  if (word == "constant") return kConstant;
  return kAll;
}

// The one operation that the expression's object holds.
std::string operation_of(const Node& expression) {
  if (expression.is_text()) return "name";
  if (!expression.is_object()) {
    expression.fail(
        "expected weights: a tensor's name, or an object with one of \"tensor\", \"concat\", "
        "\"sum\", \"constant\"");
  }
  std::string operation;
  for (const char* word : {"tensor", "concat", "sum", "constant"}) {
    if (!expression.has(word)) continue;
    if (!operation.empty()) {
      expression.fail("has both \"" + operation + "\" and \"" + word + "\"; which one is meant?");
    }
    operation = word;
  }
  expression.allow_keys("weights", expression_keys(operation.c_str()));
  if (operation.empty()) {
    expression.fail("expected one of the keys tensor, concat, sum, constant");
  }
  return operation;
}

std::string tensor_name(const Node& expression) {
  return expression.is_text() ? expression.name() : expression.at("tensor").name();
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

// The two dimensions of a matrix: leading dimensions of 1 beyond the second are dropped.
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

// A tensor or a part of it, as stored.
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

Orientation orientation_of(const Node& expression, Orientation inherited) {
  const std::optional<Node> own =
      expression.is_object() ? expression.find("orientation") : std::nullopt;
  return own ? read_orientation(*own) : inherited;
}

// Side by side along the inputs.
Matrix beside(const std::vector<Matrix>& parts) {
  std::vector<Matrix> turned;
  for (const Matrix& part : parts)
    turned.push_back(transposed(part));
  return transposed(stacked(turned));
}

Matrix evaluate(const Node& expression, Orientation inherited, WeightSource& weights);

Matrix evaluate_concat(const Node& expression, Orientation orientation, WeightSource& weights) {
  const bool outputs = expression.at("along").choice<bool>({{"outputs", true}, {"inputs", false}});
  const std::vector<Node> nodes = expression.at("concat").items();
  if (nodes.empty()) expression.at("concat").fail("must not be empty");
  std::vector<Matrix> parts;
  for (const Node& node : nodes) {
    parts.push_back(evaluate(node, orientation, weights));
    const size_t first = outputs ? parts.front().columns : parts.front().rows;
    const size_t here = outputs ? parts.back().columns : parts.back().rows;
    if (first != here) {
      node.fail("has " + std::to_string(here) + (outputs ? " inputs" : " outputs") +
                ", but the part before it has " + std::to_string(first));
    }
  }
  return outputs ? stacked(parts) : beside(parts);
}

Matrix evaluate_sum(const Node& expression, Orientation orientation, WeightSource& weights) {
  const std::vector<Node> nodes = expression.at("sum").items();
  if (nodes.empty()) expression.at("sum").fail("must not be empty");
  Matrix total;
  for (size_t i = 0; i < nodes.size(); ++i) {
    Matrix part = evaluate(nodes[i], orientation, weights);
    if (i == 0) {
      total = std::move(part);
      continue;
    }
    if (part.rows != total.rows || part.columns != total.columns) {
      nodes[i].fail("is " + shape_text({part.rows, part.columns}) +
                    " as [outputs, inputs], but the part before it is " +
                    shape_text({total.rows, total.columns}));
    }
    add(total, 1, part);
    total.name += " + " + part.name;
  }
  return total;
}

// The matrix as [outputs, inputs].
Matrix evaluate(const Node& expression, Orientation inherited, WeightSource& weights) {
  const std::string operation = operation_of(expression);
  const Orientation orientation = orientation_of(expression, inherited);
  if (operation == "concat") return evaluate_concat(expression, orientation, weights);
  if (operation == "sum") return evaluate_sum(expression, orientation, weights);
  if (operation == "constant") expression.fail("\"constant\" makes a vector, not a matrix");
  Matrix stored = stored_matrix(expression, weights);
  return orientation == Orientation::kOutIn ? stored : transposed(stored);
}

std::string size_text(const std::optional<size_t>& size) {
  return size ? std::to_string(*size) : "any";
}

bool fits(const MatrixShape& expected, size_t outputs, size_t inputs) {
  return expected.outputs.value_or(outputs) == outputs &&
         expected.inputs.value_or(inputs) == inputs;
}

[[noreturn]] void fail_shape(const Node& expression, Orientation inherited,
                             const MatrixShape& expected, const Matrix& found) {
  const std::string operation = operation_of(expression);
  const std::string because = expected.because.empty() ? "" : " (" + expected.because + ")";
  if (operation == "concat" || operation == "sum") {
    expression.fail("expected [" + size_text(expected.outputs) + ", " + size_text(expected.inputs) +
                    "] as [outputs, inputs]" + because + ", found " +
                    shape_text({found.rows, found.columns}) + " from " + found.name);
  }
  // A single tensor: speak of it as it is stored.
  const bool turned = orientation_of(expression, inherited) == Orientation::kInOut;
  const std::string wanted =
      turned ? "[" + size_text(expected.inputs) + ", " + size_text(expected.outputs) + "]"
             : "[" + size_text(expected.outputs) + ", " + size_text(expected.inputs) + "]";
  const std::string came =
      turned ? shape_text({found.columns, found.rows}) : shape_text({found.rows, found.columns});
  std::string message =
      "tensor " + augur::quoted(found.name) + ": expected " + wanted + because + ", found " + came;
  if (expression.is_object() && (expression.has("rows") || expression.has("columns"))) {
    message += " in the rows and columns chosen";
  }
  if (fits(expected, found.columns, found.rows)) {
    message += std::string("; if it is stored transposed, state \"orientation\": \"") +
               (turned ? "out_in" : "in_out") + "\"";
  }
  expression.fail(message);
}

Vector stored_vector(const Node& expression, WeightSource& weights) {
  const std::string name = tensor_name(expression);
  const std::vector<uint64_t> shape = weights.shape(name, expression);
  uint64_t count = 1;
  uint64_t largest = 1;
  for (const uint64_t size : shape) {
    count *= size;
    largest = std::max(largest, size);
  }
  if (count != largest) {
    expression.fail("tensor " + augur::quoted(name) + ": expected a vector, found shape " +
                    shape_text(shape));
  }
  const bool columns = expression.is_object() && expression.has("columns");
  if (columns && expression.has("rows")) {
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

Vector evaluate_vector(const Node& expression, std::optional<size_t> size, WeightSource& weights) {
  const std::string operation = operation_of(expression);
  if (operation == "constant") {
    if (!size) expression.fail("\"constant\" needs a place whose size is known from elsewhere");
    return Vector(*size, expression.at("constant").number());
  }
  if (expression.is_object() && expression.has("orientation")) {
    expression.fail("a vector has no \"orientation\"");
  }
  if (operation == "concat") {
    if (expression.has("along")) expression.fail("a vector has no \"along\"");
    std::vector<Vector> parts;
    for (const Node& node : expression.at("concat").items()) {
      parts.push_back(evaluate_vector(node, std::nullopt, weights));
    }
    if (parts.empty()) expression.at("concat").fail("must not be empty");
    return stacked(parts);
  }
  if (operation == "sum") {
    const std::vector<Node> nodes = expression.at("sum").items();
    if (nodes.empty()) expression.at("sum").fail("must not be empty");
    Vector total = evaluate_vector(nodes[0], size, weights);
    for (size_t i = 1; i < nodes.size(); ++i) {
      const Vector part = evaluate_vector(nodes[i], total.size(), weights);
      if (part.size() != total.size()) {
        nodes[i].fail("has " + std::to_string(part.size()) +
                      " values, but the part before it has " + std::to_string(total.size()));
      }
      add(total, 1, part);
      total.name += " + " + part.name;
    }
    return total;
  }
  return stored_vector(expression, weights);
}

}  // namespace

Orientation read_orientation(const Node& node) {
  return node.choice<Orientation>(
      {{"out_in", Orientation::kOutIn}, {"in_out", Orientation::kInOut}});
}

Matrix read_matrix(const Node& expression, Orientation orientation, const MatrixShape& expected,
                   WeightSource& weights) {
  Matrix matrix = evaluate(expression, orientation, weights);
  if (!fits(expected, matrix.rows, matrix.columns)) {
    fail_shape(expression, orientation, expected, matrix);
  }
  return matrix;
}

Vector read_vector(const Node& expression, std::optional<size_t> size, const std::string& because,
                   WeightSource& weights) {
  Vector vector = evaluate_vector(expression, size, weights);
  if (size && vector.size() != *size) {
    expression.fail("tensor " + augur::quoted(vector.name) + ": expected " + std::to_string(*size) +
                    " values" + (because.empty() ? "" : " (" + because + ")") + ", found " +
                    std::to_string(vector.size()));
  }
  return vector;
}

TableValues read_table(const Node& expression, WeightSource& weights) {
  TableValues table;
  const bool whole =
      expression.is_text() ||
      (expression.is_object() && expression.value().size() == 1 && expression.has("tensor"));
  if (whole) {
    table.name = tensor_name(expression);
    const std::vector<uint64_t> shape = matrix_shape(expression, weights);
    table.rows = static_cast<size_t>(shape[0]);
    table.dim = static_cast<size_t>(shape[1]);
    table.values = weights.read(table.name, expression);
    return table;
  }
  Matrix matrix = evaluate(expression, Orientation::kOutIn, weights);
  table.rows = matrix.rows;
  table.dim = matrix.columns;
  table.name = matrix.name;
  table.values.resize(matrix.values.size());
  std::transform(matrix.values.begin(), matrix.values.end(), table.values.begin(),
                 [](double value) { return static_cast<float>(value); });
  return table;
}

}  // namespace augur::convert
