// Pieces of model descriptions (docs/conversion.md) that several libraries' models have.
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

// AGRUCell or AUGRUCell ("AGRU", "AUGRU") at `at`: rows r, u, c; two biases; reset after the
// product; the share of the new state is a, or a u.
Json torch_attention_cell(const std::string& at, const std::string& gru_type);

// What the biases bias_ih and bias_hh of such a cell at `at` hold beside 0, with which they begin.
// AGRUCell has no update gate, so that the rows u are never trained.
struct CellBiases {
  bool are_equal = false;
  bool in_update_gate = false;
  bool elsewhere = false;
};
// nullopt if they are not there, or not of three gates.
std::optional<CellBiases> cell_biases(const Tensors& tensors, const std::string& at);

// DIN's attention: an MLP over [q, k, q - k, q * k], whose last layer gives the score.
Json din_attention(Json layers, Json score_scale, bool softmax);

// {"weight", "bias"} of a torch.nn.Linear at `at`, and its activation.
Json torch_linear(const std::string& at, Json activation);

// torch.nn.BatchNorm1d at `at`, epsilon 1e-5, with its place in the layer.
Json torch_batch_norm(const std::string& at, const std::string& place);

// Fields of one id, and of several ids pooled ("sum", "mean"; `skip_zero`: id 0 does not count).
Json id_field(const std::string& name, const std::string& table);
Json ids_field(const std::string& name, const std::string& table, const std::string& pooling,
               bool skip_zero);

// A table whose row 0 is padding. `weights` is a tensor's name or an expression.
Json table(const std::string& name, Json weights, const std::string& out_of_table);

// Whether one of a list of "ignore" patterns names the tensor.
bool is_ignored(const std::string& tensor, const Json& patterns);

}  // namespace augur::convert
