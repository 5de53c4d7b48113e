// The "attention" of a sequence; see layers.h.
#include "assemble/layers.h"

#include <algorithm>
#include <cmath>

namespace augur::convert {
namespace {

void add_to(std::optional<Matrix>& target, double factor, const Matrix& part) {
  if (!target) target = Matrix(part.rows, part.columns, part.name);
  add(*target, factor, part);
}

// {"one_over_sqrt": N} exists because a rounded decimal would not be the library's number.
float read_scale(const Node& node) {
  double scale = 1;
  if (node.is_object()) {
    node.allow_keys("a score scale", {"one_over_sqrt"});
    const double of = node.at("one_over_sqrt").number();
    if (!(of > 0)) node.at("one_over_sqrt").fail("must be above 0");
    scale = 1 / std::sqrt(of);
  } else {
    scale = node.number();
  }
  if (scale == 0 || !std::isfinite(static_cast<float>(scale))) {
    node.fail("a score scale is a finite number other than 0");
  }
  return static_cast<float>(scale);
}

void read_bilinear(const Node& node, const AttentionSides& sides, size_t query,
                   fb::AttentionT& attention, Context& context) {
  // score = key · (W query): [key, query] is [outputs, inputs].
  const std::vector<std::string> axes = node.at("axes").texts();
  const bool straight = axes == std::vector<std::string>{"key", "query"};
  if (!straight && axes != std::vector<std::string>{"query", "key"}) {
    node.at("axes").fail(
        "expected the meaning of the matrix's rows and columns: [\"key\", \"query\"] or "
        "[\"query\", \"key\"]");
  }
  const Matrix matrix = read_matrix(
      node.at("weight"), straight ? Orientation::kOutIn : Orientation::kInOut,
      {sides.key, query, "key " + std::to_string(sides.key) + ", query " + std::to_string(query),
       nullptr, straight ? R"("axes": ["query", "key"])" : R"("axes": ["key", "query"])"},
      context.weights);
  attention.bilinear = make_tensor(matrix, node);
}

std::vector<PairInput> read_inputs(const Node& node) {
  std::vector<PairInput> inputs;
  for (const Node& item : node.items()) {
    inputs.push_back(item.choice<PairInput>({{"q", PairInput::kQuery},
                                             {"k", PairInput::kKey},
                                             {"q-k", PairInput::kQueryMinusKey},
                                             {"k-q", PairInput::kKeyMinusQuery},
                                             {"q*k", PairInput::kProduct}}));
    if (std::count(inputs.begin(), inputs.end(), inputs.back()) > 1) {
      item.fail(item.text() + " stands twice");
    }
  }
  const bool sees_key = std::any_of(inputs.begin(), inputs.end(),
                                    [](PairInput input) { return input != PairInput::kQuery; });
  if (!sees_key)
    node.fail("the attention does not look at the behaviour: none of k, q-k, k-q, q*k");
  return inputs;
}

void read_mlp(const Node& node, const AttentionSides& sides, size_t query,
              fb::AttentionT& attention, Context& context) {
  const std::vector<PairInput> inputs = read_inputs(node.at("input"));
  size_t width = 0;
  std::string because;
  const std::vector<std::string> words = node.at("input").texts();
  for (size_t i = 0; i < inputs.size(); ++i) {
    const bool plain = inputs[i] == PairInput::kQuery || inputs[i] == PairInput::kKey;
    if (!plain && query != sides.key) {
      node.at("input").fail(
          words[i] + " needs a query as wide as the behaviour's state, but q has " +
          std::to_string(query) + " numbers and k has " + std::to_string(sides.key));
    }
    const size_t part = inputs[i] == PairInput::kQuery ? query : sides.key;
    width += part;
    because += (i == 0 ? "" : " + ") + words[i] + " " + std::to_string(part);
  }
  const Node list = node.at("layers");
  std::vector<DenseLayer> layers = read_layers(list, width, because, context);
  const std::vector<Node> nodes = list.items();
  if (layers.back().weights.weight.rows != 1) {
    nodes.back().fail("the attention's last layer has one output, the score; this one has " +
                      std::to_string(layers.back().weights.weight.rows));
  }
  auto pair = std::make_unique<fb::PairDenseT>();
  PairSplit split = split_pair(layers[0].weights.weight, inputs, query, sides.key);
  if (split.query) pair->query = make_tensor(*split.query, nodes[0]);
  if (split.key) pair->key = make_tensor(*split.key, nodes[0]);
  if (split.product) pair->product = make_tensor(*split.product, nodes[0]);
  if (layers[0].weights.bias) pair->bias = make_tensor(*layers[0].weights.bias, nodes[0]);
  pair->activation = std::move(layers[0].activation);
  attention.pair = std::move(pair);
  for (size_t i = 1; i < layers.size(); ++i) {
    attention.layers.push_back(make_dense(std::move(layers[i]), nodes[i]));
  }
}

}  // namespace

PairSplit split_pair(const Matrix& weight, const std::vector<PairInput>& inputs, size_t query_width,
                     size_t key_width) {
  PairSplit split;
  size_t first = 0;
  for (const PairInput input : inputs) {
    const size_t width = input == PairInput::kQuery ? query_width : key_width;
    const Matrix part = column_range(weight, first, width);
    first += width;
    switch (input) {
      case PairInput::kQuery:
        add_to(split.query, 1, part);
        break;
      case PairInput::kKey:
        add_to(split.key, 1, part);
        break;
      case PairInput::kQueryMinusKey:
        add_to(split.query, 1, part);
        add_to(split.key, -1, part);
        break;
      case PairInput::kKeyMinusQuery:
        add_to(split.key, 1, part);
        add_to(split.query, -1, part);
        break;
      case PairInput::kProduct:
        add_to(split.product, 1, part);
        break;
    }
  }
  return split;
}

ReadAttention read_attention(const Node& node, const AttentionSides& sides, Context& context) {
  ReadAttention result;
  result.attention = std::make_unique<fb::AttentionT>();
  fb::AttentionT& attention = *result.attention;
  attention.kind =
      node.at("kind").choice<fb::AttentionKind>({{"bilinear", fb::AttentionKind::Bilinear},
                                                 {"dot", fb::AttentionKind::Dot},
                                                 {"mlp", fb::AttentionKind::Mlp}});
  std::vector<std::string> keys = {"kind", "query_projection", "score_scale", "softmax"};
  if (attention.kind == fb::AttentionKind::Bilinear) keys.insert(keys.end(), {"weight", "axes"});
  if (attention.kind == fb::AttentionKind::Mlp) {
    keys.insert(keys.end(), {"input", "layers", "orientation"});
  }
  node.allow_keys("attention of kind \"" + node.at("kind").text() + "\"", keys);

  result.projected_query = sides.query;
  if (const Node projection = node.at("query_projection"); !projection.is_null()) {
    DenseLayer layer = read_layer(projection, sides.query, "query " + sides.query_because, context);
    result.projected_query = layer.weights.weight.rows;
    attention.query_projection = make_dense(std::move(layer), projection);
  }
  const size_t query = result.projected_query;
  switch (attention.kind) {
    case fb::AttentionKind::Bilinear:
      read_bilinear(node, sides, query, attention, context);
      break;
    case fb::AttentionKind::Dot:
      if (query != sides.key) {
        node.fail(
            "a dot product needs a query as wide as the behaviour's state, but the query has " +
            std::to_string(query) + " numbers and the state " + std::to_string(sides.key));
      }
      break;
    case fb::AttentionKind::Mlp: {
      // An "orientation" of the attention is that of the layers which do not state their own.
      const Orientation outer = context.orientation;
      context.orientation = context.orientation_of(node);
      read_mlp(node, sides, query, attention, context);
      context.orientation = outer;
      break;
    }
  }
  attention.score_scale = read_scale(node.at("score_scale"));
  attention.normalisation =
      node.at("softmax").boolean() ? fb::Normalisation::Softmax : fb::Normalisation::None;
  return result;
}

}  // namespace augur::convert
