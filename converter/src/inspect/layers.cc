// Summaries of a model's layers; see summary.h.
#include "inspect/summary.h"

#include <utility>

#include "quantise/model_parts.h"
#include "quantise/quantise.h"
#include "text/text.h"

namespace augur::convert {
namespace {

std::string scales_text(const fb::TensorT& tensor) {
  if (tensor.scale_type == fb::ScaleType::None) return "";
  return std::string(tensor.scale_type == fb::ScaleType::F16 ? "fp16" : "f32") +
         (tensor.group_size == 0 ? " a row"
                                 : " for " + std::to_string(tensor.group_size) + " values") +
         (tensor.offsets.empty() ? "" : ", with offsets");
}

constexpr std::pair<fb::ActivationKind, const char*> kActivationNames[] = {
    {fb::ActivationKind::None, "linear"},
    {fb::ActivationKind::Relu, "ReLU"},
    {fb::ActivationKind::Prelu, "PReLU"},
    {fb::ActivationKind::Dice, "Dice"},
    {fb::ActivationKind::DiceRowwise, "row-wise Dice, epsilon "},
    {fb::ActivationKind::Sigmoid, "sigmoid"},
    {fb::ActivationKind::Tanh, "tanh"},
    {fb::ActivationKind::Gelu, "GELU"},
    {fb::ActivationKind::GeluTanh, "GELU by tanh"},
    {fb::ActivationKind::Elu, "ELU"},
    {fb::ActivationKind::Silu, "SiLU"}};

std::string activation_name(const std::unique_ptr<fb::ActivationT>& activation) {
  if (!activation) return "linear";
  for (const auto& [kind, name] : kActivationNames) {
    if (kind != activation->kind) continue;
    const bool rowwise = kind == fb::ActivationKind::DiceRowwise;
    return name + (rowwise ? number_text(activation->epsilon) : "");
  }
  return "unknown";
}

void add(LayerSummary& layer, const std::string& part, const std::unique_ptr<fb::TensorT>& tensor) {
  if (tensor) layer.tensors.push_back(summarise_tensor(part, *tensor));
}

void add(LayerSummary& layer, const std::string& prefix,
         const std::unique_ptr<fb::ActivationT>& activation) {
  if (!activation) return;
  add(layer, prefix + "activation.alpha", activation->alpha);
  add(layer, prefix + "activation.scale", activation->scale);
  add(layer, prefix + "activation.shift", activation->shift);
}

uint64_t size_of(const std::unique_ptr<fb::TensorT>& tensor, size_t axis) {
  return tensor && axis < tensor->shape.size() ? tensor->shape[axis] : 0;
}

LayerSummary summarise_dense(const fb::DenseT& dense, const std::string& name) {
  LayerSummary layer;
  layer.name = name;
  layer.kind = "dense";
  layer.detail = activation_name(dense.activation);
  layer.inputs = size_of(dense.weight, 1);
  layer.outputs = size_of(dense.weight, 0);
  add(layer, "weight", dense.weight);
  add(layer, "bias", dense.bias);
  add(layer, "", dense.activation);
  return layer;
}

void add_cell(LayerSummary& layer, const fb::GruT& cell) {
  layer.inputs = size_of(cell.input, 1);
  layer.outputs = size_of(cell.recurrent, 1);
  layer.detail += cell.reset == fb::Reset::AfterProduct ? "reset after the product"
                                                        : "reset before the product";
  add(layer, "input", cell.input);
  add(layer, "recurrent", cell.recurrent);
  add(layer, "bias", cell.bias);
  add(layer, "candidate_recurrent_bias", cell.candidate_recurrent_bias);
}

LayerSummary summarise_evolution(const fb::EvolutionT& evolution) {
  LayerSummary layer;
  layer.name = "evolution";
  switch (evolution.kind) {
    case fb::EvolutionKind::Gru:
      layer.kind = "GRU";
      break;
    case fb::EvolutionKind::Aigru:
      layer.kind = "AIGRU";
      break;
    case fb::EvolutionKind::Agru:
      layer.kind = "AGRU";
      break;
    case fb::EvolutionKind::Augru:
      layer.kind = "AUGRU";
      layer.detail =
          evolution.form == fb::AugruForm::Scale ? "share a u, " : "share a + (1 - a) u, ";
      break;
  }
  if (evolution.cell) add_cell(layer, *evolution.cell);
  return layer;
}

void add_pair(LayerSummary& layer, const fb::PairDenseT& pair) {
  add(layer, "pair.query", pair.query);
  add(layer, "pair.key", pair.key);
  add(layer, "pair.product", pair.product);
  add(layer, "pair.bias", pair.bias);
  add(layer, "pair.", pair.activation);
}

// "MLP 80 PReLU, 40 PReLU, 1 linear"
std::string mlp_text(const fb::AttentionT& attention) {
  std::string text = "MLP";
  if (attention.pair) {
    const fb::PairDenseT& pair = *attention.pair;
    const auto& any = pair.query ? pair.query : pair.key ? pair.key : pair.product;
    text += " " + std::to_string(size_of(any, 0)) + " " + activation_name(pair.activation);
  }
  for (const auto& layer : attention.layers) {
    text +=
        ", " + std::to_string(size_of(layer->weight, 0)) + " " + activation_name(layer->activation);
  }
  return text;
}

LayerSummary summarise_attention(const fb::AttentionT& attention) {
  LayerSummary layer;
  layer.name = "attention";
  switch (attention.kind) {
    case fb::AttentionKind::Bilinear:
      layer.kind = "bilinear";
      break;
    case fb::AttentionKind::Dot:
      layer.kind = "dot product";
      break;
    case fb::AttentionKind::Mlp:
      layer.kind = mlp_text(attention);
      break;
  }
  layer.detail = attention.normalisation == fb::Normalisation::Softmax ? "softmax" : "no softmax";
  if (attention.score_scale != 1) {
    layer.detail += ", score scale " + number_text(attention.score_scale);
  }
  layer.outputs = 1;
  if (attention.query_projection) {
    const LayerSummary projection = summarise_dense(*attention.query_projection, "");
    layer.detail += ", query projected " + std::to_string(projection.inputs) + " to " +
                    std::to_string(projection.outputs) + " (" + projection.detail + ")";
    for (TensorSummary tensor : projection.tensors) {
      tensor.part = "query_projection." + tensor.part;
      layer.tensors.push_back(std::move(tensor));
    }
  }
  add(layer, "bilinear", attention.bilinear);
  if (attention.pair) add_pair(layer, *attention.pair);
  for (size_t i = 0; i < attention.layers.size(); ++i) {
    for (TensorSummary tensor : summarise_dense(*attention.layers[i], "").tensors) {
      tensor.part = "layers." + std::to_string(i) + "." + tensor.part;
      layer.tensors.push_back(std::move(tensor));
    }
  }
  return layer;
}

}  // namespace

TensorSummary summarise_tensor(const std::string& part, const fb::TensorT& tensor) {
  return {part,
          tensor.name,
          type_name(tensor.type),
          {tensor.shape.begin(), tensor.shape.end()},
          stored_bytes(tensor),
          scales_text(tensor)};
}

std::vector<LayerSummary> summarise_layers(const fb::StackT& sequence) {
  std::vector<LayerSummary> layers;
  uint64_t state = 0;
  for (size_t i = 0; i < sequence.extractor.size(); ++i) {
    LayerSummary layer;
    layer.name = "extractor " + std::to_string(i + 1);
    layer.kind = "GRU";
    add_cell(layer, *sequence.extractor[i]);
    state = layer.outputs;
    layers.push_back(std::move(layer));
  }
  if (sequence.attention) {
    LayerSummary layer = summarise_attention(*sequence.attention);
    layer.inputs = state;
    layers.push_back(std::move(layer));
  }
  if (sequence.evolution) layers.push_back(summarise_evolution(*sequence.evolution));
  return layers;
}

std::vector<LayerSummary> summarise_layers(const std::vector<std::unique_ptr<fb::DenseT>>& layers) {
  std::vector<LayerSummary> result;
  for (size_t i = 0; i < layers.size(); ++i)
    result.push_back(summarise_dense(*layers[i], "dense " + std::to_string(i + 1)));
  return result;
}

}  // namespace augur::convert
