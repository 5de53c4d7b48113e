// DeepCTR's feature columns; see deepctr_keras_columns.h.
#include "libraries/deepctr_keras_columns.h"

#include <algorithm>

#include "libraries/deepctr.h"
#include "libraries/deepctr_keras_checks.h"
#include "libraries/pieces.h"
#include "text/text.h"

namespace augur::convert::deepctr_keras_model {
namespace {

using deepctr::group_name;
using deepctr::grouped;

bool has_name(const std::vector<Column>& columns, const std::string& name) {
  return std::any_of(columns.begin(), columns.end(),
                     [&name](const Column& column) { return column.name == name; });
}

std::vector<Column> read(const Json& stated) {
  std::vector<Column> columns;
  for (const Json& part : stated) {
    const std::string name = part["name"].get<std::string>();
    columns.push_back({name, part.value("embedding", name), part.value("group_name", ""),
                       part.value("of", "") == "candidate"});
    columns.back().combiner = part.value("combiner", "");
    columns.back().has_length = part.value("length_name", true);
    columns.back().dimension = part.value("dimension", 0);
    columns.back().hashing = stated_hashing(part, {});
  }
  return columns;
}

// Layers stand at the top of a file's names or below a scope.
std::vector<std::string> tables_like(const Tensors& tensors, const std::string& layer,
                                     const std::string& ends) {
  std::vector<std::string> names = tensors.names("*/" + layer + "/embeddings" + ends);
  return names.empty() ? tensors.names(layer + "/embeddings" + ends) : names;
}

// Where there is another table, those of the negative samples are their own.
std::vector<std::string> without_negatives(const std::vector<std::string>& tensors) {
  std::vector<std::string> rest;
  for (const std::string& tensor : tensors) {
    if (!matches("*sparse_seq_emb_neg_hist_*", tensor)) rest.push_back(tensor);
  }
  return rest;
}

std::string layer_of(const std::string& tensor) {
  const std::string path = tensor.substr(0, tensor.rfind('/'));
  return path.substr(path.rfind('/') + 1);
}

}  // namespace

// The names that the embedding layer of a table may have: it is named after the first column that
// uses it.
std::vector<std::string> Columns::layers_of(const std::string& table) const {
  std::vector<std::string> layers = {"sparse_emb_" + table};
  for (const char* kind : {"hist_", "neg_hist_"}) {
    for (const Column& column : history) {
      if (column.table == table) layers.push_back("sparse_seq_emb_" + (kind + column.name));
    }
  }
  for (const Column& column : pooled) {
    if (column.table == table) layers.push_back("sparse_seq_emb_" + column.name);
  }
  return unique(layers);
}

std::string Columns::weights_of(const Tensors& tensors, const std::string& ends,
                                const std::string& table) const {
  std::vector<std::string> found, numbered;
  for (const std::string& layer : layers_of(table)) {
    for (const std::string& name : tables_like(tensors, layer, ends))
      found.push_back(name);
    for (const std::string& name : tables_like(tensors, layer + "_#", ends))
      numbered.push_back(name);
  }
  if (found.empty()) found = without_other_layers(numbered);
  if (found.size() > 1) found = without_negatives(found);
  if (found.empty()) {
    tensors.refuse("no embedding layer of the table \"" + table +
                   "\" is there: neither sparse_emb_" + table +
                   "/embeddings nor sparse_seq_emb_hist_... of a column that uses it. If its "
                   "columns have another embedding_name, state it as \"embedding\"");
  }
  if (found.size() > 1) {
    tensors.refuse("the table \"" + table + "\" has several embedding layers (" +
                   join(found, ", ", true) +
                   "); columns whose tables are kept apart need an \"embedding\" each");
  }
  return found.front();
}

// Keras numbers the variables of the second model that a process builds: sparse_emb_user_1. Those
// of a table that is called so are no such variables.
std::vector<std::string> Columns::without_other_layers(
    const std::vector<std::string>& tensors) const {
  std::vector<std::string> stated, rest;
  for (const std::string& table : table_names()) {
    for (const std::string& layer : layers_of(table))
      stated.push_back(layer);
  }
  for (const std::string& tensor : tensors) {
    if (!contains(stated, layer_of(tensor))) rest.push_back(tensor);
  }
  return rest;
}

std::vector<std::string> Columns::table_names() const {
  std::vector<std::string> names;
  for (const std::vector<Column>* columns : {&sparse, &history, &pooled}) {
    for (const Column& column : *columns)
      names.push_back(column.table);
  }
  return unique(names);
}

Json Columns::tables(const Tensors& tensors, const std::string& ends,
                     const std::string& out_of_table) const {
  Json tables = Json::array();
  for (const std::string& name : table_names()) {
    Json described = table(name, weights_of(tensors, ends, name), out_of_table);
    const Use first = uses_of(name).front();
    const Hashing& hashing = first.column.hashing;
    const char* keys = hashing.has_strings() ? "string" : "integer";
    if (hashing.is_hashed()) {
      described["keys"] = keys;
      described["out_of_table"] = {{"hash", hash_at(first.column, first.place)}};
    } else if (hashing.has_vocabulary()) {
      described["vocabulary"] = {
          {"file", hashing.vocabulary_path}, {"form", "row_comma_key"}, {"keys", keys}};
      // Row 0, whether that is masked as padding or not.
      described["out_of_table"] = "padding_id";
    }
    tables.push_back(std::move(described));
  }
  return tables;
}

std::vector<Use> Columns::uses_of(const std::string& table) const {
  std::vector<Use> uses;
  for (const Column& column : sparse)
    uses.push_back({column, has_name(history, column.name) ? Place::kQuery : Place::kSparse});
  for (const Column& column : sparse) {
    if (has_name(history, column.name)) uses.push_back({column, Place::kHead});
  }
  for (const Column& column : history)
    uses.push_back({column, Place::kHistory});
  for (const Column& column : pooled)
    uses.push_back({column, Place::kPooled});
  uses.erase(std::remove_if(uses.begin(), uses.end(),
                            [&table](const Use& use) { return use.column.table != table; }),
             uses.end());
  return uses;
}

Json Columns::hash_at(const Column& column, Place place) const {
  return hash_of(column.hashing, column.rows, has_mask_zero(place, is_dien));
}

Json Columns::keyed(Json field, const Column& column, Place place) const {
  if (!column.hashing.is_hashed()) return field;
  const Use rule = uses_of(column.table).front();
  Json hash = hash_at(column, place);
  if (hash != hash_at(rule.column, rule.place)) field["hash"] = std::move(hash);
  return field;
}

std::string Columns::head_field(const std::string& column) const {
  std::string name = "head_" + column;
  while (has_name(sparse, name) || has_name(pooled, name) || has_name(dense, name))
    name.insert(0, "head_");
  return name;
}

bool Columns::is_hashed_twice(const Column& column) const {
  return is_dien && column.hashing.is_hashed() && has_name(history, column.name);
}

Json Columns::idle_tables(const Tensors& tensors, const std::string& ends) const {
  std::vector<std::string> used;
  for (const std::string& name : table_names())
    used.push_back(weights_of(tensors, ends, name));
  Json idle = Json::array();
  for (const std::string& name : tensors.names("*sparse_seq_emb_neg_hist_*/embeddings" + ends)) {
    if (!contains(used, name)) idle.push_back(name);
  }
  return idle;
}

Json Columns::fields(bool of_candidate) const {
  Json fields = Json::array();
  for (const Column& column : sparse) {
    if (column.of_candidate != of_candidate) continue;
    const Place place = has_name(history, column.name) ? Place::kQuery : Place::kSparse;
    fields.push_back(keyed(id_field(column.name, column.table), column, place));
  }
  for (const Column& column : sparse) {
    if (column.of_candidate != of_candidate || !is_hashed_twice(column)) continue;
    Json field = id_field(head_field(column.name), column.table);
    field["column"] = column.name;
    fields.push_back(keyed(std::move(field), column, Place::kHead));
  }
  for (const Column& column : pooled) {
    if (column.of_candidate != of_candidate) continue;
    Json field = ids_field(column.name, column.table, column.combiner, !column.has_length);
    if (column.hashing.use_hash && !column.has_length) {
      field["skip_zero"] = false;  // the mask is of rows
      field["skip_padding"] = true;
    }
    fields.push_back(keyed(std::move(field), column, Place::kPooled));
  }
  for (const Column& column : dense) {
    if (column.of_candidate == of_candidate)
      fields.push_back(values_field(column.name, column.dimension));
  }
  return fields;
}

Json Columns::behaviour() const {
  Json fields = Json::array();
  for (const Column& column : grouped(history))
    fields.push_back(keyed(id_field(column.name, column.table), column, Place::kHistory));
  return fields;
}

Json Columns::mask() const {
  const Column first = grouped(history).front();
  return {{first.hashing.use_hash ? "not_padding" : "non_zero", first.name}};
}

Json Columns::query() const {
  std::vector<Column> columns;
  for (const Column& column : sparse) {
    if (has_name(history, column.name)) columns.push_back(column);
  }
  Json names = Json::array();
  for (const Column& column : grouped(columns))
    names.push_back(column.name);
  return names;
}

Json Columns::head_input(const std::string& stack) const {
  Json slots = Json::array();
  for (const Column& column : grouped(sparse)) {
    const std::string field = is_hashed_twice(column) ? head_field(column.name) : column.name;
    slots.push_back(head_slot(field, column.of_candidate));
  }
  for (const Column& column : grouped(pooled))
    slots.push_back(head_slot(column.name, column.of_candidate));
  slots.push_back({{"result", stack}});
  for (const Column& column : dense)
    slots.push_back(head_slot(column.name, column.of_candidate));
  return slots;
}

std::vector<Parameter> column_parameters() {
  const auto embedding = [] {
    return ask::text("embedding", "its embedding_name, if that is another")
        .found_in("SparseFeat(..., embedding_name=)")
        .as_label()
        .not_required();
  };
  return {
      ask::list(
          "history",
          "history_feature_list, in the order in which the hist_ columns stand in "
          "dnn_feature_columns",
          ask::object(
              "", "one history column",
              ask::together({{ask::text("name",
                                        "the SparseFeat's name: without hist_; requests use "
                                        "it for the history and for the candidate")
                                  .found_in("VarLenSparseFeat(SparseFeat(name))"),
                              ask::text("embedding",
                                        "embedding_name of the hist_ column, if it is not "
                                        "that of the SparseFeat")
                                  .found_in("VarLenSparseFeat(SparseFeat(..., embedding_name=))")
                                  .as_label()
                                  .not_required(),
                              group_name()},
                             hashing_parameters(true)}))
              .with_shorthand("name"))
          .found_in("DIEN(..., history_feature_list), and the VarLenSparseFeat hist_NAME of "
                    "dnn_feature_columns"),
      ask::list(
          "sparse", "every SparseFeat, in the order of dnn_feature_columns",
          ask::object("", "one SparseFeat",
                      ask::together(
                          {{ask::text("name", "its name").found_in("SparseFeat(name)"), embedding(),
                            group_name()},
                           hashing_parameters(false),
                           {ask::whose("whether the user has it or each candidate; those named in "
                                       "\"history\" are the candidate's")}}))
              .with_shorthand("name"))
          .found_in("DIEN(dnn_feature_columns), DIN(dnn_feature_columns): the SparseFeat of it"),
      ask::list(
          "pooled", "every other VarLenSparseFeat, in the order of dnn_feature_columns",
          ask::object(
              "", "one VarLenSparseFeat",
              ask::together(
                  {{ask::text("name", "its name").found_in("VarLenSparseFeat(SparseFeat(name))"),
                    embedding(),
                    ask::choice(
                        "combiner", "its combiner",
                        {{"sum", "sum"}, {"mean", "mean"}, {"max", "the greatest of each unit"}})
                        .found_in("VarLenSparseFeat(..., combiner=)")
                        .with_default("mean"),
                    ask::boolean("length_name",
                                 "whether it has a length_name; without one, which only DIN can "
                                 "run, id 0 is padding")
                        .found_in("VarLenSparseFeat(..., length_name=)")
                        .with_default(true),
                    group_name()},
                   hashing_parameters(false),
                   {ask::whose("whether the user has it or each candidate")}}))
              .with_shorthand("name"))
          .found_in("DIEN(dnn_feature_columns), DIN(dnn_feature_columns): the VarLenSparseFeat of "
                    "it that are no hist_NAME")
          .with_default(Json::array()),
      ask::list("dense",
                "every DenseFeat, in the order of dnn_feature_columns, as transform_fn leaves it",
                ask::object("", "one DenseFeat",
                            {ask::text("name", "its name").found_in("DenseFeat(name)"),
                             ask::integer("dimension", "its dimension")
                                 .found_in("DenseFeat(..., dimension=)")
                                 .with_default(1),
                             ask::whose("whether the user has it or each candidate")})
                    .with_shorthand("name"))
          .found_in("DIEN(dnn_feature_columns), DIN(dnn_feature_columns): the DenseFeat of it")
          .with_default(Json::array()),
  };
}

Columns read_columns(const Tensors& tensors, const Answers& answers, const std::string& ends,
                     bool is_dien) {
  Columns columns;
  columns.is_dien = is_dien;
  columns.sparse = read(answers.at("sparse"));
  columns.history = read(answers.at("history"));
  columns.pooled = read(answers.at("pooled"));
  columns.dense = read(answers.at("dense"));
  for (Column& column : columns.sparse)
    column.of_candidate = column.of_candidate || has_name(columns.history, column.name);
  const Json& stated = answers.at("history");
  for (size_t i = 0; i < columns.history.size(); ++i) {
    Column& column = columns.history[i];
    const auto own = std::find_if(columns.sparse.begin(), columns.sparse.end(),
                                  [&](const Column& c) { return c.name == column.name; });
    if (own == columns.sparse.end()) {
      tensors.refuse("history names \"" + column.name +
                     "\", but \"sparse\" has no feature of that name: the candidate's own column "
                     "is needed too");
    }
    if (!stated[i].contains("embedding")) column.table = own->table;
    column.hashing = stated_hashing(stated[i], own->hashing);
  }
  check_columns(answers, columns);
  check_inputs(tensors, answers, columns);
  agree_hashing(tensors, answers, columns);
  for (std::vector<Column>* list : {&columns.sparse, &columns.history, &columns.pooled}) {
    for (Column& column : *list)
      column.rows = tensors.size(columns.weights_of(tensors, ends, column.table), 0);
  }
  check_hashing(tensors, answers, columns);
  return columns;
}

}  // namespace augur::convert::deepctr_keras_model
