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
  std::string group;
  bool is_candidates = false;  // each candidate has its own value
  bool in_history = false;
};

// A VarLenSparseFeat outside of the history.
struct VarLenColumn {
  std::string name;
  std::string table;
  std::string combiner;
  bool has_length = false;  // a length_name: the first so many ids count; else all but 0
  bool is_candidates = false;
};

struct DenseColumn {
  std::string name;
  int64_t dimension = 1;
  bool is_candidates = false;
};

struct Columns {
  std::vector<SparseColumn> sparse;
  std::vector<SparseColumn> history;
  std::vector<VarLenColumn> varlen;  // none in DIEN, which does not read them
  std::vector<DenseColumn> dense;

  std::vector<std::string> table_names() const;

  // Parts of the description (docs/description.md).
  Json tables(const std::string& out_of_table) const;
  Json fields(bool of_candidate) const;
  Json events() const;
  Json query() const;
  Json head_input(const Json& result, bool dien) const;
};

std::vector<Parameter> column_parameters();

Columns read_columns(const Tensors& tensors, const Answers& answers);

// Patterns of tables that are rightly left out of the model with these columns.
Json idle_tables(const Columns& columns, const Tensors& tensors, const Answers& answers);

}  // namespace augur::convert::deepctr_torch_model
