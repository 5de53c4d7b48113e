// DeepCTR's feature columns; see deepctr_keras_columns.h.
#include "libraries/deepctr_keras_columns.h"

#include <algorithm>

#include "libraries/deepctr.h"
#include "libraries/keras_layers.h"
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

// An input has the column's name.
void check_input(const Tensors& tensors, const Answers& answers, const std::string& answer,
                 const std::string& input) {
  if (!idle_layers(tensors, input).empty()) return;
  answers.fail(answer, "the checkpoint names the model's inputs, and none of them is '" + input +
                           "'; the columns are stated as their names are");
}

// Keras' HDF5 has a group for every layer, inputs among them.
void check_layers(const Tensors& tensors, const Answers& answers, const Columns& columns) {
  if (idle_layers(tensors, "hist_*").empty()) return;
  for (const Column& column : columns.sparse)
    check_input(tensors, answers, "sparse", column.name);
  for (const Column& column : columns.history)
    check_input(tensors, answers, "history", "hist_" + column.name);
  for (const Column& column : columns.pooled)
    check_input(tensors, answers, "pooled", column.name);
  for (const Column& column : columns.dense)
    check_input(tensors, answers, "dense", column.name);
  const size_t pooled = idle_layers_of(tensors, "sequence_pooling_layer").size();
  if (pooled != columns.pooled.size()) {
    answers.fail("pooled", std::to_string(columns.pooled.size()) +
                               " were stated, but the checkpoint names " + std::to_string(pooled) +
                               " layers sequence_pooling_layer: one for every VarLenSparseFeat "
                               "beside the history");
  }
}

void check_columns(const Answers& answers, const Columns& columns, bool is_dien) {
  if (columns.history.empty())
    answers.fail("history", "it is empty; name the features that a behaviour has");
  for (const Column& column : columns.pooled) {
    if (!is_dien || column.has_length) continue;
    answers.fail("pooled", augur::quoted(column.name) +
                               " has no length_name; DIEN's tables have no mask_zero, so that the "
                               "library cannot run it without one");
  }
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
  for (const std::string& name : table_names())
    tables.push_back(table(name, weights_of(tensors, ends, name), out_of_table));
  return tables;
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
    if (column.of_candidate == of_candidate) fields.push_back(id_field(column.name, column.table));
  }
  for (const Column& column : pooled) {
    if (column.of_candidate == of_candidate)
      fields.push_back(ids_field(column.name, column.table, column.combiner, !column.has_length));
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
    fields.push_back(id_field(column.name, column.table));
  return fields;
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
  for (const Column& column : grouped(sparse))
    slots.push_back(head_slot(column.name, column.of_candidate));
  for (const Column& column : grouped(pooled))
    slots.push_back(head_slot(column.name, column.of_candidate));
  slots.push_back({{"result", stack}});
  for (const Column& column : dense)
    slots.push_back(head_slot(column.name, column.of_candidate));
  return slots;
}

std::vector<Parameter> column_parameters() {
  const auto embedding = [] {
    return ask::text("embedding", "its embedding_name, if that is another").not_required();
  };
  return {
      ask::list(
          "history",
          "history_feature_list, in the order in which the hist_ columns stand in "
          "dnn_feature_columns",
          ask::object("", "one history column",
                      {ask::text("name",
                                 "the SparseFeat's name: without hist_; requests use it for the "
                                 "history and for the candidate"),
                       ask::text("embedding",
                                 "embedding_name of the hist_ column, if it is not that of the "
                                 "SparseFeat")
                           .not_required(),
                       group_name()})
              .with_shorthand("name")),
      ask::list("sparse", "every SparseFeat, in the order of dnn_feature_columns",
                ask::object("", "one SparseFeat",
                            {ask::text("name", "its name"), embedding(), group_name(),
                             ask::whose("whether the user has it or each candidate; those named in "
                                        "\"history\" are the candidate's")})
                    .with_shorthand("name")),
      ask::list(
          "pooled", "every other VarLenSparseFeat, in the order of dnn_feature_columns",
          ask::object(
              "", "one VarLenSparseFeat",
              {ask::text("name", "its name"), embedding(),
               ask::choice("combiner", "its combiner",
                           {{"sum", "sum"}, {"mean", "mean"}, {"max", "the greatest of each unit"}})
                   .with_default("mean"),
               ask::boolean("length_name",
                            "whether it has a length_name; without one, which only DIN can run, id "
                            "0 is padding")
                   .with_default(true),
               group_name(), ask::whose("whether the user has it or each candidate")})
              .with_shorthand("name"))
          .with_default(Json::array()),
      ask::list("dense",
                "every DenseFeat, in the order of dnn_feature_columns, as transform_fn leaves it",
                ask::object("", "one DenseFeat",
                            {ask::text("name", "its name"),
                             ask::integer("dimension", "its dimension").with_default(1),
                             ask::whose("whether the user has it or each candidate")})
                    .with_shorthand("name"))
          .with_default(Json::array()),
  };
}

Columns read_columns(const Tensors& tensors, const Answers& answers, bool is_dien) {
  Columns columns;
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
  }
  check_columns(answers, columns, is_dien);
  check_layers(tensors, answers, columns);
  return columns;
}

}  // namespace augur::convert::deepctr_keras_model
