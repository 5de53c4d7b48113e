// The small language in which a description names its weights; see expression.h.
#include "description/expression.h"

#include <algorithm>

#include "description/weight_source.h"
#include "text/text.h"

namespace augur::convert {
namespace {

struct Operation {
  std::string word;
  std::vector<std::string> keys;
};

const std::vector<Operation>& operations() {
  static const std::vector<Operation> kOperations = {
      {"tensor", {"tensor", "rows", "columns", "orientation"}},
      {"concat", {"concat", "along", "orientation"}},
      {"sum", {"sum", "orientation"}},
      {"product", {"product", "orientation"}},
      {"matmul", {"matmul", "orientation"}},
      {"block_diagonal", {"block_diagonal", "orientation"}},
      {"identity", {"identity"}},
      {"constant", {"constant"}}};
  return kOperations;
}

// "name" for a text, or the one operation of an object: "tensor", "concat", ..., "constant". Throws
// Error for anything else, and for keys that the operation does not have.
std::string operation_of(const Node& expression) {
  if (expression.is_text()) return "name";
  if (!expression.is_object()) {
    expression.fail(
        "expected weights: a tensor's name, or an object with one of \"tensor\", \"concat\", "
        "\"sum\", \"product\", \"matmul\", \"block_diagonal\", \"identity\", \"constant\"");
  }
  const Operation* found = nullptr;
  std::vector<std::string> all_keys;
  for (const Operation& operation : operations()) {
    for (const std::string& key : operation.keys) {
      if (std::find(all_keys.begin(), all_keys.end(), key) == all_keys.end())
        all_keys.push_back(key);
    }
    if (!expression.has(operation.word)) continue;
    if (found != nullptr) {
      expression.fail("has both \"" + found->word + "\" and \"" + operation.word +
                      "\"; which one is meant?");
    }
    found = &operation;
  }
  expression.allow_keys("weights", found != nullptr ? found->keys : all_keys);
  if (found == nullptr) {
    expression.fail(
        "expected one of the keys tensor, concat, sum, product, matmul, block_diagonal, identity, "
        "constant");
  }
  return found->word;
}

Orientation orientation_of(const Node& expression, Orientation inherited) {
  const std::optional<Node> own =
      expression.is_object() ? expression.find("orientation") : std::nullopt;
  return own ? read_orientation(*own) : inherited;
}

// The matrices side by side: each reads inputs of its own.
Matrix beside(const std::vector<Matrix>& parts) {
  std::vector<Matrix> turned;
  for (const Matrix& part : parts)
    turned.push_back(transposed(part));
  return transposed(stacked(turned));
}

Matrix evaluate(const Node& expression, Orientation inherited, WeightSource& weights);

std::vector<Node> parts_of(const Node& expression, const char* operation) {
  std::vector<Node> nodes = expression.at(operation).items();
  if (nodes.empty()) expression.at(operation).fail("must not be empty");
  return nodes;
}

Matrix evaluate_concat(const Node& expression, Orientation orientation, WeightSource& weights) {
  const bool outputs = expression.at("along").choice<bool>({{"outputs", true}, {"inputs", false}});
  const std::vector<Node> nodes = parts_of(expression, "concat");
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

[[noreturn]] void fail_unequal(const Node& node, const Matrix& part, const Matrix& before) {
  node.fail("is " + shape_text({part.rows, part.columns}) +
            " as [outputs, inputs], but the part before it is " +
            shape_text({before.rows, before.columns}));
}

// Combines parts of one shape value by value; `symbol` stands between their names.
template <typename Combine>
Matrix evaluate_by_value(const Node& expression, const char* operation, const char* symbol,
                         Orientation orientation, WeightSource& weights, const Combine& combine) {
  const std::vector<Node> nodes = parts_of(expression, operation);
  Matrix result = evaluate(nodes[0], orientation, weights);
  for (size_t i = 1; i < nodes.size(); ++i) {
    const Matrix part = evaluate(nodes[i], orientation, weights);
    if (part.rows != result.rows || part.columns != result.columns)
      fail_unequal(nodes[i], part, result);
    combine(result, part);
    result.name += symbol + part.name;
  }
  return result;
}

Matrix evaluate_sum(const Node& expression, Orientation orientation, WeightSource& weights) {
  return evaluate_by_value(expression, "sum", " + ", orientation, weights,
                           [](Matrix& total, const Matrix& part) { add(total, 1, part); });
}

Matrix evaluate_product(const Node& expression, Orientation orientation, WeightSource& weights) {
  return evaluate_by_value(expression, "product", " * ", orientation, weights,
                           [](Matrix& result, const Matrix& part) {
                             for (size_t k = 0; k < part.values.size(); ++k)
                               result.values[k] *= part.values[k];
                           });
}

Matrix evaluate_matmul(const Node& expression, Orientation orientation, WeightSource& weights) {
  const std::vector<Node> nodes = parts_of(expression, "matmul");
  Matrix result = evaluate(nodes[0], orientation, weights);
  for (size_t i = 1; i < nodes.size(); ++i) {
    const Matrix part = evaluate(nodes[i], orientation, weights);
    if (part.rows != result.columns) {
      nodes[i].fail("has " + std::to_string(part.rows) + " outputs, but the part before it has " +
                    std::to_string(result.columns) + " inputs");
    }
    const std::string name = result.name + " x " + part.name;
    result = product(result, part);
    result.name = name;
  }
  return result;
}

Matrix evaluate_blocks(const Node& expression, Orientation orientation, WeightSource& weights) {
  std::vector<Matrix> blocks;
  size_t rows = 0, columns = 0;
  std::string name;
  for (const Node& node : parts_of(expression, "block_diagonal")) {
    blocks.push_back(evaluate(node, orientation, weights));
    rows += blocks.back().rows;
    columns += blocks.back().columns;
    name += (name.empty() ? "" : ", ") + blocks.back().name;
  }
  Matrix result(rows, columns, name);
  size_t first_row = 0, first_column = 0;
  for (const Matrix& block : blocks) {
    for (size_t r = 0; r < block.rows; ++r) {
      for (size_t c = 0; c < block.columns; ++c)
        result.at(first_row + r, first_column + c) = block.at(r, c);
    }
    first_row += block.rows;
    first_column += block.columns;
  }
  return result;
}

// The largest size that a model's matrix may have along one axis.
constexpr int64_t kLargestIdentity = 65536;

Matrix evaluate_identity(const Node& expression) {
  const auto size = static_cast<size_t>(expression.at("identity").integer(1, kLargestIdentity));
  Matrix result(size, size, "identity");
  for (size_t i = 0; i < size; ++i)
    result.at(i, i) = 1;
  return result;
}

// The matrix as [outputs, inputs].
Matrix evaluate(const Node& expression, Orientation inherited, WeightSource& weights) {
  const std::string operation = operation_of(expression);
  const Orientation orientation = orientation_of(expression, inherited);
  if (operation == "concat") return evaluate_concat(expression, orientation, weights);
  if (operation == "sum") return evaluate_sum(expression, orientation, weights);
  if (operation == "product") return evaluate_product(expression, orientation, weights);
  if (operation == "matmul") return evaluate_matmul(expression, orientation, weights);
  if (operation == "block_diagonal") return evaluate_blocks(expression, orientation, weights);
  if (operation == "identity") return evaluate_identity(expression);
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
  if (operation != "name" && operation != "tensor") {
    expression.fail("expected [" + size_text(expected.outputs) + ", " + size_text(expected.inputs) +
                    "] as [outputs, inputs]" + because + ", found " +
                    shape_text({found.rows, found.columns}) + " from " + found.name +
                    (expected.hint ? expected.hint(found.columns) : ""));
  }
  // A single tensor: the message gives shapes as they are stored.
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
    const std::string orientation =
        std::string("\"orientation\": \"") + (turned ? "out_in" : "in_out") + "\"";
    message += "; if it is stored transposed, state " +
               (expected.if_transposed.empty() ? orientation : expected.if_transposed);
  } else if (expected.hint) {
    message += expected.hint(found.columns);
  }
  expression.fail(message);
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
    for (const Node& node : parts_of(expression, "concat"))
      parts.push_back(evaluate_vector(node, std::nullopt, weights));
    return stacked(parts);
  }
  if (operation == "sum") {
    const std::vector<Node> nodes = parts_of(expression, "sum");
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
  if (operation != "name" && operation != "tensor") {
    expression.fail(augur::quoted(operation) + " makes a matrix, not a vector");
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
