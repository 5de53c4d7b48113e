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
  std::string kind;  // categorical, numeric; sum, mean: the pooling of a sequence
  bool of_candidate = false;
};

// A stack: the fields of a behaviour, and the candidate's that they meet.
struct Pair {
  int n = 0;  // of extraction_modules.N
  std::string name;
  std::vector<std::string> sequence;
  std::vector<std::string> target;
};

struct Features {
  bool later = false;  // the version with one stack of the features with source: item
  std::string at;      // where the tables are
  std::vector<Feature> features;
  std::vector<Pair> pairs;
  std::vector<std::string> targets;                // names of all pairs' target fields
  std::map<std::string, std::string> shared_with;  // the feature whose table a feature has

  std::string table_of(const std::string& feature) const;
  // Pieces of the description.
  Json tables(const std::string& out_of_table) const;
  Json of_user() const;
  Json of_candidate() const;
  Json shared_copies() const;  // tensors that are copies of a shared table
  void add_slots(Json& head_input) const;
};

// The questions about them.
std::vector<Parameter> feature_parameters();

Features read_features(const Tensors& tensors, const Answers& answers);

}  // namespace augur::convert::fuxictr_model
