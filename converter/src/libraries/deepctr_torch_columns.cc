// The columns of DeepCTR-Torch; see deepctr_torch_columns.h.
#include "libraries/deepctr_torch_columns.h"

#include "libraries/pieces.h"

namespace augur::convert::deepctr_torch_model {
namespace {

const SparseColumn* find(const std::vector<SparseColumn>& columns, const std::string& name) {
  for (const SparseColumn& column : columns) {
    if (column.name == name) return &column;
  }
  return nullptr;
}

std::string weights_of(const std::string& table) {
  return "embedding_dict." + table + ".weight";
}

std::vector<SparseColumn> read_sparse(const Answers& answers) {
  std::vector<SparseColumn> columns;
  for (const Json& stated : answers.at("sparse")) {
    const std::string name = stated["name"].get<std::string>();
    columns.push_back(
        {name, stated.value("embedding_name", name), stated["of"] == "candidate", false});
  }
  return columns;
}

// The names of history_order, or those of the history in the order of the sparse columns.
std::vector<std::string> history_order(const Tensors& tensors, const Answers& answers,
                                       const std::vector<SparseColumn>& sparse) {
  std::vector<std::string> query;
  for (const SparseColumn& column : sparse) {
    if (column.in_history) query.push_back(column.name);
  }
  if (!answers.has("history_order")) return query;
  const std::vector<std::string> order = answers.texts("history_order");
  bool fits = order.size() == query.size() && unique(order).size() == order.size();
  for (const std::string& name : order)
    fits = fits && contains(query, name);
  if (!fits) tensors.refuse("history_order must hold the names of history_feature_list, each once");
  return order;
}

Parameter whose(const std::string& about) {
  return ask::choice(
             "of", about,
             {{"user", "the same for all candidates"}, {"candidate", "each candidate's own"}})
      .with_default("user");
}

}  // namespace

std::vector<Parameter> column_parameters() {
  return {
      ask::list(
          "sparse", "the SparseFeat columns in the order of dnn_feature_columns",
          ask::object(
              "", "a column",
              {ask::text("name", "the column's name"),
               ask::text("embedding_name", "its table, if that has another name").not_required(),
               whose("whose it is, unless it is in history_feature_list")})
              .with_shorthand("name")),
      ask::list("history_feature_list",
                "DIEN's history_feature_list: the features that a behaviour has",
                ask::text("", "a name of sparse, without hist_")),
      ask::list("history_order",
                "the same names in the order of the VarLenSparseFeat columns, if that is not the "
                "order of sparse",
                ask::text("", "a name, without hist_"))
          .not_required(),
      ask::list("dense", "the DenseFeat columns in order",
                ask::object("", "a column",
                            {ask::text("name", "the column's name"),
                             ask::integer("dimension", "its dimension").with_default(1),
                             whose("whose it is")})
                    .with_shorthand("name"))
          .with_default(Json::array()),
  };
}

Columns read_columns(const Tensors& tensors, const Answers& answers) {
  Columns columns;
  columns.sparse = read_sparse(answers);
  const std::vector<std::string> features = answers.texts("history_feature_list");
  if (features.empty())
    tensors.refuse("history_feature_list is empty; name the features that a behaviour has");
  for (const std::string& name : features) {
    if (find(columns.sparse, name) == nullptr) {
      tensors.refuse(
          "history_feature_list has a name that sparse does not have; the candidate's features "
          "stand there too, without hist_");
    }
  }
  for (SparseColumn& column : columns.sparse) {
    column.in_history = contains(features, column.name);
    column.is_candidates = column.is_candidates || column.in_history;
  }
  for (const std::string& name : history_order(tensors, answers, columns.sparse)) {
    const std::string own = "hist_" + name;
    columns.history.push_back(
        {name, tensors.has(weights_of(own)) ? own : find(columns.sparse, name)->table, false,
         true});
  }
  for (const Json& stated : answers.at("dense")) {
    columns.dense.push_back({stated["name"].get<std::string>(), stated["dimension"].get<int64_t>(),
                             stated["of"] == "candidate"});
  }
  return columns;
}

Json Columns::tables(const std::string& out_of_table) const {
  std::vector<std::string> names;
  for (const SparseColumn& column : sparse)
    names.push_back(column.table);
  for (const SparseColumn& column : history)
    names.push_back(column.table);
  Json list = Json::array();
  for (const std::string& name : unique(names))
    list.push_back(table(name, weights_of(name), out_of_table));
  return list;
}

Json Columns::fields(bool of_candidate) const {
  Json list = Json::array();
  for (const SparseColumn& column : sparse) {
    if (column.is_candidates == of_candidate) list.push_back(id_field(column.name, column.table));
  }
  for (const DenseColumn& column : dense) {
    if (column.is_candidates != of_candidate) continue;
    Json field = {{"name", column.name}, {"kind", column.dimension == 1 ? "number" : "vector"}};
    if (column.dimension != 1) field["dim"] = column.dimension;
    list.push_back(std::move(field));
  }
  return list;
}

Json Columns::events() const {
  Json list = Json::array();
  for (const SparseColumn& column : history)
    list.push_back(id_field(column.name, column.table));
  return list;
}

Json Columns::query() const {
  Json list = Json::array();
  for (const SparseColumn& column : sparse) {
    if (column.in_history) list.push_back(column.name);
  }
  return list;
}

Json Columns::slots() const {
  Json list = Json::array();
  const auto add = [&list](const std::string& name, bool is_candidates) {
    list.push_back({{is_candidates ? "candidate" : "feature", name}});
  };
  for (const SparseColumn& column : sparse)
    add(column.name, column.is_candidates);
  for (const DenseColumn& column : dense)
    add(column.name, column.is_candidates);
  return list;
}

}  // namespace augur::convert::deepctr_torch_model
