// FuxiCTR's features; see fuxictr_features.h.
#include "libraries/fuxictr_features.h"

#include "libraries/pieces.h"

namespace augur::convert::fuxictr_model {
namespace {

using Names = std::vector<std::string>;

Json field(const Features& features, const Feature& feature) {
  if (feature.kind == "numeric") return {{"name", feature.name}, {"kind", "number"}};
  const std::string table = features.table_of(feature.name);
  if (feature.kind == "categorical") return id_field(feature.name, table);
  return ids_field(feature.name, table, feature.kind, true);
}

std::vector<Names> sequences(const Tensors& tensors, const Answers& answers, bool later) {
  const bool stated = answers.has("dien_sequence_field");
  if (later && stated) {
    tensors.refuse(
        "a checkpoint of the later version (embedding_layer.embedding_layer.*), whose sequence has "
        "the features of the item itself: leave dien_sequence_field out");
  }
  return answers.at(later ? "dien_target_field" : "dien_sequence_field").get<std::vector<Names>>();
}

std::vector<Pair> read_pairs(const Tensors& tensors, const Answers& answers, bool later) {
  const auto targets = answers.at("dien_target_field").get<std::vector<Names>>();
  const std::vector<Names> behaviours = sequences(tensors, answers, later);
  const std::vector<int> modules = tensors.indices("extraction_modules.#.weight_ih_l0");
  if (modules.size() != targets.size() || modules.size() != behaviours.size()) {
    tensors.refuse(
        "the checkpoint has another number of stacks (extraction_modules.N) than "
        "dien_target_field and dien_sequence_field have lists");
  }
  std::vector<Pair> pairs;
  for (size_t i = 0; i < modules.size(); ++i) {
    if (behaviours[i].empty() || targets[i].empty())
      tensors.refuse("a stack of dien_target_field or dien_sequence_field has no fields");
    pairs.push_back(
        {modules[i], later ? "history" : behaviours[i].front(), behaviours[i], targets[i]});
  }
  return pairs;
}

Parameter names_of_pairs(const std::string& name, const std::string& about) {
  return ask::list(name, about,
                   ask::list("", "the fields of a pair", ask::text("", "a feature's name")));
}

bool is_later(const Tensors& tensors) {
  return tensors.has("embedding_layer.embedding_layer.embedding_layers.*.weight");
}

}  // namespace

std::string Features::table_of(const std::string& feature) const {
  const auto found = shared_with.find(feature);
  return found == shared_with.end() ? feature : found->second;
}

Json Features::tables(const std::string& out_of_table) const {
  Names names;
  for (const std::string& target : targets)
    names.push_back(table_of(target));
  for (const Pair& pair : pairs) {
    for (const std::string& name : pair.sequence)
      names.push_back(table_of(name));
  }
  for (const Feature& feature : features) {
    if (feature.kind != "numeric") names.push_back(table_of(feature.name));
  }
  Json tables = Json::array();
  for (const std::string& name : unique(names))
    tables.push_back(table(name, at + "." + name + ".weight", out_of_table));
  return tables;
}

Json Features::of_user() const {
  Json fields = Json::array();
  for (const Feature& feature : features) {
    if (!feature.of_candidate && !contains(targets, feature.name))
      fields.push_back(field(*this, feature));
  }
  return fields;
}

Json Features::of_candidate() const {
  Json fields = Json::array();
  for (const std::string& target : targets)
    fields.push_back(id_field(target, table_of(target)));
  for (const Feature& feature : features) {
    if (feature.of_candidate && !contains(targets, feature.name))
      fields.push_back(field(*this, feature));
  }
  return fields;
}

Json Features::shared_copies() const {
  Json copies = Json::array();
  for (const auto& [name, unused] : shared_with)
    copies.push_back(at + "." + name + ".weight");
  return copies;
}

void Features::add_slots(Json& head_input) const {
  for (const Feature& feature : features) {
    const bool candidate = feature.of_candidate || contains(targets, feature.name);
    Json slot = {{candidate ? "candidate" : "feature", feature.name}};
    if (feature.kind == "numeric") slot["projection"] = at + "." + feature.name + ".weight";
    head_input.push_back(std::move(slot));
  }
}

std::vector<Parameter> feature_parameters() {
  return {
      ask::list(
          "features",
          "the features of the feature map in order, but for dien_sequence_field and "
          "dien_neg_seq_field; later version: and but for those with source: item",
          ask::object(
              "", "a feature",
              {ask::text("name", "its name"),
               ask::choice("kind", "its type",
                           {{"categorical", "one id"},
                            {"numeric", "one number"},
                            {"sum", "a sequence with the feature_encoder MaskedSumPooling"},
                            {"mean", "a sequence with the feature_encoder MaskedAveragePooling"}})
                   .with_default("categorical"),
               ask::choice(
                   "of", "whose it is, unless it is in dien_target_field",
                   {{"user", "the same for all candidates"}, {"candidate", "each candidate's own"}})
                   .with_default("user")})
              .with_shorthand("name")),
      names_of_pairs("dien_target_field",
                     "as in the model's configuration: a list of fields for each stack; later "
                     "version: one list, the features with source: item"),
      names_of_pairs("dien_sequence_field", "as in the model's configuration")
          .needed_if([](const Tensors& tensors, const Answers&) { return !is_later(tensors); },
                     "but for the later version, which has none"),
      ask::list("share_embedding",
                "features that share another one's table; its copy under their own name is left "
                "out",
                ask::object("", "a sharing feature",
                            {ask::text("name", "the feature"),
                             ask::text("with", "the feature whose table it is")}))
          .with_default(Json::array()),
  };
}

Features read_features(const Tensors& tensors, const Answers& answers) {
  Features features;
  features.later = is_later(tensors);
  features.at = features.later ? "embedding_layer.embedding_layer.embedding_layers"
                               : "embedding_layer.embedding_layers";
  features.pairs = read_pairs(tensors, answers, features.later);
  Names names;
  for (const Json& stated : answers.at("features")) {
    names.push_back(stated["name"].get<std::string>());
    features.features.push_back(
        {names.back(), stated["kind"].get<std::string>(), stated["of"] == "candidate"});
  }
  for (const Pair& pair : features.pairs)
    features.targets.insert(features.targets.end(), pair.target.begin(), pair.target.end());
  features.targets = unique(features.targets);
  for (const std::string& target : features.targets) {
    if (features.later || contains(names, target)) continue;
    tensors.refuse(
        "features must name the fields of dien_target_field too, where they stand in the feature "
        "map: their embeddings are a part of the head's input");
  }
  for (const Json& stated : answers.at("share_embedding")) {
    // The first of two answers for one feature counts.
    features.shared_with.emplace(stated["name"].get<std::string>(),
                                 stated["with"].get<std::string>());
  }
  return features;
}

}  // namespace augur::convert::fuxictr_model
