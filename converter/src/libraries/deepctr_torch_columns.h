// The feature columns of a DeepCTR-Torch model: what is looked up, in which order.
#pragma once

#include <string>
#include <vector>

#include "description/node.h"
#include "libraries/answers.h"
#include "libraries/parameter.h"
#include "libraries/tensors.h"

namespace augur::convert::deepctr_torch_model {

// A column, with its table's name: a SparseFeat; a hist_ column, without the prefix.
struct SparseColumn {
  std::string name;
  std::string table;
  bool is_candidates = false;  // each candidate has its own value
  bool in_history = false;
};

struct DenseColumn {
  std::string name;
  int64_t dimension = 1;
  bool is_candidates = false;
};

struct Columns {
  std::vector<SparseColumn> sparse;
  std::vector<SparseColumn> history;
  std::vector<DenseColumn> dense;

  // Parts of the description (docs/conversion.md).
  Json tables(const std::string& out_of_table) const;
  Json fields(bool of_candidate) const;
  Json events() const;
  Json query() const;
  Json slots() const;  // the head's, without the stack's result
};

// sparse, history_feature_list, history_order, dense.
std::vector<Parameter> column_parameters();

Columns read_columns(const Tensors& tensors, const Answers& answers);

}  // namespace augur::convert::deepctr_torch_model
