// FuxiCTR's features: what the feature map and the model's configuration say, and what becomes of
// it in a description.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "libraries/library.h"

namespace augur::convert::fuxictr_model {

// A feature of the feature map.
struct Feature {
  std::string name;
  std::string kind;  // categorical, numeric, embedding; sum, mean: the pooling of a sequence
  bool of_candidate = false;
};

// A stack: the fields of a behaviour, and the candidate's that they meet.
struct Pair {
  int n = 0;  // of extraction_modules.N, or a DIN's attention_layers.N
  std::string name;
  std::vector<std::string> sequence;
  std::vector<std::string> target;
  int64_t max_history = 0;
};

struct Features {
  bool din = false;
  bool later = false;  // LongCTR: one stack of the features with source: item
  std::string at;      // where the tables are
  std::vector<Feature> features;
  std::vector<Pair> pairs;
  std::vector<std::string> targets;                // names of all pairs' target fields
  std::map<std::string, std::string> shared_with;  // the feature whose table a feature has

  std::string table_of(const std::string& feature) const;
  // Pieces of the description.
  Json tables(const Tensors& tensors, const Answers& answers) const;
  Json of_user(const Tensors& tensors) const;
  Json of_candidate(const Tensors& tensors) const;
  // Patterns of tables that are rightly left out: copies of shared ones, and sequences of
  // negatives.
  Json idle_tables(const Answers& answers) const;
  // A DIN's results stand where their sequences stand in the feature map.
  void add_slots(Json& head_input) const;

 private:
  const Pair* pair_of(const std::string& sequence) const;
  Json fields(const Tensors& tensors, bool of_candidate) const;
};

bool is_din(const Tensors& tensors);
// The models of model_zoo/LongCTR.
bool is_long(const Tensors& tensors);

// The questions about them.
std::vector<Parameter> feature_parameters();

Features read_features(const Tensors& tensors, const Answers& answers);

}  // namespace augur::convert::fuxictr_model
