// Reads dense layers of a description and folds their BatchNorms; see dense.h.
#include "assemble/dense.h"

#include <map>

#include "assemble/activation.h"
#include "assemble/batch_norm.h"

namespace augur::convert {
namespace {

enum class Place { kInput, kBeforeActivation, kAfterActivation };

// The BatchNorms of a layer: at most one in each place.
using Norms = std::map<Place, Node>;

Norms find_norms(const Node& layer) {
  const std::optional<Node> found = layer.find("batch_norm");
  if (!found || found->is_null()) return {};
  const std::vector<Node> nodes = found->is_list() ? found->items() : std::vector<Node>{*found};
  Norms norms;
  for (const Node& norm : nodes) {
    norm.allow_keys("a BatchNorm", {"place", "mean", "variance", "gamma", "beta", "epsilon"});
    const Node place = norm.at("place");
    const bool first =
        norms
            .emplace(place.choice<Place>({{"input", Place::kInput},
                                          {"before_activation", Place::kBeforeActivation},
                                          {"after_activation", Place::kAfterActivation}}),
                     norm)
            .second;
    if (!first) place.fail("the layer has two BatchNorms in the place \"" + place.text() + "\"");
  }
  return norms;
}

Affine read_affine(const Node& norm, size_t units, Context& context) {
  return affine_of(read_batch_norm(norm, units, context));
}

// Reads one layer. `before` is a BatchNorm left over from the layer before, and becomes the one
// that is left over from this layer.
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
  // x -> norm of the layer before -> norm at this input -> weight: fold the nearer one first.
  if (const auto norm = norms.find(Place::kInput); norm != norms.end()) {
    fold_before(weights, read_affine(norm->second, weights.weight.columns, context));
  }
  if (before) fold_before(weights, *before);
  before.reset();
  if (const auto norm = norms.find(Place::kBeforeActivation); norm != norms.end()) {
    fold_after(weights, read_affine(norm->second, units, context));
  }
  layer.activation = read_activation(node.at("activation"), units, context);
  if (const auto norm = norms.find(Place::kAfterActivation); norm != norms.end()) {
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
          "here; "
          "what it computes is not in the model family");
}

}  // namespace

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
