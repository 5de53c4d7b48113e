// DeepCTR's feature columns, and what becomes of them in a description.
#pragma once

#include <string>
#include <vector>

#include "libraries/library.h"

namespace augur::convert::deepctr_keras_model {

// A column of dnn_feature_columns.
struct Column {
  std::string name;
  std::string table;  // "" for a DenseFeat
  std::string group;  // its group_name
  bool of_candidate = false;
  std::string combiner = {};  // of a VarLenSparseFeat
  bool has_length = true;     // of a VarLenSparseFeat: else id 0 is padding
  int64_t dimension = 0;      // of a DenseFeat
};

struct Columns {
  std::vector<Column> sparse;
  std::vector<Column> history;  // names without hist_
  std::vector<Column> pooled;   // every other VarLenSparseFeat
  std::vector<Column> dense;

  // Pieces of the description. `ends` is what the tensors' names end with.
  Json tables(const Tensors& tensors, const std::string& ends,
              const std::string& out_of_table) const;
  Json fields(bool of_candidate) const;
  Json behaviour() const;
  Json query() const;
  // The head's input around the stack's result.
  Json head_input(const std::string& stack) const;
  // Tables of negative samples that no other column shares: they serve the auxiliary loss alone.
  Json idle_tables(const Tensors& tensors, const std::string& ends) const;

 private:
  std::string weights_of(const Tensors& tensors, const std::string& ends,
                         const std::string& table) const;
  std::vector<std::string> layers_of(const std::string& table) const;
  std::vector<std::string> table_names() const;
  std::vector<std::string> without_other_layers(const std::vector<std::string>& tensors) const;
};

// The questions about them.
std::vector<Parameter> column_parameters();

// Checked against the inputs that the file names, if it names them.
Columns read_columns(const Tensors& tensors, const Answers& answers);

}  // namespace augur::convert::deepctr_keras_model
