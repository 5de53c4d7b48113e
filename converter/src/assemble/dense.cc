// Dense layers and their BatchNorms; see layers.h.
#include "assemble/layers.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <map>

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

enum class NormPlace { kInput, kBeforeActivation, kAfterActivation };

// The BatchNorms of a layer: at most one in each place.
using Norms = std::map<NormPlace, Node>;

Norms find_norms(const Node& layer) {
  const std::optional<Node> found = layer.find("batch_norm");
  if (!found || found->is_null()) return {};
  const std::vector<Node> nodes = found->is_list() ? found->items() : std::vector<Node>{*found};
  Norms norms;
  for (const Node& norm : nodes) {
    norm.allow_keys("a BatchNorm", {"place", "mean", "variance", "gamma", "beta", "epsilon"});
    const Node place = norm.at("place");
    const auto where = place.choice<NormPlace>({{"input", NormPlace::kInput},
                                                {"before_activation", NormPlace::kBeforeActivation},
                                                {"after_activation", NormPlace::kAfterActivation}});
    if (!norms.emplace(where, norm).second)
      place.fail("the layer has two BatchNorms in the place \"" + place.text() + "\"");
  }
  return norms;
}

Affine read_affine(const Node& norm, size_t units, Context& context) {
  return affine_of(read_batch_norm(norm, units, context));
}

// Reads one layer. `before` is a BatchNorm behind the activation of the layer before; it is folded
// into this layer, and replaced by that behind this layer's activation, if there is one.
DenseLayer read_one(const Node& node, const MatrixShape& shape, std::optional<Affine>& before,
                    Context& context) {
  node.allow_keys("a dense layer", {"weight", "bias", "batch_norm", "activation", "orientation"});
  DenseLayer layer;
  DenseWeights& weights = layer.weights;
  weights.weight =
      read_matrix(node.at("weight"), context.orientation_of(node), shape, context.weights);
  const size_t units = weights.weight.rows;
  if (const Node bias = node.at("bias"); !bias.is_null()) {
    weights.bias = read_vector(bias, units, "the layer's units", context.weights);
  }
  const Norms norms = find_norms(node);
  // x -> norm of the layer before -> norm at this input -> weight: the nearer one is folded first.
  if (const auto norm = norms.find(NormPlace::kInput); norm != norms.end()) {
    fold_before(weights, read_affine(norm->second, weights.weight.columns, context));
  }
  if (before) fold_before(weights, *before);
  before.reset();
  if (const auto norm = norms.find(NormPlace::kBeforeActivation); norm != norms.end()) {
    fold_after(weights, read_affine(norm->second, units, context));
  }
  layer.activation = read_activation(node.at("activation"), units, context);
  if (const auto norm = norms.find(NormPlace::kAfterActivation); norm != norms.end()) {
    const Affine after = read_affine(norm->second, units, context);
    if (layer.activation == nullptr) {
      fold_after(weights, after);
    } else {
      before = after;
    }
  }
  return layer;
}

[[noreturn]] void refuse_trailing_norm(const Node& layer) {
  layer.at("batch_norm")
      .fail(
          "a BatchNorm after an activation is folded into the next dense layer, but there is none "
          "here; what it computes is not in the model family");
}

}  // namespace

Affine affine_of(const BatchNorm& norm) {
  const size_t units = norm.mean.size();
  Affine affine{Vector(units), Vector(units)};
  for (size_t i = 0; i < units; ++i) {
    const double gamma = norm.gamma ? (*norm.gamma)[i] : 1.0;
    const double beta = norm.beta ? (*norm.beta)[i] : 0.0;
    affine.scale[i] = gamma / std::sqrt(norm.variance[i] + norm.epsilon);
    affine.shift[i] = beta - norm.mean[i] * affine.scale[i];
  }
  return affine;
}

void fold_before(DenseWeights& dense, const Affine& before) {
  assert(before.scale.size() == dense.weight.columns);
  Vector bias = product(dense.weight, before.shift);
  if (dense.bias) {
    bias.name = dense.bias->name;
    add(bias, 1, *dense.bias);
  }
  dense.bias = std::move(bias);
  for (size_t r = 0; r < dense.weight.rows; ++r) {
    for (size_t c = 0; c < dense.weight.columns; ++c)
      dense.weight.at(r, c) *= before.scale[c];
  }
}

void fold_after(DenseWeights& dense, const Affine& after) {
  assert(after.scale.size() == dense.weight.rows);
  if (!dense.bias) dense.bias = Vector(dense.weight.rows);
  for (size_t r = 0; r < dense.weight.rows; ++r) {
    for (size_t c = 0; c < dense.weight.columns; ++c)
      dense.weight.at(r, c) *= after.scale[r];
    (*dense.bias)[r] = after.scale[r] * (*dense.bias)[r] + after.shift[r];
  }
}

void fold_input_maps(DenseWeights& dense, const std::vector<InputPart>& parts) {
  const bool any = std::any_of(parts.begin(), parts.end(),
                               [](const InputPart& part) { return part.map.has_value(); });
  if (!any) return;
  std::vector<Matrix> turned;
  size_t first = 0;
  for (const InputPart& part : parts) {
    const Matrix columns = column_range(dense.weight, first, part.width);
    turned.push_back(transposed(part.map ? product(columns, *part.map) : columns));
    first += part.width;
  }
  Matrix folded = transposed(stacked(turned));
  folded.name = dense.weight.name;
  dense.weight = std::move(folded);
}

void keep_click(DenseWeights& dense, size_t click) {
  assert(dense.weight.rows == 2 && click < 2);
  const size_t other = 1 - click;
  Matrix weight = row_range(dense.weight, click, 1);
  add(weight, -1, row_range(dense.weight, other, 1));
  dense.weight = std::move(weight);
  if (dense.bias) {
    Vector bias(1, (*dense.bias)[click] - (*dense.bias)[other], dense.bias->name);
    dense.bias = std::move(bias);
  }
}

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

std::vector<DenseLayer> read_layers(const Node& list, size_t inputs, const std::string& because,
                                    Context& context,
                                    const std::function<std::string(size_t)>& hint) {
  const std::vector<Node> nodes = list.items();
  if (nodes.empty()) list.fail("must hold at least one dense layer");
  std::vector<DenseLayer> layers;
  std::optional<Affine> norm;
  MatrixShape shape{std::nullopt, inputs, because, hint};
  for (const Node& node : nodes) {
    layers.push_back(read_one(node, shape, norm, context));
    const size_t units = layers.back().weights.weight.rows;
    shape = {std::nullopt, units, "the layer before has " + std::to_string(units) + " units"};
  }
  if (norm) refuse_trailing_norm(nodes.back());
  return layers;
}

DenseLayer read_layer(const Node& node, size_t inputs, const std::string& because,
                      Context& context) {
  std::optional<Affine> norm;
  DenseLayer layer = read_one(node, {std::nullopt, inputs, because}, norm, context);
  if (norm) refuse_trailing_norm(node);
  return layer;
}

std::unique_ptr<fb::DenseT> make_dense(DenseLayer layer, const Node& where) {
  auto dense = std::make_unique<fb::DenseT>();
  dense->weight = make_tensor(layer.weights.weight, where);
  if (layer.weights.bias) dense->bias = make_tensor(*layer.weights.bias, where);
  dense->activation = std::move(layer.activation);
  return dense;
}

}  // namespace augur::convert
