// Shared pieces of descriptions; see pieces.h.
#include "libraries/pieces.h"

#include <algorithm>
#include <utility>

#include "libraries/tensors.h"

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

Json torch_attention_cell(const std::string& at, const std::string& gru_type) {
  Json cell = {{"kind", gru_type == "AGRU" ? "agru" : "augru"},
               {"gates", {"r", "u", "c"}},
               {"reset", "after_product"},
               {"input", at + ".weight_ih"},
               {"recurrent", at + ".weight_hh"},
               {"bias", {{"input", at + ".bias_ih"}, {"recurrent", at + ".bias_hh"}}}};
  if (gru_type == "AUGRU") {
    cell["form"] = "scale";
    cell["update_gate"] = "share_of_candidate";
  }
  return cell;
}

std::optional<CellBiases> cell_biases(const Tensors& tensors, const std::string& at) {
  if (!tensors.has(at + ".bias_ih") || !tensors.has(at + ".bias_hh")) return std::nullopt;
  const checkpoint::Checkpoint& file = tensors.checkpoint();
  const std::vector<float> input = file.read(file.get(at + ".bias_ih"));
  const std::vector<float> recurrent = file.read(file.get(at + ".bias_hh"));
  if (input.size() != recurrent.size() || input.size() % 3 != 0) return std::nullopt;
  const size_t units = input.size() / 3;
  CellBiases biases;
  biases.are_equal = input == recurrent;
  for (const std::vector<float>* values : {&input, &recurrent}) {
    biases.in_update_gate |= any_but_zero(*values, units, 2 * units);
    biases.elsewhere |=
        any_but_zero(*values, 0, units) || any_but_zero(*values, 2 * units, 3 * units);
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
