// Tensors of the model file, and checks that several parts share; see context.h.
#include "assemble/context.h"

#include <cmath>
#include <cstring>
#include <set>

namespace augur::convert {
namespace {

// The file is little-endian, and floats are copied into it as they are.
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
              "a conversion needs a little-endian machine");

std::vector<float> rounded(const std::vector<double>& values, const std::string& name,
                           const Node& where) {
  std::vector<float> result(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    result[i] = static_cast<float>(values[i]);
    if (!std::isfinite(result[i])) {
      where.fail("weights of " + augur::quoted(name) +
                 " do not fit into f32 once BatchNorm, biases or "
                 "sums are folded in");
    }
  }
  return result;
}

}  // namespace

Orientation Context::orientation_of(const Node& part) const {
  const std::optional<Node> own = part.find("orientation");
  return own ? read_orientation(*own) : orientation;
}

std::unique_ptr<fb::TensorT> make_tensor(const std::vector<float>& values,
                                         std::vector<uint32_t> shape, const std::string& name) {
  auto tensor = std::make_unique<fb::TensorT>();
  tensor->name = name;
  tensor->type = fb::TensorType::F32;
  tensor->shape = std::move(shape);
  tensor->data.resize(values.size() * sizeof(float));
  if (!values.empty()) std::memcpy(tensor->data.data(), values.data(), tensor->data.size());
  return tensor;
}

std::unique_ptr<fb::TensorT> make_tensor(const Matrix& matrix, const Node& where) {
  return make_tensor(rounded(matrix.values, matrix.name, where),
                     {static_cast<uint32_t>(matrix.rows), static_cast<uint32_t>(matrix.columns)},
                     matrix.name);
}

std::unique_ptr<fb::TensorT> make_tensor(const Vector& vector, const Node& where) {
  return make_tensor(rounded(vector.values, vector.name, where),
                     {static_cast<uint32_t>(vector.size())}, vector.name);
}

void refuse_duplicate_names(const std::vector<Node>& nodes, const char* what) {
  std::set<std::string> seen;
  for (const Node& node : nodes) {
    const Node name = node.at("name");
    if (!seen.insert(name.name()).second) {
      name.fail(std::string("there are two ") + what + "s called " + augur::quoted(name.name()));
    }
  }
}

}  // namespace augur::convert
