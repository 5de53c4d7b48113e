// FuxiCTR's feature_map.json, which its preprocessing writes beside the data.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "libraries/fuxictr_features.h"

namespace augur::convert::fuxictr_model {

struct MapEntry {
  std::string name;
  std::string type;     // categorical, numeric, sequence, embedding, meta
  std::string pooling;  // of a sequence with a feature_encoder: sum or mean; else ""
  std::string source;
  std::string shares;  // the feature whose table it has; "" if it has its own
  std::optional<int64_t> vocab_size, max_len, padding_idx;
};

struct FeatureMap {
  std::string path;
  std::vector<MapEntry> entries;  // in order

  // nullptr if there is none of this name.
  const MapEntry* find(const std::string& name) const;
};

// The file that the answer feature_map names; nullopt if there is no such answer. Throws Error if
// it cannot be read or is no feature map.
std::optional<FeatureMap> read_feature_map(const Answers& answers);

// The features of `map` that stand in the head's input, as the answer "features" would list them.
// Throws Error, naming both, if the answers or the tensors contradict the map.
std::vector<Feature> features_of(const FeatureMap& map, const Features& model,
                                 const Tensors& tensors, const Answers& answers);

// Adds what the map tells of shared tables and of each pair's max_len to `model`.
void add_told(const FeatureMap& map, const Answers& answers, Features& model);

}  // namespace augur::convert::fuxictr_model
