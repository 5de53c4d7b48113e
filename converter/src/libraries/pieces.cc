// Shared pieces of descriptions; see pieces.h.
#include "libraries/pieces.h"

#include "libraries/tensors.h"

#include <utility>

namespace augur::convert {

Json torch_gru(const std::string& at) {
  return {{"gates", {"r", "u", "c"}},
          {"update_gate", "share_of_state"},
          {"reset", "after_product"},
          {"input", at + ".weight_ih_l0"},
          {"recurrent", at + ".weight_hh_l0"},
          {"bias", {{"input", at + ".bias_ih_l0"}, {"recurrent", at + ".bias_hh_l0"}}}};
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
