// Reads dense layers of a description and folds their BatchNorms; see dense.h.
#include "assemble/dense.h"

#include "assemble/activation.h"
#include "assemble/batch_norm.h"

namespace augur::convert {
namespace {

enum class Place { kInput, kBeforeActivation, kAfterActivation };

struct PlacedNorm {
  Place place;
  Node node;
};

std::optional<PlacedNorm> find_norm(const Node& layer) {
  const std::optional<Node> norm = layer.find("batch_norm");
  if (!norm || norm->is_null()) return std::nullopt;
  norm->allow_keys("a BatchNorm", {"place", "mean", "variance", "gamma", "beta", "epsilon"});
  const Place place =
      norm->at("place").choice<Place>({{"input", Place::kInput},
                                       {"before_activation", Place::kBeforeActivation},
                                       {"after_activation", Place::kAfterActivation}});
  return PlacedNorm{place, *norm};
}

// Reads one layer. `before` is a BatchNorm left over from the layer before, and becomes the one
// that is left over from this layer.
DenseLayer read_one(const Node& node, size_t inputs, const std::string& because,
                    std::optional<Affine>& before, Context& context) {
  node.allow_keys("a dense layer", {"weight", "bias", "batch_norm", "activation", "orientation"});
  DenseLayer layer;
  DenseWeights& weights = layer.weights;
  weights.weight = read_matrix(node.at("weight"), context.orientation_of(node),
                               {std::nullopt, inputs, because}, context.weights);
  const size_t units = weights.weight.rows;
  if (const Node bias = node.at("bias"); !bias.is_null()) {
    weights.bias = read_vector(bias, units, "the layer's units", context.weights);
  }
  const std::optional<PlacedNorm> norm = find_norm(node);
  // x -> norm of the layer before -> norm at this input -> weight: fold the nearer one first.
  if (norm && norm->place == Place::kInput) {
    fold_before(weights, affine_of(read_batch_norm(norm->node, inputs, context)));
  }
  if (before) fold_before(weights, *before);
  before.reset();
  if (norm && norm->place == Place::kBeforeActivation) {
    fold_after(weights, affine_of(read_batch_norm(norm->node, units, context)));
  }
  layer.activation = read_activation(node.at("activation"), units, context);
  if (norm && norm->place == Place::kAfterActivation) {
    const Affine after = affine_of(read_batch_norm(norm->node, units, context));
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
                                    Context& context) {
  const std::vector<Node> nodes = list.items();
  if (nodes.empty()) list.fail("must hold at least one dense layer");
  std::vector<DenseLayer> layers;
  std::optional<Affine> norm;
  std::string reason = because;
  for (const Node& node : nodes) {
    layers.push_back(read_one(node, inputs, reason, norm, context));
    inputs = layers.back().weights.weight.rows;
    reason = "the layer before has " + std::to_string(inputs) + " units";
  }
  if (norm) refuse_trailing_norm(nodes.back());
  return layers;
}

DenseLayer read_layer(const Node& node, size_t inputs, const std::string& because,
                      Context& context) {
  std::optional<Affine> norm;
  DenseLayer layer = read_one(node, inputs, because, norm, context);
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
