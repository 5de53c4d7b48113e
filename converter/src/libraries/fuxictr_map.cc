// feature_map.json; see fuxictr_map.h.
#include "libraries/fuxictr_map.h"

#include "error.h"
#include "text/text.h"

namespace augur::convert::fuxictr_model {
namespace {

using Names = std::vector<std::string>;

std::string text_at(const Node& spec, const char* key) {
  const std::optional<Node> found = spec.find(key);
  return found && !found->is_null() ? found->text() : "";
}

std::optional<int64_t> count_at(const Node& spec, const char* key) {
  const std::optional<Node> found = spec.find(key);
  if (!found || found->is_null()) return std::nullopt;
  return found->integer(INT32_MIN, INT32_MAX);
}

std::string pooling_of(const Node& spec) {
  const std::string encoder = text_at(spec, "feature_encoder");
  if (encoder.empty() || text_at(spec, "type") != "sequence") return "";
  if (encoder.find("MaskedSumPooling") != std::string::npos) return "sum";
  if (encoder.find("MaskedAveragePooling") != std::string::npos) return "mean";
  spec.at("feature_encoder")
      .fail(augur::quoted(encoder) +
            " is not supported: expected MaskedSumPooling or MaskedAveragePooling");
}

MapEntry read_entry(const std::string& name, const Node& spec) {
  if (!spec.is_object()) spec.fail("an object that describes the feature is expected here");
  MapEntry entry;
  entry.name = name;
  entry.type = spec.at("type").text();
  const Names types = {"categorical", "numeric", "sequence", "embedding", "meta"};
  if (!contains(types, entry.type))
    spec.at("type").fail(augur::quoted(entry.type) + " is not one of " + join(types));
  if (spec.has("pretrained_emb")) {
    spec.at("pretrained_emb")
        .fail("pretrained embeddings are not supported: their tensors are not a plain table");
  }
  entry.pooling = pooling_of(spec);
  entry.source = text_at(spec, "source");
  entry.shares = text_at(spec, "share_embedding");
  entry.vocab_size = count_at(spec, "vocab_size");
  entry.max_len = count_at(spec, "max_len");
  entry.padding_idx = count_at(spec, "padding_idx");
  return entry;
}

// Whether the feature's embedding is a part of the head's input by itself. A sequence that nothing
// pools is not: DIEN's pairs read it, or nothing does; a DIN's attention pools it.
bool is_in_head(const MapEntry& entry, const Features& model) {
  if (entry.type == "meta" || (model.later && entry.source == "item")) return false;
  for (const Pair& pair : model.pairs) {
    if (!model.later && contains(pair.sequence, entry.name)) return model.din;
  }
  return entry.type != "sequence" || !entry.pooling.empty();
}

std::string kind_of(const MapEntry& entry) {
  if (entry.type != "sequence") return entry.type;
  return entry.pooling.empty() ? "categorical" : entry.pooling;
}

void check_rows(const FeatureMap& map, const Features& model, const Tensors& tensors) {
  for (const MapEntry& entry : map.entries) {
    if (entry.type != "categorical" && entry.type != "sequence") continue;
    const std::string tensor = model.at + "." + entry.name + ".weight";
    if (!entry.vocab_size || !tensors.has(tensor)) continue;
    if (tensors.size(tensor, 0) == *entry.vocab_size) continue;
    tensors.refuse(map.path + ": " + entry.name + " has vocab_size " +
                   std::to_string(*entry.vocab_size) + ", but the tensor " + tensor + " has " +
                   std::to_string(tensors.size(tensor, 0)) +
                   " rows: the feature map is that of another training");
  }
}

void check_padding(const FeatureMap& map, const Answers& answers) {
  for (const MapEntry& entry : map.entries) {
    if (entry.type != "sequence" || entry.padding_idx.value_or(0) == 0) continue;
    answers.fail("feature_map", map.path + ": " + entry.name + " has padding_idx " +
                                    std::to_string(*entry.padding_idx) +
                                    ", but the library's masks compare ids with 0 and demand 0");
  }
}

std::string text_of(const std::vector<Feature>& features) {
  Names words;
  for (const Feature& feature : features)
    words.push_back(feature.name + " (" + feature.kind + ")");
  return join(words);
}

// Stated features say whose they are; the rest of them must be what the map says.
void check_stated(const FeatureMap& map, const Answers& answers, const Features& model,
                  std::vector<Feature>& told) {
  std::vector<Feature> stated;
  for (const Json& feature : answers.at("features")) {
    stated.push_back({feature["name"].get<std::string>(), feature["kind"].get<std::string>(),
                      feature["of"] == "candidate"});
    for (const Pair& pair : model.pairs) {
      if (model.din && contains(pair.sequence, stated.back().name))
        stated.back().kind = "categorical";
    }
  }
  if (text_of(stated) != text_of(told)) {
    answers.fail("features", "the features as stated are " + text_of(stated) + ", but " + map.path +
                                 " has " + text_of(told));
  }
  for (size_t i = 0; i < told.size(); ++i)
    told[i].of_candidate = told[i].of_candidate || stated[i].of_candidate;
}

Json read_map(const Answers& answers, const std::string& path) {
  try {
    return read_json_file(path);
  } catch (const Error& error) {
    answers.fail("feature_map", error.what());
  }
}

}  // namespace

const MapEntry* FeatureMap::find(const std::string& name) const {
  for (const MapEntry& entry : entries) {
    if (entry.name == name) return &entry;
  }
  return nullptr;
}

std::optional<FeatureMap> read_feature_map(const Answers& answers) {
  if (!answers.has("feature_map")) return std::nullopt;
  FeatureMap map;
  map.path = answers.text("feature_map");
  const Json document = read_map(answers, map.path);
  const Node root(document, map.path);
  for (const Node& item : root.at("features").items()) {
    if (!item.is_object()) item.fail("an object {\"name\": {...}} is expected here");
    for (const auto& [name, unused] : item.value().items())
      map.entries.push_back(read_entry(name, item.at(name)));
  }
  return map;
}

std::vector<Feature> features_of(const FeatureMap& map, const Features& model,
                                 const Tensors& tensors, const Answers& answers) {
  check_rows(map, model, tensors);
  check_padding(map, answers);
  const Names candidates = answers.texts("candidate_features");
  std::vector<Feature> told;
  Names names;
  for (const MapEntry& entry : map.entries) {
    if (!is_in_head(entry, model)) continue;
    names.push_back(entry.name);
    told.push_back({entry.name, kind_of(entry), contains(candidates, entry.name)});
  }
  for (const std::string& name : candidates) {
    if (!contains(names, name) && !contains(model.targets, name)) {
      answers.fail("candidate_features",
                   map.path + " has no feature " + augur::quoted(name) + did_you_mean(name, names));
    }
  }
  if (answers.has("features")) check_stated(map, answers, model, told);
  return told;
}

void add_told(const FeatureMap& map, const Answers& answers, Features& model) {
  Names earlier;
  for (const MapEntry& entry : map.entries) {
    earlier.push_back(entry.name);
    // The library shares only what stands before.
    if (entry.shares.empty() || !contains(earlier, entry.shares)) continue;
    const auto stated = model.shared_with.find(entry.name);
    if (stated != model.shared_with.end() && stated->second != entry.shares) {
      answers.fail("share_embedding", entry.name + " was stated to share the table of " +
                                          stated->second + ", but " + map.path + " has " +
                                          entry.shares);
    }
    model.shared_with[entry.name] = entry.shares;
  }
  if (model.later) return;  // there the loader has the max_len
  for (Pair& pair : model.pairs) {
    for (const std::string& name : pair.sequence) {
      const MapEntry* entry = map.find(name);
      const std::string question = model.din ? "din_sequence_field" : "dien_sequence_field";
      if (entry == nullptr || entry->type != "sequence" || !entry->max_len) {
        answers.fail(question,
                     map.path + " has no sequence " + augur::quoted(name) + " with a max_len");
      }
      if (answers.has("max_history") && answers.integer("max_history") != *entry->max_len) {
        answers.fail("max_history", std::to_string(answers.integer("max_history")) +
                                        " was stated, but in " + map.path + " the max_len of " +
                                        name + " is " + std::to_string(*entry->max_len));
      }
      if (&name != &pair.sequence.front() && pair.max_history != *entry->max_len) {
        answers.fail("feature_map",
                     map.path + ": the sequences of one pair, " + pair.sequence.front() + " and " +
                         name + ", have different max_len: " + std::to_string(pair.max_history) +
                         " and " + std::to_string(*entry->max_len));
      }
      pair.max_history = *entry->max_len;
    }
  }
}

}  // namespace augur::convert::fuxictr_model
