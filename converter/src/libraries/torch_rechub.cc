// torch-rechub: torch_rechub.models.ranking.DIEN.
#include "libraries/all.h"
#include "libraries/pieces.h"

namespace augur::convert {
namespace {

// One of DIEN's features or target_features.
struct Feature {
  std::string name;
  std::string kind;  // sparse, mean or sum
  std::string table;
  bool skips_padding = false;
  bool of_candidate = false;
};

// One of DIEN's history_features: a stack of its own, which meets the target feature of its place.
struct History {
  std::string n;  // of interest_extractor_layers.N
  std::string name;
  std::string target;
  std::string table;
};

struct Columns {
  std::vector<History> histories;
  std::vector<Feature> targets;
  std::vector<Feature> others;

  std::vector<std::string> tables() const {
    std::vector<std::string> names;
    for (const Feature& target : targets)
      names.push_back(target.table);
    for (const History& history : histories)
      names.push_back(history.table);
    for (const Feature& other : others)
      names.push_back(other.table);
    return unique(names);
  }
};

bool recognises(const Tensors& tensors) {
  return tensors.has("embedding.embed_dict.*.weight") && tensors.has("mlp.mlp.#.weight") &&
         (tensors.has("interest_extractor_layers.#.weight_ih_l0") ||
          tensors.has("attention_layers.#.attention.mlp.#.weight"));
}

std::string table_of(const Json& feature) {
  return feature.value("shared_with", feature["name"].get<std::string>());
}

std::string tensor_of(const std::string& table) {
  return "embedding.embed_dict." + table + ".weight";
}

std::vector<Feature> read_targets(const Answers& answers) {
  std::vector<Feature> targets;
  for (const Json& stated : answers.at("target_features")) {
    targets.push_back({stated["name"].get<std::string>(), "sparse", table_of(stated), false, true});
  }
  return targets;
}

std::vector<Feature> read_features(const Tensors& tensors, const Answers& answers) {
  std::vector<Feature> features;
  for (const Json& stated : answers.at("features")) {
    const std::string name = stated["name"].get<std::string>();
    const std::string kind = stated["kind"].get<std::string>();
    if (kind == "dense") {
      tensors.refuse("features has the DenseFeature " + name +
                     ": its EmbeddingLayer drops it beside sparse features, while DIEN counts it "
                     "in the head's width, so torch-rechub cannot run this model itself");
    }
    features.push_back({name, kind, table_of(stated), stated["padding_idx"].get<bool>(),
                        stated["of"] == "candidate"});
  }
  return features;
}

// A history without a table of its own shares that of its target.
std::vector<History> read_histories(const Tensors& tensors, const Answers& answers,
                                    const std::vector<Feature>& targets) {
  const Json& stated = answers.at("history_features");
  const std::vector<int> modules = tensors.indices("interest_extractor_layers.#.weight_ih_l0");
  if (modules.size() != stated.size()) {
    tensors.refuse(
        "history_features has another number of names than the checkpoint has stacks "
        "(interest_extractor_layers.N)");
  }
  if (targets.size() < stated.size())
    tensors.refuse("target_features must have a name for each of history_features");
  std::vector<History> histories;
  for (size_t i = 0; i < stated.size(); ++i) {
    const std::string name = stated[i]["name"].get<std::string>();
    const bool has_own = tensors.has(tensor_of(name));
    histories.push_back({std::to_string(modules[i]), name, targets[i].name,
                         stated[i].value("shared_with", has_own ? name : targets[i].table)});
  }
  return histories;
}

Columns read_columns(const Tensors& tensors, const Answers& answers) {
  Columns columns;
  columns.targets = read_targets(answers);
  columns.histories = read_histories(tensors, answers, columns.targets);
  columns.others = read_features(tensors, answers);
  return columns;
}

Json field(const Feature& feature) {
  if (feature.kind == "sparse") return id_field(feature.name, feature.table);
  return ids_field(feature.name, feature.table, feature.kind, feature.skips_padding);
}

Json augru(const std::string& at) {
  const auto gates = [&at](const std::string& matrix) {
    return Json{
        {"concat", {at + "." + matrix + "u", at + "." + matrix + "r", at + "." + matrix + "h"}}};
  };
  Json input = gates("W"), recurrent = gates("U");
  input["along"] = recurrent["along"] = "outputs";
  return {{"kind", "augru"},
          {"form", "scale"},
          {"gates", {"u", "r", "c"}},
          {"update_gate", "share_of_candidate"},
          {"reset", "after_product"},
          {"orientation", "in_out"},
          {"input", input},
          {"recurrent", recurrent},
          {"bias", {{"input", gates("b")}, {"recurrent", nullptr}}}};
}

Json stack(const Answers& answers, const History& history) {
  const std::string evolution = "interest_evolving_layers." + history.n;
  const Json mask = answers.flag("padding_idx") ? Json{{"non_zero", history.name}} : Json("length");
  return {{"name", history.name},
          {"fields", Json::array({id_field(history.name, history.table)})},
          {"max_history", answers.integer("max_history")},
          {"mask", mask},
          {"query", Json::array({history.target})},
          {"extractor", Json::array({torch_gru("interest_extractor_layers." + history.n)})},
          {"attention",
           {{"kind", "bilinear"},
            {"query_projection", nullptr},
            {"weight", evolution + ".Wa"},
            {"axes", {"key", "query"}},
            {"score_scale", 1},
            {"softmax", true}}},
          {"result", "evolution"},
          {"evolution", augru(evolution + ".augru_cell")}};
}

// Linear, BatchNorm, Dice; three modules a layer.
Json head_layers(const Tensors& tensors) {
  const std::string at = "mlp.mlp.";
  const std::vector<int> linears =
      without(tensors.indices(at + "#.bias"), tensors.indices(at + "#.running_mean"));
  Json layers = Json::array();
  for (const int n : linears) {
    if (n == linears.back()) {
      layers.push_back(torch_linear(at + std::to_string(n), "none"));
      break;
    }
    Json layer =
        torch_linear(at + std::to_string(n), {{"kind", "dice_rowwise"},
                                              {"epsilon", 1e-3},
                                              {"alpha", at + std::to_string(n + 2) + ".alpha"}});
    layer["batch_norm"] = torch_batch_norm(at + std::to_string(n + 1), "before_activation");
    layers.push_back(std::move(layer));
  }
  return layers;
}

void check_model(const Tensors& tensors) {
  if (tensors.has("interest_evolving_layers.#.augru_cell.Wa")) {
    tensors.refuse(
        "trained with a release before 24 April 2026, whose attention is broken: it takes the "
        "softmax over an axis of size 1, so that every step has attention 1, and starts from a "
        "random state, so that its scores change from call to call. There is nothing to "
        "reproduce; train again with a later release (its key is interest_evolving_layers.N.Wa)");
  }
  if (!tensors.has("interest_extractor_layers.0.weight_ih_l0")) {
    tensors.refuse(
        "a DIN (attention_layers without interest_extractor_layers): it has a head and an "
        "attention, but no sequence network to convert as a DIEN; describe it with --model "
        "(docs/conversion.md)");
  }
}

Json describe(const Tensors& tensors, const Answers& answers) {
  check_model(tensors);
  const Columns columns = read_columns(tensors, answers);
  Json tables = Json::array(), features = Json::array(), candidate = Json::array();
  Json stacks = Json::array(), head_input = Json::array();
  for (const std::string& name : columns.tables())
    tables.push_back(table(name, tensor_of(name), answers.text("out_of_table")));
  for (const History& history : columns.histories) {
    stacks.push_back(stack(answers, history));
    head_input.push_back({{"result", history.name}});
  }
  for (const Feature& target : columns.targets) {
    candidate.push_back(field(target));
    head_input.push_back({{"candidate", target.name}});
  }
  for (const Feature& other : columns.others) {
    (other.of_candidate ? candidate : features).push_back(field(other));
    head_input.push_back({{other.of_candidate ? "candidate" : "feature", other.name}});
  }
  return {{"name", "torch-rechub AUGRU"},
          {"orientation", "out_in"},
          {"tables", tables},
          {"features", features},
          {"candidate", candidate},
          {"stacks", stacks},
          {"head", {{"input", head_input}, {"layers", head_layers(tensors)}}},
          {"output", {{"kind", "sigmoid"}}}};
}

Parameter shared_with(const std::string& about) {
  return ask::text("shared_with", about).not_required();
}

}  // namespace

Library torch_rechub() {
  Library library;
  library.name = "torch-rechub";
  library.title = "torch-rechub's DIEN: AUGRU, one stack per history feature";
  library.about =
      "State dicts of torch_rechub.models.ranking.DIEN as it is since April 2026. Each history "
      "feature is a\nsequence with a GRU, an attention and an AUGRU of its own, and meets the "
      "target feature of its place.";
  library.assumes = {
      "embedding.embed_dict.<feature>.weight; a history feature without its own shares the table "
      "of its target feature",
      "interest_extractor_layers.N.*: torch.nn.GRU, rows r, z, n, two biases, reset after the "
      "product, z the share of the old state",
      "interest_evolving_layers.N.Wa: score = h Wa e_a, softmax over the real steps",
      "interest_evolving_layers.N.augru_cell.*: x W, one bias, reset after the product, share of "
      "the new state a u",
      "head input: the states of all history features, the target features, the features, each in "
      "order",
      "mlp.mlp.*: Linear, BatchNorm (epsilon 1e-5), Dice per sample over the layer's units "
      "(epsilon 1e-3 in the sum of squares, one alpha); the last Linear gives the logit",
      "an event counts unless its id is 0 (padding_idx=0); an empty history gives state 0; row 0 "
      "of a table is padding",
  };
  library.recognised_by =
      "embedding.embed_dict.*.weight, interest_extractor_layers.* and mlp.mlp.*";
  library.recognises = recognises;
  library.describe = describe;
  library.parameters = {
      ask::list("history_features", "DIEN's history_features in order",
                ask::object("", "a feature",
                            {ask::text("name", "its name"),
                             shared_with("whose table it has, if neither its own nor that of the "
                                         "target feature of its place")})
                    .with_shorthand("name")),
      ask::list("target_features",
                "DIEN's target_features in order; the first ones meet the history features",
                ask::object("", "a feature",
                            {ask::text("name", "its name"),
                             shared_with("whose table it has, if not its own")})
                    .with_shorthand("name")),
      ask::list(
          "features", "DIEN's features in order",
          ask::object(
              "", "a feature",
              {ask::text("name", "its name"), shared_with("whose table it has, if not its own"),
               ask::choice("kind", "its class",
                           {{"sparse", "SparseFeature"},
                            {"mean", "SequenceFeature with pooling 'mean'"},
                            {"sum", "SequenceFeature with pooling 'sum'"},
                            {"dense", "refused: torch-rechub cannot run it"}})
                   .with_default("sparse"),
               ask::boolean("padding_idx",
                            "of a SequenceFeature: whether padding_idx=0 leaves id 0 out of the "
                            "pooling")
                   .with_default(true),
               ask::choice(
                   "of", "whose it is",
                   {{"user", "the same for all candidates"}, {"candidate", "each candidate's own"}})
                   .with_default("user")})
              .with_shorthand("name")),
      ask::boolean("padding_idx",
                   "whether the history features have padding_idx=0, as the library demands; "
                   "without it every id of a history counts, 0 too")
          .with_default(true),
      ask::max_history("the newest so many events are kept, as in training"),
      ask::out_of_table(),
  };
  return library;
}

}  // namespace augur::convert
