// DeepCTR's feature columns, and what becomes of them in a description.
#pragma once

#include <string>
#include <vector>

#include "libraries/deepctr_keras_hash.h"
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
  Hashing hashing = {};       // of the others
  int64_t rows = 0;           // of its table
};

struct Use {
  Column column;
  Place place = Place::kSparse;
};

struct Columns {
  std::vector<Column> sparse;
  std::vector<Column> history;  // names without hist_
  std::vector<Column> pooled;   // every other VarLenSparseFeat
  std::vector<Column> dense;
  bool is_dien = true;

  // Pieces of the description. `ends` is what the tensors' names end with.
  Json tables(const Tensors& tensors, const std::string& ends,
              const std::string& out_of_table) const;
  Json fields(bool of_candidate) const;
  Json behaviour() const;
  // Which events of a DIN count.
  Json mask() const;
  Json query() const;
  // The head's input around the stack's result.
  Json head_input(const std::string& stack) const;
  // Tables of negative samples that no other column shares: they serve the auxiliary loss alone.
  Json idle_tables(const Tensors& tensors, const std::string& ends) const;

  // Every place where a column of the table is read, in the order of the columns. The hash of the
  // first is the table's own rule.
  std::vector<Use> uses_of(const std::string& table) const;
  std::vector<std::string> table_names() const;
  // The only tensor that holds the table's rows.
  std::string weights_of(const Tensors& tensors, const std::string& ends,
                         const std::string& table) const;

 private:
  Json hash_at(const Column& column, Place place) const;
  // The field of a column, with a hash of its own if that is not the table's rule.
  Json keyed(Json field, const Column& column, Place place) const;
  // A candidate's column of a DIEN's history: the query hashes it in one way, the head in another.
  bool is_hashed_twice(const Column& column) const;
  // The name of its field that the head reads.
  std::string head_field(const std::string& column) const;
  std::vector<std::string> layers_of(const std::string& table) const;
  std::vector<std::string> without_other_layers(const std::vector<std::string>& tensors) const;
};

// The questions about them.
std::vector<Parameter> column_parameters();

// Checked against the inputs that the file names, if it names them.
Columns read_columns(const Tensors& tensors, const Answers& answers, const std::string& ends,
                     bool is_dien);

}  // namespace augur::convert::deepctr_keras_model
