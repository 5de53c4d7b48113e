// Pieces of model descriptions (docs/conversion.md) that several libraries' models have.
#pragma once

#include <string>
#include <vector>

#include "description/node.h"

namespace augur::convert {

// torch.nn.GRU at `at`: rows r, z, n; two biases; reset after the product; z the share of the old
// state.
Json torch_gru(const std::string& at);

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
