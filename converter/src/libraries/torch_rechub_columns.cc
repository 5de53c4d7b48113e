// torch-rechub's features; see torch_rechub_columns.h.
#include "libraries/torch_rechub_columns.h"

#include <algorithm>

#include "libraries/pieces.h"
#include "text/text.h"

namespace augur::convert::torch_rechub_model {
namespace {

Parameter shared_with(const std::string& about) {
  return ask::text("shared_with", about)
      .found_in("SparseFeature(..., shared_with=), SequenceFeature(..., shared_with=)")
      .not_required();
}

std::string table_of(const Json& feature) {
  return feature.value("shared_with", feature["name"].get<std::string>());
}

std::vector<Feature> read_targets(const Answers& answers) {
  std::vector<Feature> targets;
  for (const Json& stated : answers.at("target_features")) {
    Feature target;
    target.name = stated["name"].get<std::string>();
    target.kind = "sparse";
    target.table = table_of(stated);
    target.of_candidate = true;
    targets.push_back(std::move(target));
  }
  return targets;
}

// What EmbeddingLayer cannot pool, or what the models cannot put into their heads.
void check_kind(const Tensors& tensors, const Answers& answers, const Feature& feature) {
  if (feature.kind == "dense" && !is_dien(tensors)) {
    answers.fail("features", "DIN's EmbeddingLayer drops the DenseFeature " + feature.name +
                                 " beside sparse features, while DIN counts it in the head's "
                                 "width, so torch-rechub cannot run this model itself");
  }
  if (feature.kind == "max") {
    answers.fail("features", "the SequenceFeature " + feature.name +
                                 " has pooling 'max', which torch-rechub does not have: its "
                                 "EmbeddingLayer raises ValueError. State 'mean' or 'sum'");
  }
  if (feature.kind == "concat") {
    answers.fail("features", "the SequenceFeature " + feature.name +
                                 " has pooling 'concat', which gives a row for each id, while the "
                                 "head's width counts one, so torch-rechub cannot run this model "
                                 "itself; only history_features are sequences of that kind");
  }
  if (feature.padding_idx < kNoPadding) {
    answers.fail("features", "padding_idx of " + feature.name +
                                 " is a row, or -1 for none; found " +
                                 std::to_string(feature.padding_idx));
  }
}

std::vector<Feature> read_features(const Tensors& tensors, const Answers& answers) {
  std::vector<Feature> features;
  for (const Json& stated : answers.at("features")) {
    Feature feature;
    feature.name = stated["name"].get<std::string>();
    feature.kind = stated["kind"].get<std::string>();
    feature.of_candidate = stated["of"] == "candidate";
    feature.dim = stated["dim"].get<int64_t>();
    if (feature.kind != "dense") feature.table = table_of(stated);
    if (feature.kind != "dense" && feature.kind != "sparse")
      feature.padding_idx = stated["padding_idx"].get<int64_t>();
    check_kind(tensors, answers, feature);
    features.push_back(std::move(feature));
  }
  if (features.empty())
    answers.fail("features", "the library's EmbeddingLayer raises ValueError without features");
  return features;
}

// A history without a table of its own shares that of its target.
std::vector<History> read_histories(const Tensors& tensors, const Answers& answers,
                                    const std::vector<Feature>& targets) {
  const Json& stated = answers.at("history_features");
  const std::string modules = is_dien(tensors) ? "interest_extractor_layers" : "attention_layers";
  const std::vector<int> numbers = is_dien(tensors)
                                       ? tensors.indices(modules + ".#.weight_ih_l0")
                                       : tensors.indices(modules + ".#.attention.mlp.*.bias");
  if (numbers.size() != stated.size()) {
    tensors.refuse("history_features has another number of names than the checkpoint has stacks (" +
                   modules + ".N)");
  }
  if (targets.size() < stated.size())
    tensors.refuse("target_features must have a name for each of history_features");
  std::vector<History> histories;
  for (size_t i = 0; i < stated.size(); ++i) {
    const std::string name = stated[i]["name"].get<std::string>();
    const bool has_own = tensors.has(weights_of(name));
    histories.push_back({std::to_string(numbers[i]), name, targets[i].name,
                         stated[i].value("shared_with", has_own ? name : targets[i].table)});
  }
  return histories;
}

// EmbeddingLayer puts the rows of one argument into one tensor.
void check_dims(const Tensors& tensors, const std::string& argument,
                const std::vector<std::string>& tables) {
  for (const std::string& table : tables) {
    const int64_t first = tensors.size(weights_of(tables[0]), 1);
    const int64_t dim = tensors.size(weights_of(table), 1);
    if (dim == first) continue;
    tensors.refuse(argument + " have embeddings of " + std::to_string(first) + " (" + tables[0] +
                   ") and of " + std::to_string(dim) + " (" + table +
                   "), which the library's EmbeddingLayer cannot put together; some table is "
                   "another feature's");
  }
}

template <typename T>
std::vector<std::string> tables_of(const std::vector<T>& features) {
  std::vector<std::string> tables;
  for (const T& feature : features) {
    if (!feature.table.empty()) tables.push_back(feature.table);
  }
  return tables;
}

// embed_dict has a table for each feature without shared_with: those of features, of
// history_features, of neg_history_features and of target_features, in this order.
void check_order(const Columns& columns, const Tensors& tensors, const Answers& answers) {
  const std::optional<std::vector<std::string>> names = tensors.in_file_order(weights_of("*"));
  if (!names) return;
  std::vector<std::string> stated;
  const auto add = [&stated](const auto& features) {
    for (const auto& feature : features) {
      if (feature.table == feature.name) stated.push_back(feature.table);
    }
  };
  add(columns.others);
  add(columns.histories);
  add(columns.targets);
  stated = unique(stated);
  std::vector<std::string> found;
  for (const std::string& name : *names) {
    for (const std::string& table : stated) {
      if (name == weights_of(table)) found.push_back(table);
    }
  }
  if (found.size() != stated.size()) return;
  const bool is_proof = !std::is_sorted(found.begin(), found.end());
  answers.agree_order("features", "the tables of features, history_features and target_features",
                      stated, found, is_proof,
                      is_proof ? "a state dict keeps the order of the model's features"
                               : "It is ascending, so it is that of the features or of a writer "
                                 "that sorts");
}

// The library sets row padding_idx of a table to 0, and nothing trains it. Loaded embeddings may
// differ, so this is no proof.
void compare_padding_row(const Tensors& tensors, const Answers& answers, const std::string& table,
                         int64_t padding_idx) {
  const std::string weights = weights_of(table);
  const int64_t row = padding_idx == kNoPadding ? 0 : padding_idx;
  if (!tensors.has(weights) || row >= tensors.size(weights, 0)) return;
  const checkpoint::Checkpoint& file = tensors.checkpoint();
  const std::vector<float> values = file.read(file.get(weights));
  const auto dim = static_cast<std::ptrdiff_t>(tensors.size(weights, 1));
  const auto begin = values.begin() + static_cast<std::ptrdiff_t>(row) * dim;
  const bool is_zero = std::all_of(begin, begin + dim, [](float value) { return value == 0; });
  if (is_zero == (padding_idx != kNoPadding)) return;
  answers.warn("padding_idx of " + table +
               (is_zero ? ": none was stated (-1), but row 0 of its table is 0, as the library "
                          "makes it for padding_idx 0"
                        : ": " + std::to_string(padding_idx) +
                              " was stated, but that row of its "
                              "table is not 0, as the library would have made it") +
               "; compare with the library's scores (--expect)");
}

// Tables that are shared have the row that their owner's padding_idx makes.
void compare_padding_rows(const Columns& columns, const Tensors& tensors, const Answers& answers) {
  for (const History& history : columns.histories) {
    if (history.table == history.name)
      compare_padding_row(tensors, answers, history.table, columns.history_padding);
  }
  for (const Feature& feature : columns.others) {
    const bool is_pooled = feature.kind == "mean" || feature.kind == "sum";
    if (is_pooled && feature.table == feature.name)
      compare_padding_row(tensors, answers, feature.table, feature.padding_idx);
  }
}

Json field(const Feature& feature) {
  if (feature.kind == "sparse") return id_field(feature.name, feature.table);
  if (feature.kind == "dense") return values_field(feature.name, feature.dim);
  Json pooled = ids_field(feature.name, feature.table, feature.kind, feature.padding_idx == 0);
  if (feature.padding_idx > 0) pooled["skip_padding"] = true;
  return pooled;
}

}  // namespace

bool is_dien(const Tensors& tensors) {
  return tensors.has("interest_extractor_layers.#.weight_ih_l0");
}

std::string weights_of(const std::string& table) {
  return "embedding.embed_dict." + table + ".weight";
}

std::vector<Parameter> column_parameters() {
  return {
      ask::list(
          "history_features", "the model's history_features in order",
          ask::object(
              "", "a feature",
              {ask::text("name", "its name").found_in("SequenceFeature(name)"),
               shared_with("the feature whose table it shares, if neither its own nor that of the "
                           "target feature of its place")})
              .with_shorthand("name"))
          .found_in("DIEN(..., history_features=), DIN(..., history_features=)"),
      ask::list(
          "target_features",
          "the model's target_features in order; the first ones meet the history features",
          ask::object(
              "", "a feature",
              {ask::text("name", "its name").found_in("SparseFeature(name)"),
               shared_with("the feature whose table it shares, if it has no table of its own")})
              .with_shorthand("name"))
          .found_in("DIEN(..., target_features=), DIN(..., target_features=)"),
      ask::list(
          "features", "the model's features in order",
          ask::object(
              "", "a feature",
              {ask::text("name", "its name")
                   .found_in("SparseFeature(name), SequenceFeature(name), DenseFeature(name)"),
               shared_with("the feature whose table it shares, if it has no table of its own"),
               ask::choice("kind", "its class",
                           {{"sparse", "SparseFeature"},
                            {"mean", "SequenceFeature with pooling 'mean'"},
                            {"sum", "SequenceFeature with pooling 'sum'"},
                            {"dense", "DenseFeature, in DIEN"},
                            {"concat", "refused: the library cannot run it here"},
                            {"max", "refused: the library does not have it"}})
                   .found_in("the class, and SequenceFeature(..., pooling=)")
                   .with_default("sparse"),
               ask::integer("padding_idx",
                            "of a SequenceFeature: its padding_idx, an id that the pooling leaves "
                            "out; -1 for none")
                   .found_in("SequenceFeature(..., padding_idx=)")
                   .with_default(0),
               ask::integer("dim", "of a DenseFeature: its embed_dim")
                   .found_in("DenseFeature(..., embed_dim=)")
                   .with_default(1),
               ask::whose("whether the user has it or each candidate")})
              .with_shorthand("name"))
          .found_in("DIEN(features=), DIN(features=)"),
      ask::integer(
          "padding_idx",
          "padding_idx of the history features: the id that histories are padded with, "
          "and that is no event; -1 for none, against the advice of the library's DIEN: every "
          "row of a padded history counts, and padding is id 0")
          .found_in("SequenceFeature(..., padding_idx=)")
          .with_default(0),
  };
}

Columns read_columns(const Tensors& tensors, const Answers& answers) {
  Columns columns;
  columns.targets = read_targets(answers);
  columns.histories = read_histories(tensors, answers, columns.targets);
  columns.others = read_features(tensors, answers);
  columns.history_padding = answers.integer("padding_idx");
  if (columns.history_padding < kNoPadding)
    answers.fail("padding_idx", "expected a row of the history's table, or -1 for none");
  check_dims(tensors, "history_features", tables_of(columns.histories));
  check_dims(tensors, "target_features", tables_of(columns.targets));
  check_dims(tensors, "features", tables_of(columns.others));
  check_order(columns, tensors, answers);
  compare_padding_rows(columns, tensors, answers);
  return columns;
}

Json idle_tables(const Columns& columns, const Tensors& tensors, const Answers& answers) {
  Json patterns = Json::array();
  if (!is_dien(tensors)) return patterns;
  const std::vector<std::string> used = columns.table_names();
  for (const std::string& name : tensors.names(weights_of("*"))) {
    const bool is_used = std::any_of(used.begin(), used.end(), [&name](const std::string& table) {
      return weights_of(table) == name;
    });
    if (is_used || is_ignored(name, answers.at("ignore"))) continue;
    if (patterns.size() == columns.histories.size()) {
      tensors.refuse(name +
                     " belongs to no feature that was stated, and neg_history_features "
                     "cannot have so many tables");
    }
    patterns.push_back(name);
    answers.warn(name +
                 " is left out: no feature that was stated has it, and the head's width leaves no "
                 "place for another, so that it is the table of one of neg_history_features");
  }
  return patterns;
}

std::vector<std::string> Columns::table_names() const {
  std::vector<std::string> names = tables_of(targets);
  for (const std::string& name : tables_of(histories))
    names.push_back(name);
  for (const std::string& name : tables_of(others))
    names.push_back(name);
  return unique(names);
}

Json Columns::tables(const Tensors& tensors, const std::string& out_of_table) const {
  std::map<std::string, int64_t> rows;
  const auto pad = [&](const std::string& table, int64_t row) {
    if (row == kNoPadding) return;
    const auto [at, is_new] = rows.emplace(table, row);
    if (!is_new && at->second != row) {
      tensors.refuse("the features that share the table " + table + " have padding_idx " +
                     std::to_string(at->second) + " and " + std::to_string(row) +
                     "; a table has one padding row here");
    }
  };
  for (const History& history : histories)
    pad(history.table, history_padding);
  for (const Feature& feature : others)
    pad(feature.table, feature.padding_idx);
  Json list = Json::array();
  for (const std::string& name : table_names()) {
    Json one = table(name, weights_of(name), out_of_table);
    if (const auto row = rows.find(name); row != rows.end()) one["padding_row"] = row->second;
    list.push_back(std::move(one));
  }
  return list;
}

Json Columns::fields(bool of_candidate) const {
  Json list = Json::array();
  for (const std::vector<Feature>* features : {&targets, &others}) {
    for (const Feature& feature : *features) {
      if (feature.of_candidate == of_candidate) list.push_back(field(feature));
    }
  }
  return list;
}

Json Columns::head_slots() const {
  Json list = Json::array();
  const auto add = [&list](const std::vector<Feature>& features, bool dense) {
    for (const Feature& feature : features) {
      if ((feature.kind == "dense") == dense)
        list.push_back(head_slot(feature.name, feature.of_candidate));
    }
  };
  add(targets, false);
  add(others, false);
  add(others, true);
  return list;
}

}  // namespace augur::convert::torch_rechub_model
