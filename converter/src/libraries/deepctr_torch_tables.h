// What the tensors of a DeepCTR-Torch model tell of the questions that are asked about it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "libraries/answers.h"
#include "libraries/tensors.h"

namespace augur::convert::deepctr_torch_model {

// DIN has an attention of its own; DIEN's is a part of its interest_evolution.
bool is_dien(const Tensors& tensors);
std::string attention_at(const Tensors& tensors);

// "AGRU" or "AUGRU" if the cell's biases tell, else "".
std::string told_cell(const Tensors& tensors);

// The activation that the tensors of the deepctr_torch.layers.DNN at `dnn` tell: "dice", "prelu" or
// "".
std::string told_activation(const Tensors& tensors, const std::string& dnn);

// The tensor of a table, embedding_dict.<name>.weight.
std::string weights_of(const std::string& table);

// embedding_dict holds the tables in the order of the columns that first name them, the SparseFeat
// columns before the VarLenSparseFeat ones, and a state dict keeps that order. Early PyTorch
// releases sorted a ModuleDict's keys: an ascending order may be theirs.
struct TableOrder {
  std::vector<std::string> names;
  bool is_ascending = false;
};

// All tables of the file; nullopt if it does not tell their order.
std::optional<TableOrder> table_order(const Tensors& tensors);

// Those of `tables` that are there, but not among the `earlier` columns' tables.
std::vector<std::string> own_tables(const std::vector<std::string>& tables,
                                    const std::vector<std::string>& earlier,
                                    const TableOrder& order);

// `tables`, all of them there, as the file orders them.
std::vector<std::string> in_file_order(const std::vector<std::string>& tables,
                                       const TableOrder& order);

// The names of all tables, ascending.
std::vector<std::string> table_names(const Tensors& tensors);

// The names of the SparseFeat columns, if the file's order and the width of the head's input leave
// no other possibility, dense and varlen being as answered.
std::optional<std::vector<std::string>> told_sparse(const Tensors& tensors, const Answers& answers);

// The history_feature_list, without hist_, if each of its features has a table of its own.
std::optional<std::vector<std::string>> told_history(const Tensors& tensors);

// Fails at the answer `name` if the columns, as `stated`, have their tables in another order than
// `found` in the file; warns if the file's order is no proof.
void check_order(const Answers& answers, const std::string& name,
                 const std::vector<std::string>& stated, const std::vector<std::string>& found,
                 bool is_proof);

}  // namespace augur::convert::deepctr_torch_model
