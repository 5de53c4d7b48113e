// The tensors of the checkpoint; see weight_source.h.
#include "description/weight_source.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <utility>

#include "checkpoint/names.h"
#include "text/text.h"

namespace augur::convert {
namespace {

const checkpoint::TensorInfo& find(const checkpoint::Checkpoint& checkpoint,
                                   const std::string& name, const Node& where) {
  const checkpoint::TensorInfo* tensor = checkpoint.find(name);
  if (tensor == nullptr) {
    std::vector<std::string> names;
    for (const checkpoint::TensorInfo& known : checkpoint.tensors())
      names.push_back(known.name);
    where.fail("tensor " + augur::quoted(name) + " is not in " + checkpoint.file() +
               did_you_mean(name, names) + "; --list-tensors shows what is");
  }
  return *tensor;
}

// A value above half precision's largest number, 65504, became infinite or NaN when it was saved.
std::string overflow_text(const checkpoint::TensorInfo& tensor) {
  if (tensor.dtype != checkpoint::DType::kF16) return "";
  return ". The checkpoint stores the tensor in half precision, whose largest number is 65504: if "
         "the trained model itself is sound, save it in f32";
}

// "[12, 3]" for the 39th value of a [.., 4] tensor.
std::string position_text(uint64_t index, const std::vector<uint64_t>& shape) {
  std::vector<uint64_t> position(shape.size());
  for (size_t axis = shape.size(); axis-- > 0;) {
    position[axis] = index % shape[axis];
    index /= shape[axis];
  }
  return shape_text(position);
}

size_t digits_at(std::string_view text) {
  size_t count = 0;
  while (count < text.size() && count < 6 &&
         std::isdigit(static_cast<unsigned char>(text[count])) != 0) {
    ++count;
  }
  return count;
}

// Greedy over "#": a number is never split. A "*" tries every length; patterns hold few of them,
// and only the last one needs to be tried again, so the cost stays quadratic at most.
bool match(std::string_view pattern, std::string_view name, std::vector<int>& numbers) {
  size_t p = 0, n = 0;
  std::optional<size_t> star;  // after the last "*" in the pattern
  size_t resume = 0;           // where in the name it is tried next
  size_t kept = 0;             // numbers found before it
  while (true) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = ++p;
      resume = n;
      kept = numbers.size();
      continue;
    }
    if (p == pattern.size() && n == name.size()) return true;
    if (p < pattern.size() && pattern[p] == '#') {
      const size_t digits = digits_at(name.substr(n));
      const bool inside_number =
          n > 0 && std::isdigit(static_cast<unsigned char>(name[n - 1])) != 0;
      if (digits > 0 && !inside_number) {
        numbers.push_back(std::stoi(std::string(name.substr(n, digits))));
        n += digits;
        ++p;
        continue;
      }
    } else if (p < pattern.size() && n < name.size() && pattern[p] == name[n]) {
      ++p;
      ++n;
      continue;
    }
    if (!star || resume >= name.size()) return false;
    numbers.resize(kept);
    n = ++resume;
    p = *star;
  }
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

std::vector<uint64_t> WeightSource::shape(const std::string& name, const Node& where) const {
  const checkpoint::TensorInfo& tensor = find(checkpoint_, name, where);
  return {tensor.shape.begin(), tensor.shape.end()};
}

std::vector<float> WeightSource::read(const std::string& name, const Node& where) {
  const checkpoint::TensorInfo& tensor = find(checkpoint_, name, where);
  std::vector<float> values = checkpoint_.read(tensor);
  for (size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) {
      where.fail("tensor " + augur::quoted(name) + ": the value at " +
                 position_text(i, {tensor.shape.begin(), tensor.shape.end()}) + " is " +
                 (std::isnan(values[i]) ? "NaN" : "infinite") +
                 "; a model with such weights cannot be scored" + overflow_text(tensor));
    }
  }
  used_[name].push_back(where.path());
  return values;
}

std::vector<std::string> WeightSource::not_read(bool training) const {
  std::vector<std::string> names;
  for (const checkpoint::TensorInfo& tensor : checkpoint_.tensors()) {
    if (used_.count(tensor.name) == 0 && checkpoint::is_training_only(tensor.name) == training) {
      names.push_back(tensor.name);
    }
  }
  return names;
}

std::vector<std::string> WeightSource::training_only() const {
  return not_read(true);
}

std::vector<std::string> WeightSource::unused() const {
  return not_read(false);
}

bool matches(std::string_view pattern, std::string_view name) {
  std::vector<int> numbers;
  return match(pattern, name, numbers);
}

bool matches_any(std::string_view pattern, const checkpoint::Checkpoint& checkpoint) {
  const std::vector<checkpoint::TensorInfo>& tensors = checkpoint.tensors();
  return std::any_of(tensors.begin(), tensors.end(), [&](const checkpoint::TensorInfo& tensor) {
    return matches(pattern, tensor.name);
  });
}

std::optional<std::vector<int>> match_numbers(std::string_view pattern, std::string_view name) {
  std::vector<int> numbers;
  if (!match(pattern, name, numbers)) return std::nullopt;
  return numbers;
}

std::string foreign_tensor(std::string_view name) {
  static constexpr std::pair<const char*, const char*> kReasons[] = {
      {"*layer_norm*", "LayerNorm is not in the model family"},
      {"*layernorm*", "LayerNorm is not in the model family"},
      {"*LayerNorm*", "LayerNorm is not in the model family"},
      {"*_reverse", "a bidirectional extractor is not in the model family"},
      {"*lstm*", "LSTM is not in the model family"},
      {"*in_proj_weight", "multi-head attention is not in the model family"},
  };
  for (const auto& [pattern, reason] : kReasons) {
    if (matches(pattern, name)) return reason;
  }
  return "";
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
