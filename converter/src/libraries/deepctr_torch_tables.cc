// What DeepCTR-Torch's tensors tell; see deepctr_torch_tables.h.
#include "libraries/deepctr_torch_tables.h"

#include <algorithm>

#include "libraries/pieces.h"
#include "text/text.h"

namespace augur::convert::deepctr_torch_model {
namespace {

const char* const kCell = "interest_evolution.interest_evolution.rnn";

bool begins_with(const std::string& text, std::string_view start) {
  return text.compare(0, start.size(), start) == 0;
}

std::vector<std::string> names_of_tables(const std::vector<std::string>& tensors) {
  const std::string start = "embedding_dict.";
  std::vector<std::string> names;
  for (const std::string& tensor : tensors)
    names.push_back(before(tensor.substr(start.size()), ".weight"));
  return names;
}

int64_t dimensions(const Tensors& tensors, const std::vector<std::string>& tables) {
  int64_t sum = 0;
  for (const std::string& table : tables)
    sum += tensors.size(weights_of(table), 1);
  return sum;
}

// The width of e_t and e_a: the attention sees four times as much.
int64_t event_width(const Tensors& tensors) {
  return tensors.size(attention_at(tensors) + ".dnn.linears.0.weight", 1) / 4;
}

}  // namespace

bool is_dien(const Tensors& tensors) {
  return tensors.has("interest_extractor.gru.weight_ih_l0");
}

std::string attention_at(const Tensors& tensors) {
  return is_dien(tensors) ? "interest_evolution.attention.local_att" : "attention.local_att";
}

// Both cells begin with biases of 0. AUGRUCell registers bias_hh under the name bias_ih too.
// AGRUCell has two, of which the rows z are never trained, for it has no update gate.
std::string told_cell(const Tensors& tensors) {
  const TorchCell cell = torch_cell_at(kCell);
  const bool has_input = tensors.has(cell.input_bias);
  const bool has_recurrent = tensors.has(cell.recurrent_bias);
  if (has_input != has_recurrent) return "AUGRU";  // a file that keeps a tensor of two names once
  if (!has_input) return "";
  const std::optional<CellBiases> biases = cell_biases(tensors, cell);
  if (!biases) return "";
  if (biases->are_equal) return biases->in_update_gate ? "AUGRU" : "";
  return biases->in_update_gate ? "" : "AGRU";
}

std::string told_activation(const Tensors& tensors, const std::string& dnn) {
  if (tensors.has(dnn + ".activation_layers.0.bn.running_mean")) return "dice";
  return tensors.has(dnn + ".activation_layers.0.weight") ? "prelu" : "";
}

std::string weights_of(const std::string& table) {
  return "embedding_dict." + table + ".weight";
}

std::optional<TableOrder> table_order(const Tensors& tensors) {
  const std::optional<std::vector<std::string>> found = tensors.in_file_order(weights_of("*"));
  if (!found) return std::nullopt;
  TableOrder order;
  order.names = names_of_tables(*found);
  order.is_ascending = std::is_sorted(order.names.begin(), order.names.end());
  return order;
}

std::vector<std::string> own_tables(const std::vector<std::string>& tables,
                                    const std::vector<std::string>& earlier,
                                    const TableOrder& order) {
  std::vector<std::string> own;
  for (const std::string& table : tables) {
    if (!contains(earlier, table) && contains(order.names, table)) own.push_back(table);
  }
  return own;
}

std::vector<std::string> in_file_order(const std::vector<std::string>& tables,
                                       const TableOrder& order) {
  std::vector<std::string> found;
  for (const std::string& table : order.names) {
    if (contains(tables, table)) found.push_back(table);
  }
  return found;
}

std::vector<std::string> table_names(const Tensors& tensors) {
  return names_of_tables(tensors.names(weights_of("*")));
}

std::optional<std::vector<std::string>> told_sparse(const Tensors& tensors,
                                                    const Answers& answers) {
  const std::optional<TableOrder> order = table_order(tensors);
  if (!order || order->is_ascending) return std::nullopt;
  std::vector<std::string> pooled;
  for (const Json& column : answers.at("varlen"))
    pooled.push_back(column.value("embedding_name", column["name"].get<std::string>()));
  std::vector<std::string> sparse;
  for (const std::string& table : order->names) {
    const bool is_historys = begins_with(table, "hist_") || begins_with(table, "neg_hist_");
    if (!is_historys && !contains(pooled, table)) sparse.push_back(table);
  }
  for (const std::string& table : pooled) {
    if (!tensors.has(weights_of(table))) return std::nullopt;
  }
  int64_t width = event_width(tensors) + dimensions(tensors, sparse);
  if (!is_dien(tensors)) width += dimensions(tensors, pooled);
  for (const Json& column : answers.at("dense"))
    width += column["dimension"].get<int64_t>();
  if (width != tensors.size("dnn.linears.0.weight", 1)) return std::nullopt;
  return sparse;
}

std::optional<std::vector<std::string>> told_history(const Tensors& tensors) {
  std::vector<std::string> tables;
  const std::optional<TableOrder> order = table_order(tensors);
  for (const std::string& table : order ? order->names : table_names(tensors)) {
    if (begins_with(table, "hist_")) tables.push_back(table);
  }
  if (tables.empty() || dimensions(tensors, tables) != event_width(tensors)) return std::nullopt;
  for (std::string& table : tables)
    table = table.substr(std::string("hist_").size());
  return tables;
}

void check_order(const Answers& answers, const std::string& name,
                 const std::vector<std::string>& stated, const std::vector<std::string>& found,
                 bool is_proof) {
  answers.agree_order(name, "the tables of the columns", stated, found, is_proof,
                      is_proof ? "a state dict keeps the order of the columns; state them in it"
                               : "It is ascending, so it is that of the columns or of a PyTorch "
                                 "release that sorted them");
}

}  // namespace augur::convert::deepctr_torch_model
