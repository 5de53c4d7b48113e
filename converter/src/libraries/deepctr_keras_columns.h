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
  bool of_candidate = false;
  std::string combiner = {};  // of a VarLenSparseFeat
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

 private:
  std::string weights_of(const Tensors& tensors, const std::string& ends,
                         const std::string& table) const;
  std::vector<std::string> layers_of(const std::string& table) const;
};

// The questions about them.
std::vector<Parameter> column_parameters();

Columns read_columns(const Tensors& tensors, const Answers& answers);

}  // namespace augur::convert::deepctr_keras_model
