// Shared pieces of descriptions; see pieces.h.
#include "libraries/pieces.h"

#include <algorithm>
#include <utility>

namespace augur::convert {
namespace {

bool any_but_zero(const std::vector<float>& values, size_t begin, size_t end) {
  return std::any_of(values.begin() + static_cast<std::ptrdiff_t>(begin),
                     values.begin() + static_cast<std::ptrdiff_t>(end),
                     [](float value) { return value != 0; });
}

}  // namespace

Json torch_gru(const std::string& at) {
  return {{"gates", {"r", "u", "c"}},
          {"update_gate", "share_of_state"},
          {"reset", "after_product"},
          {"input", at + ".weight_ih_l0"},
          {"recurrent", at + ".weight_hh_l0"},
          {"bias", {{"input", at + ".bias_ih_l0"}, {"recurrent", at + ".bias_hh_l0"}}}};
}

Json torch_gru_evolution(const std::string& kind, const std::string& at) {
  Json gru = torch_gru(at);
  gru["kind"] = kind;
  return gru;
}

TorchCell torch_cell_at(const std::string& at) {
  return {at + ".weight_ih", at + ".weight_hh", at + ".bias_ih", at + ".bias_hh", {"r", "u", "c"}};
}

Json torch_attention_cell(const TorchCell& cell, const std::string& gru_type) {
  Json evolution = {{"kind", gru_type == "AGRU" ? "agru" : "augru"},
                    {"gates", cell.gates},
                    {"reset", "after_product"},
                    {"input", cell.input},
                    {"recurrent", cell.recurrent},
                    {"bias", {{"input", cell.input_bias}, {"recurrent", cell.recurrent_bias}}}};
  if (gru_type == "AUGRU") {
    evolution["form"] = "scale";
    evolution["update_gate"] = "share_of_candidate";
  }
  return evolution;
}

std::optional<CellBiases> cell_biases(const Tensors& tensors, const TorchCell& cell) {
  if (!tensors.has(cell.input_bias) || !tensors.has(cell.recurrent_bias)) return std::nullopt;
  const checkpoint::Checkpoint& file = tensors.checkpoint();
  const std::vector<float> input = file.read(file.get(cell.input_bias));
  const std::vector<float> recurrent = file.read(file.get(cell.recurrent_bias));
  if (input.size() != recurrent.size() || input.size() % 3 != 0) return std::nullopt;
  const size_t units = input.size() / 3;
  CellBiases biases;
  biases.are_equal = input == recurrent;
  for (size_t gate = 0; gate < 3; ++gate) {
    const size_t begin = gate * units, end = begin + units;
    const bool trained = any_but_zero(input, begin, end) || any_but_zero(recurrent, begin, end);
    if (cell.gates[gate] != "u") {
      biases.elsewhere |= trained;
      continue;
    }
    biases.in_update_gate = trained;
    biases.are_equal_in_update_gate =
        std::equal(input.begin() + static_cast<std::ptrdiff_t>(begin),
                   input.begin() + static_cast<std::ptrdiff_t>(end),
                   recurrent.begin() + static_cast<std::ptrdiff_t>(begin));
  }
  return biases;
}

Json din_attention(Json layers, Json score_scale, bool softmax) {
  return {{"kind", "mlp"},
          {"query_projection", nullptr},
          {"input", {"q", "k", "q-k", "q*k"}},
          {"layers", std::move(layers)},
          {"score_scale", std::move(score_scale)},
          {"softmax", softmax}};
}

Json torch_linear(const std::string& at, Json activation) {
  return {
      {"weight", at + ".weight"}, {"bias", at + ".bias"}, {"activation", std::move(activation)}};
}

Json stated_activation(const std::string& word, double slope) {
  if (word == "linear") return "none";
  if (word == "leaky_relu") return {{"kind", "leaky_relu"}, {"slope", slope}};
  return word;
}

Json prelu(const std::string& alpha) {
  return {{"kind", "prelu"}, {"alpha", alpha}};
}

Json torch_dice(const std::string& at, double epsilon, bool affine) {
  return {{"kind", "dice_batchnorm"},
          {"mean", at + ".bn.running_mean"},
          {"variance", at + ".bn.running_var"},
          {"gamma", affine ? Json(at + ".bn.weight") : Json()},
          {"beta", affine ? Json(at + ".bn.bias") : Json()},
          {"epsilon", epsilon},
          {"alpha", at + ".alpha"}};
}

Json torch_batch_norm(const std::string& at, const std::string& place) {
  return {
      {"place", place},          {"mean", at + ".running_mean"}, {"variance", at + ".running_var"},
      {"gamma", at + ".weight"}, {"beta", at + ".bias"},         {"epsilon", 1e-5}};
}

Json id_field(const std::string& name, const std::string& table) {
  return {{"name", name}, {"kind", "id"}, {"table", table}};
}

Json ids_field(const std::string& name, const std::string& table, const std::string& pooling,
               bool skip_zero) {
  return {{"name", name},
          {"kind", "ids"},
          {"table", table},
          {"pooling", pooling},
          {"skip_zero", skip_zero}};
}

Json values_field(const std::string& name, int64_t dimension) {
  if (dimension == 1) return {{"name", name}, {"kind", "number"}};
  return {{"name", name}, {"kind", "vector"}, {"dim", dimension}};
}

Json head_slot(const std::string& field, bool of_candidate) {
  return {{of_candidate ? "candidate" : "feature", field}};
}

Json table(const std::string& name, Json weights, const std::string& out_of_table) {
  return {{"name", name},
          {"weights", std::move(weights)},
          {"out_of_table", out_of_table},
          {"padding_row", 0}};
}

bool is_ignored(const std::string& tensor, const Json& patterns) {
  for (const Json& pattern : patterns) {
    if (matches(pattern.get<std::string>(), tensor)) return true;
  }
  return false;
}

}  // namespace augur::convert
