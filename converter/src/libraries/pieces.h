// Pieces of model descriptions (docs/description.md) that several libraries' models have.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "description/node.h"
#include "libraries/tensors.h"

namespace augur::convert {

// torch.nn.GRU at `at`: rows r, z, n; two biases; reset after the product; z the share of the old
// state.
Json torch_gru(const std::string& at);
// The same as an evolution of that kind: "gru", "aigru".
Json torch_gru_evolution(const std::string& kind, const std::string& at);

// An AGRU or AUGRU cell ("AGRU", "AUGRU") of a torch library: three gates, as `gates` orders them;
// two biases; reset after the product; the share of the new state is a, or a u.
struct TorchCell {
  std::string input, recurrent;  // weights
  std::string input_bias, recurrent_bias;
  std::vector<std::string> gates;  // of "r", "u", "c"
};
// AGRUCell and AUGRUCell at `at`, as DeepCTR-Torch has them and RecBole after it.
TorchCell torch_cell_at(const std::string& at);
Json torch_attention_cell(const TorchCell& cell, const std::string& gru_type);

// What the biases of such a cell hold beside 0, with which they begin. AGRU has no update gate, so
// that its rows u are never trained.
struct CellBiases {
  bool are_equal = false;
  bool are_equal_in_update_gate = false;
  bool in_update_gate = false;
  bool elsewhere = false;
};
// nullopt if they are not there, or not of three gates.
std::optional<CellBiases> cell_biases(const Tensors& tensors, const TorchCell& cell);

// DIN's attention: an MLP over [q, k, q - k, q * k], whose last layer gives the score.
Json din_attention(Json layers, Json score_scale, bool softmax);

// {"weight", "bias"} of a torch.nn.Linear at `at`, and its activation.
Json torch_linear(const std::string& at, Json activation);

// An activation that was stated in words and has no tensors. "linear" is none; "leaky_relu" has the
// library's `slope`.
Json stated_activation(const std::string& word, double slope);
Json prelu(const std::string& alpha);
// Dice of the torch libraries at `at`: bn.* and alpha; `affine`: bn has a weight and a bias.
Json torch_dice(const std::string& at, double epsilon, bool affine);

// torch.nn.BatchNorm1d at `at`, epsilon 1e-5, with its place in the layer.
Json torch_batch_norm(const std::string& at, const std::string& place);

// Fields of one id, and of several ids pooled ("sum", "mean"; `skip_zero`: id 0 does not count).
Json id_field(const std::string& name, const std::string& table);
Json ids_field(const std::string& name, const std::string& table, const std::string& pooling,
               bool skip_zero);
// Numbers as the app gives them: one, or a vector.
Json values_field(const std::string& name, int64_t dimension);

// A field as an input of the head.
Json head_slot(const std::string& field, bool of_candidate);

// A table whose row 0 is padding. `weights` is a tensor's name or an expression.
Json table(const std::string& name, Json weights, const std::string& out_of_table);

// Whether one of a list of "ignore" patterns names the tensor.
bool is_ignored(const std::string& tensor, const Json& patterns);

}  // namespace augur::convert
