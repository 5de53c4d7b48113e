// DeepCTR's feature columns; see deepctr_keras_columns.h.
#include "libraries/deepctr_keras_columns.h"

#include <algorithm>

#include "libraries/pieces.h"

namespace augur::convert::deepctr_keras_model {
namespace {

bool has_name(const std::vector<Column>& columns, const std::string& name) {
  return std::any_of(columns.begin(), columns.end(),
                     [&name](const Column& column) { return column.name == name; });
}

std::vector<Column> read(const Json& stated) {
  std::vector<Column> columns;
  for (const Json& part : stated) {
    const std::string name = part["name"].get<std::string>();
    columns.push_back({name, part.value("embedding", name), part.value("of", "") == "candidate"});
    columns.back().combiner = part.value("combiner", "");
    columns.back().dimension = part.value("dimension", 0);
  }
  return columns;
}

Json slot_of(const Column& column) {
  return {{column.of_candidate ? "candidate" : "feature", column.name}};
}

Json dense_field(const Column& column) {
  if (column.dimension == 1) return {{"name", column.name}, {"kind", "number"}};
  return {{"name", column.name}, {"kind", "vector"}, {"dim", column.dimension}};
}

bool has_layer(const Tensors& tensors, const std::string& layer, const std::string& ends) {
  return tensors.has("*/" + layer + "/embeddings" + ends) ||
         tensors.has(layer + "/embeddings" + ends);
}

Parameter of_whom() {
  return ask::choice("of", "whom it belongs to",
                     {{"user", "the same for all candidates of a request"},
                      {"candidate", "each candidate's own"}})
      .with_default("user");
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
  std::vector<std::string> found;
  for (const std::string& layer : layers_of(table)) {
    if (has_layer(tensors, layer, ends)) found.push_back(layer);
  }
  if (found.empty()) {
    tensors.refuse("no embedding layer of the table \"" + table +
                   "\" is there: neither sparse_emb_" + table +
                   "/embeddings nor sparse_seq_emb_hist_... of a column that uses it. If its "
                   "columns have another embedding_name, state it as \"embedding\"");
  }
  if (found.size() > 1) {
    tensors.refuse("the table \"" + table +
                   "\" has several embedding layers; columns whose tables are kept apart need an "
                   "\"embedding\" each");
  }
  const std::string name = found.front() + "/embeddings" + ends;
  return tensors.has("*/" + name) ? tensors.only("*/" + name) : name;
}

Json Columns::tables(const Tensors& tensors, const std::string& ends,
                     const std::string& out_of_table) const {
  std::vector<std::string> names;
  for (const std::vector<Column>* columns : {&sparse, &history, &pooled}) {
    for (const Column& column : *columns)
      names.push_back(column.table);
  }
  Json tables = Json::array();
  for (const std::string& name : unique(names))
    tables.push_back(table(name, weights_of(tensors, ends, name), out_of_table));
  return tables;
}

Json Columns::fields(bool of_candidate) const {
  Json fields = Json::array();
  for (const Column& column : sparse) {
    if (column.of_candidate == of_candidate) fields.push_back(id_field(column.name, column.table));
  }
  for (const Column& column : pooled) {
    if (column.of_candidate == of_candidate)
      fields.push_back(ids_field(column.name, column.table, column.combiner, false));
  }
  for (const Column& column : dense) {
    if (column.of_candidate == of_candidate) fields.push_back(dense_field(column));
  }
  return fields;
}

Json Columns::behaviour() const {
  Json fields = Json::array();
  for (const Column& column : history)
    fields.push_back(id_field(column.name, column.table));
  return fields;
}

Json Columns::query() const {
  Json names = Json::array();
  for (const Column& column : sparse) {
    if (has_name(history, column.name)) names.push_back(column.name);
  }
  return names;
}

Json Columns::head_input(const std::string& stack) const {
  Json slots = Json::array();
  for (const Column& column : sparse)
    slots.push_back(slot_of(column));
  for (const Column& column : pooled)
    slots.push_back(slot_of(column));
  slots.push_back({{"result", stack}});
  for (const Column& column : dense)
    slots.push_back(slot_of(column));
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
                           .not_required()})
              .with_shorthand("name")),
      ask::list("sparse", "every SparseFeat, in the order of dnn_feature_columns",
                ask::object(
                    "", "one SparseFeat",
                    {ask::text("name", "its name"), embedding(),
                     ask::choice(
                         "of", "whom it belongs to; those named in \"history\" are the candidate's",
                         {{"user", "the same for all candidates of a request"},
                          {"candidate", "each candidate's own"}})
                         .with_default("user")})
                    .with_shorthand("name")),
      ask::list(
          "pooled",
          "every other VarLenSparseFeat, in the order of dnn_feature_columns; they need a "
          "length_name",
          ask::object(
              "", "one VarLenSparseFeat",
              {ask::text("name", "its name"), embedding(),
               ask::choice("combiner", "its combiner",
                           {{"sum", "sum"}, {"mean", "mean"}, {"max", "refused, with the reason"}})
                   .with_default("mean"),
               of_whom()})
              .with_shorthand("name"))
          .with_default(Json::array()),
      ask::list("dense",
                "every DenseFeat, in the order of dnn_feature_columns, as transform_fn leaves it",
                ask::object("", "one DenseFeat",
                            {ask::text("name", "its name"),
                             ask::integer("dimension", "its dimension").with_default(1), of_whom()})
                    .with_shorthand("name"))
          .with_default(Json::array()),
  };
}

Columns read_columns(const Tensors& tensors, const Answers& answers) {
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
  for (const Column& column : columns.pooled) {
    if (column.combiner == "max") {
      tensors.refuse("pooling by maximum (" + column.name +
                     ") is not in the model family; it has sum and mean");
    }
  }
  return columns;
}

}  // namespace augur::convert::deepctr_keras_model
