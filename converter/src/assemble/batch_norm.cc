// Reads the statistics of a BatchNorm; see batch_norm.h.
#include "assemble/batch_norm.h"

#include <algorithm>

namespace augur::convert {
namespace {

Vector read_units(const Node& node, const char* key, size_t units, Context& context) {
  return read_vector(node.at(key), units, "the layer's units", context.weights);
}

std::optional<Vector> read_optional(const Node& node, const char* key, size_t units,
                                    Context& context) {
  if (node.at(key).is_null()) return std::nullopt;
  return read_units(node, key, units, context);
}

bool all_equal(const Vector& vector, double value) {
  return std::all_of(vector.values.begin(), vector.values.end(),
                     [value](double x) { return x == value; });
}

}  // namespace

BatchNorm read_batch_norm(const Node& node, size_t units, Context& context) {
  BatchNorm norm;
  norm.mean = read_units(node, "mean", units, context);
  norm.variance = read_units(node, "variance", units, context);
  norm.gamma = read_optional(node, "gamma", units, context);
  norm.beta = read_optional(node, "beta", units, context);
  norm.epsilon = node.at("epsilon").number();
  if (norm.epsilon < 0) node.at("epsilon").fail("must not be negative");
  for (size_t i = 0; i < units; ++i) {
    if (norm.variance[i] < 0 || norm.variance[i] + norm.epsilon <= 0) {
      node.at("variance")
          .fail("unit " + std::to_string(i) + " has the variance " +
                std::to_string(norm.variance[i]) + "; with epsilon it must be above 0");
    }
  }
  const bool from_checkpoint = !norm.mean.name.empty() && !norm.variance.name.empty();
  if (from_checkpoint && all_equal(norm.mean, 0) && all_equal(norm.variance, 1)) {
    context.warnings.push_back(
        node.where() +
        ": the BatchNorm's mean is 0 and its variance 1 in every unit: its statistics "
        "were never updated in training. It is converted as it stands, which is right if the model "
        "was scored with them, and wrong if it was scored with the statistics of each batch. If it "
        "is right, state the mean as {\"constant\": 0} and the variance as {\"constant\": 1}, and "
        "this warning goes");
  }
  return norm;
}

}  // namespace augur::convert
