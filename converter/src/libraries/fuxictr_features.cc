// FuxiCTR's features; see fuxictr_features.h.
#include "libraries/fuxictr_features.h"

#include <algorithm>

#include "error.h"
#include "libraries/fuxictr_map.h"
#include "libraries/pieces.h"
#include "libraries/vocabularies.h"
#include "text/text.h"

namespace augur::convert::fuxictr_model {
namespace {

using Names = std::vector<std::string>;

// Where the maps of vectors are; embedding_layers has the tables and the maps of numbers.
std::string encoder_of(const std::string& at, const std::string& feature) {
  return before(at, "embedding_layers") + "feature_encoders." + feature + ".weight";
}

Json field(const Tensors& tensors, const Features& features, const Feature& feature) {
  if (feature.kind == "numeric") return values_field(feature.name, 1);
  if (feature.kind == "embedding") {
    return {{"name", feature.name},
            {"kind", "vector"},
            {"dim", tensors.size(encoder_of(features.at, feature.name), 1)}};
  }
  const std::string table = features.table_of(feature.name);
  if (feature.kind == "categorical") return id_field(feature.name, table);
  return ids_field(feature.name, table, feature.kind, true);
}

// The numbers of the stacks' modules. LongCTR's DIN has one without a number.
std::vector<int> modules_of(const Tensors& tensors, const Features& features) {
  if (!features.din) return tensors.indices("extraction_modules.#.weight_ih_l0");
  if (features.later) return {0};
  return tensors.indices("attention_layers.#.attention*.mlp.0.weight");
}

// A plain list of names is one pair for each name, as in the library; where the checkpoint has one
// stack only, it is the names of that one.
std::vector<Names> lists_of(const Answers& answers, const std::string& question, size_t stacks) {
  auto lists = answers.at(question).get<std::vector<Names>>();
  Names joined;
  for (const Names& list : lists) {
    if (list.size() != 1) return lists;
    joined.push_back(list.front());
  }
  if (stacks == 1 && lists.size() > 1) return {joined};
  return lists;
}

std::vector<Pair> read_pairs(const Tensors& tensors, const Answers& answers,
                             const Features& features) {
  const std::string target = features.din ? "din_target_field" : "dien_target_field";
  const std::string sequence = features.din ? "din_sequence_field" : "dien_sequence_field";
  if (features.later && answers.has(sequence)) {
    tensors.refuse(
        "a checkpoint of the later version (embedding_layer.embedding_layer.*), whose sequence has "
        "the features of the item itself: leave " +
        sequence + " out");
  }
  const std::vector<int> modules = modules_of(tensors, features);
  const std::vector<Names> targets = lists_of(answers, target, modules.size());
  const std::vector<Names> behaviours =
      features.later ? targets : lists_of(answers, sequence, modules.size());
  if (modules.size() != targets.size() || modules.size() != behaviours.size()) {
    tensors.refuse("the checkpoint has another number of stacks (" +
                   std::string(features.din ? "attention_layers.N" : "extraction_modules.N") +
                   ": " + std::to_string(modules.size()) + ") than " + target + " (" +
                   std::to_string(targets.size()) + ") and " + sequence + " (" +
                   std::to_string(behaviours.size()) + ") have lists");
  }
  std::vector<Pair> pairs;
  for (size_t i = 0; i < modules.size(); ++i) {
    if (behaviours[i].empty() || targets[i].empty())
      tensors.refuse("a stack of " + target + " or " + sequence + " has no fields");
    pairs.push_back({modules[i], features.later ? "history" : behaviours[i].front(), behaviours[i],
                     targets[i]});
  }
  return pairs;
}

Parameter names_of_pairs(const std::string& name, const std::string& about) {
  return ask::list(name, about,
                   ask::list("", "the fields of a pair", ask::text("", "a feature's name"))
                       .with_shorthand("[]"))
      .found_in("model_config.yaml: " + name)
      .with_shorthand("[]");
}

// The features as the answers order them against the file, which keeps the feature map's order.
// DIEN concatenates the features in the order of its input, which is the map's unless the caller
// made the batches; DIN and LongCTR go by the map itself. Early PyTorch releases sorted the names.
void check_order(const Tensors& tensors, const Answers& answers, const std::string& question,
                 const std::string& at, const Names& stated, bool by_the_map) {
  const std::optional<Names> found = tensors.in_file_order(at + ".*.weight");
  if (!found) return;
  Names all, ordered, present;
  for (const std::string& tensor : *found)
    all.push_back(before(tensor.substr(at.size() + 1), ".weight"));
  for (const std::string& name : all) {
    if (contains(stated, name)) ordered.push_back(name);
  }
  for (const std::string& name : stated) {
    if (contains(all, name)) present.push_back(name);
  }
  const bool is_proof = by_the_map && !std::is_sorted(all.begin(), all.end());
  answers.agree_order(question, "the features", present, ordered, is_proof,
                      is_proof ? "a state dict keeps the order of the feature map, which is that "
                                 "of the head's input; state them in it"
                               : "A state dict keeps the order of the feature map");
}

std::vector<Feature> stated_features(const Answers& answers) {
  std::vector<Feature> features;
  for (const Json& stated : answers.at("features")) {
    features.push_back({stated["name"].get<std::string>(), stated["kind"].get<std::string>(),
                        stated["of"] == "candidate"});
  }
  return features;
}

void check_names(const Tensors& tensors, const Features& features, const Names& names) {
  if (features.later) return;
  for (const std::string& target : features.targets) {
    if (contains(names, target)) continue;
    tensors.refuse(std::string("features must name the fields of ") +
                   (features.din ? "din" : "dien") +
                   "_target_field too, where they stand in the feature map: their embeddings are a "
                   "part of the head's input");
  }
  if (!features.din) return;
  for (const Pair& pair : features.pairs) {
    const auto first = std::find(names.begin(), names.end(), pair.sequence.front());
    const auto left = static_cast<size_t>(names.end() - first);
    if (left >= pair.sequence.size() &&
        std::equal(pair.sequence.begin(), pair.sequence.end(), first))
      continue;
    tensors.refuse(
        "features must name the fields of din_sequence_field too, where they stand in "
        "the feature map: what DIN's attention makes of them takes their place in the "
        "head's input. Expected side by side: " +
        join(pair.sequence, ", ", true) + "; a feature map that has them apart is not supported");
  }
}

// A copy of a shared table under its own name, where the file has one, is the same rows.
void check_shared(const Tensors& tensors, const Features& features, const std::string& name,
                  const std::string& owner) {
  const checkpoint::Checkpoint& file = tensors.checkpoint();
  const checkpoint::TensorInfo* copy = file.find(features.at + "." + name + ".weight");
  const checkpoint::TensorInfo* rows = file.find(features.at + "." + owner + ".weight");
  if (copy == nullptr && rows == nullptr) {
    tensors.refuse("share_embedding: there is no table of " + augur::quoted(name) +
                   " and none of " + augur::quoted(owner));
  }
  if (copy == nullptr || rows == nullptr) return;  // safetensors keeps shared rows once
  if (copy->shape == rows->shape && file.read(*copy) == file.read(*rows)) return;
  tensors.refuse("share_embedding: " + augur::quoted(name) + " was said to have the table of " +
                 augur::quoted(owner) + ", but " + copy->name + " and " + rows->name +
                 " are different");
}

}  // namespace

std::string Features::table_of(const std::string& feature) const {
  const auto found = shared_with.find(feature);
  return found == shared_with.end() ? feature : found->second;
}

Json Features::tables(const Tensors& tensors, const Answers& answers) const {
  Names names;
  for (const std::string& target : targets)
    names.push_back(table_of(target));
  for (const Pair& pair : pairs) {
    for (const std::string& name : pair.sequence)
      names.push_back(table_of(name));
  }
  for (const Feature& feature : features) {
    if (feature.kind != "numeric" && feature.kind != "embedding")
      names.push_back(table_of(feature.name));
  }
  VocabularyFile vocabularies(answers, "feature_vocab");
  Json tables = Json::array();
  for (const std::string& name : unique(names)) {
    const std::string weights = at + "." + name + ".weight";
    Json one = table(name, weights, answers.text("out_of_table"));
    if (tensors.has(weights)) {  // else it is missed later
      const Json last = {{"unknown_row", tensors.size(weights, 0) - 1}};
      vocabularies.add_to(one, name, {last, "__PAD__", "__OOV__"});
    }
    tables.push_back(std::move(one));
  }
  vocabularies.finish();
  return tables;
}

const Pair* Features::pair_of(const std::string& sequence) const {
  if (later) return nullptr;  // there a sequence has the candidate's features
  for (const Pair& pair : pairs) {
    if (contains(pair.sequence, sequence)) return &pair;
  }
  return nullptr;
}

Json Features::fields(const Tensors& tensors, bool of_candidate) const {
  Json list = Json::array();
  for (const Feature& feature : features) {
    if (feature.of_candidate == of_candidate && !contains(targets, feature.name) &&
        pair_of(feature.name) == nullptr)
      list.push_back(field(tensors, *this, feature));
  }
  return list;
}

Json Features::of_user(const Tensors& tensors) const {
  return fields(tensors, false);
}

Json Features::of_candidate(const Tensors& tensors) const {
  Json list = Json::array();
  for (const std::string& target : targets)
    list.push_back(id_field(target, table_of(target)));
  for (Json& other : fields(tensors, true))
    list.push_back(std::move(other));
  return list;
}

Json Features::idle_tables(const Answers& answers) const {
  Json idle = Json::array();
  for (const auto& [name, unused] : shared_with)
    idle.push_back(at + "." + name + ".weight");
  if (din) return idle;
  idle.push_back(at + ".neg_*.weight");
  for (const Json& group : answers.at("dien_neg_seq_field")) {
    for (const Json& name : group)
      idle.push_back(at + "." + name.get<std::string>() + ".weight");
  }
  return idle;
}

void Features::add_slots(Json& head_input) const {
  for (const Feature& feature : features) {
    if (const Pair* pair = pair_of(feature.name)) {
      if (pair->sequence.front() == feature.name) head_input.push_back({{"result", pair->name}});
      continue;
    }
    const bool candidate = feature.of_candidate || contains(targets, feature.name);
    Json slot = {{candidate ? "candidate" : "feature", feature.name}};
    if (feature.kind == "numeric") slot["projection"] = at + "." + feature.name + ".weight";
    if (feature.kind == "embedding") slot["projection"] = encoder_of(at, feature.name);
    head_input.push_back(std::move(slot));
  }
}

bool is_din(const Tensors& tensors) {
  return !tensors.has("extraction_modules.#.weight_ih_l0") &&
         tensors.has("attention_layers*.attention*.mlp.#.weight");
}

bool is_long(const Tensors& tensors) {
  return tensors.has("embedding_layer.embedding_layer.embedding_layers.*.weight");
}

std::vector<Parameter> feature_parameters() {
  return {
      ask::text("feature_map",
                "the path of the feature_map.json that the model was trained with: it answers "
                "features, share_embedding and max_history, and what is stated beside it must "
                "agree")
          .found_in("the folder of the data set: feature_map.json")
          .not_required(),
      ask::list(
          "features",
          "the features of the feature map in order, but for dien_sequence_field and "
          "dien_neg_seq_field (of a DIN: with din_sequence_field, whose place is that of what its "
          "attention makes); LongCTR: but for those with source: item",
          ask::object(
              "", "a feature",
              {ask::text("name", "its name").found_in("dataset_config.yaml: feature_cols: name"),
               ask::choice("kind", "its type",
                           {{"categorical", "one id"},
                            {"numeric", "one number"},
                            {"embedding", "a vector, which the model maps"},
                            {"sum", "a sequence with the feature_encoder MaskedSumPooling"},
                            {"mean", "a sequence with the feature_encoder MaskedAveragePooling"}})
                   .found_in("dataset_config.yaml: feature_cols: type, feature_encoder")
                   .with_default("categorical"),
               ask::whose(
                   "whether the user has it or each candidate, unless it is a target field")})
              .with_shorthand("name"))
          .found_in("dataset_config.yaml: feature_cols, in the order of feature_map.json")
          .needed_if(
              [](const Tensors&, const Answers& answers) { return !answers.has("feature_map"); },
              "without feature_map")
          .decided_with("feature_map"),
      ask::list("candidate_features",
                "with feature_map: features beside the target fields that each candidate has its "
                "own value of",
                ask::text("", "a feature's name"))
          .found_in("your data: what differs between the candidates of one user")
          .with_default(Json::array()),
      names_of_pairs("dien_target_field",
                     "as in the model's configuration: a list of fields for each stack; LongCTR: "
                     "one list, the features with source: item")
          .needed_if([](const Tensors& tensors, const Answers&) { return !is_din(tensors); },
                     "for a DIEN"),
      names_of_pairs("dien_sequence_field", "as in the model's configuration")
          .needed_if([](const Tensors& tensors,
                        const Answers&) { return !is_din(tensors) && !is_long(tensors); },
                     "for a DIEN but LongCTR's, which has none"),
      names_of_pairs("dien_neg_seq_field",
                     "as in the model's configuration; their tables are left out, as are those "
                     "called neg_*")
          .only_if([](const Tensors& tensors) { return !is_din(tensors); })
          .with_default(Json::array()),
      names_of_pairs("din_target_field", "the same of a DIN")
          .needed_if([](const Tensors& tensors, const Answers&) { return is_din(tensors); },
                     "for a DIN"),
      names_of_pairs("din_sequence_field", "the same of a DIN")
          .needed_if([](const Tensors& tensors,
                        const Answers&) { return is_din(tensors) && !is_long(tensors); },
                     "for a DIN but LongCTR's, which has none"),
      ask::list(
          "share_embedding",
          "features that share another one's table; its copy under their own name is left "
          "out",
          ask::object(
              "", "a sharing feature",
              {ask::text("name", "the feature").found_in("dataset_config.yaml: feature_cols: name"),
               ask::text("with", "the feature whose table it is")
                   .found_in("dataset_config.yaml: feature_cols: share_embedding")}))
          .found_in("dataset_config.yaml: feature_cols: share_embedding")
          .with_default(Json::array()),
  };
}

Features read_features(const Tensors& tensors, const Answers& answers) {
  Features features;
  features.din = is_din(tensors);
  features.later = is_long(tensors);
  features.at = features.later ? "embedding_layer.embedding_layer.embedding_layers"
                               : "embedding_layer.embedding_layers";
  features.pairs = read_pairs(tensors, answers, features);
  for (const Pair& pair : features.pairs)
    features.targets.insert(features.targets.end(), pair.target.begin(), pair.target.end());
  features.targets = unique(features.targets);
  const std::optional<FeatureMap> map = read_feature_map(answers);
  features.features =
      map ? features_of(*map, features, tensors, answers) : stated_features(answers);
  Names names;
  for (const Feature& feature : features.features)
    names.push_back(feature.name);
  check_names(tensors, features, names);
  const bool by_the_map = features.din || features.later;
  const std::string question = answers.is_stated("features") ? "features" : "feature_map";
  check_order(tensors, answers, question, features.at, names, by_the_map);
  if (features.later) {
    check_order(tensors, answers, features.din ? "din_target_field" : "dien_target_field",
                features.at, features.targets, true);
  }
  for (const Json& stated : answers.at("share_embedding")) {
    // The first of two answers for one feature counts.
    features.shared_with.emplace(stated["name"].get<std::string>(),
                                 stated["with"].get<std::string>());
  }
  if (answers.has("max_history")) {
    for (Pair& pair : features.pairs)
      pair.max_history = answers.integer("max_history");
  }
  if (map) add_told(*map, answers, features);
  for (const auto& [name, owner] : features.shared_with)
    check_shared(tensors, features, name, owner);
  return features;
}

}  // namespace augur::convert::fuxictr_model
