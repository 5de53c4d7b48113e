// The features of a torch-rechub model: DIEN's and DIN's arguments, as the answers state them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "libraries/answers.h"
#include "libraries/parameter.h"
#include "libraries/tensors.h"

namespace augur::convert::torch_rechub_model {

// Instead of padding_idx=None: the library's mask compares with -1 then, so that every id counts.
constexpr int64_t kNoPadding = -1;

// One of features or target_features.
struct Feature {
  std::string name;
  std::string kind;   // sparse, mean, sum or dense
  std::string table;  // "" of a dense one
  int64_t padding_idx = kNoPadding;
  int64_t dim = 0;  // of a dense one
  bool of_candidate = false;
};

// One of history_features, which meets the target feature of its place.
struct History {
  std::string n;  // of the modules' list
  std::string name;
  std::string target;
  std::string table;
};

struct Columns {
  std::vector<History> histories;
  std::vector<Feature> targets;
  std::vector<Feature> others;
  int64_t history_padding = kNoPadding;

  std::vector<std::string> table_names() const;
  // With row padding_idx as their padding row.
  Json tables(const Tensors& tensors, const std::string& out_of_table) const;
  Json fields(bool of_candidate) const;
  // Behind the histories' results: the targets, the features with a table, the dense ones.
  Json head_slots() const;
};

bool is_dien(const Tensors& tensors);

std::string weights_of(const std::string& table);

std::vector<Parameter> column_parameters();

// Throws Error for features that the library itself cannot run, and for an order of tables that is
// not the file's.
Columns read_columns(const Tensors& tensors, const Answers& answers);

// Patterns of the tables of neg_history_features, which only DIEN's training reads.
Json idle_tables(const Columns& columns, const Tensors& tensors, const Answers& answers);

}  // namespace augur::convert::torch_rechub_model
