// The columns of DeepCTR-Torch; see deepctr_torch_columns.h.
#include "libraries/deepctr_torch_columns.h"

#include <algorithm>
#include <optional>

#include "error.h"
#include "libraries/deepctr.h"
#include "libraries/deepctr_torch_tables.h"
#include "libraries/pieces.h"
#include "text/text.h"

namespace augur::convert::deepctr_torch_model {
namespace {

using deepctr::group_name;
using deepctr::grouped;
using deepctr::kDefaultGroup;

const SparseColumn* find(const std::vector<SparseColumn>& columns, const std::string& name) {
  for (const SparseColumn& column : columns) {
    if (column.name == name) return &column;
  }
  return nullptr;
}

std::vector<std::string> names_of(const std::vector<SparseColumn>& columns) {
  std::vector<std::string> names;
  for (const SparseColumn& column : columns)
    names.push_back(column.name);
  return names;
}

std::vector<std::string> tables_of(const std::vector<SparseColumn>& columns) {
  std::vector<std::string> tables;
  for (const SparseColumn& column : columns)
    tables.push_back(column.table);
  return unique(tables);
}

std::vector<SparseColumn> in_history(const std::vector<SparseColumn>& columns) {
  std::vector<SparseColumn> chosen;
  for (const SparseColumn& column : columns) {
    if (column.in_history) chosen.push_back(column);
  }
  return chosen;
}

// ----------------------------------------------------------------------------------- the answers

Parameter embedding_name() {
  return ask::text("embedding_name", "its table, if that has another name")
      .found_in("SparseFeat(..., embedding_name=), VarLenSparseFeat(...)")
      .not_required();
}

std::vector<SparseColumn> read_sparse(const Tensors& tensors, const Answers& answers) {
  std::vector<SparseColumn> columns;
  if (!answers.has("sparse")) {
    const std::vector<std::string> told = *told_sparse(tensors, answers);
    for (const std::string& name : told)
      columns.push_back({name, name, kDefaultGroup});
    answers.warn("sparse: the columns are taken from the file's order of the tables: " +
                 join(told, ", ", true) +
                 "; all but those of the history are features of the user. Where a column is each "
                 "candidate's own or has a group_name, state sparse");
    return columns;
  }
  std::vector<std::string> hashed;
  for (const Json& stated : answers.at("sparse")) {
    const std::string name = stated["name"].get<std::string>();
    columns.push_back({name, stated.value("embedding_name", name),
                       stated["group_name"].get<std::string>(), stated["of"] == "candidate"});
    if (stated["use_hash"].get<bool>()) hashed.push_back(name);
  }
  if (!hashed.empty()) {
    answers.warn("sparse: use_hash of " + join(hashed, ", ", true) +
                 " changes nothing: DeepCTR-Torch hashes no ids (it prints so); requests give the "
                 "rows of the table, as the library's input does");
  }
  const std::vector<std::string> tables = tables_of(columns);
  const std::optional<TableOrder> order = table_order(tensors);
  if (!order || order->names.size() < tables.size()) return columns;
  for (const std::string& table : tables) {
    if (!contains(order->names, table)) return columns;  // the description's error names it
  }
  const auto first = order->names.begin();
  check_order(answers, "sparse", tables,
              {first, first + static_cast<std::ptrdiff_t>(tables.size())}, !order->is_ascending);
  return columns;
}

void mark_history(std::vector<SparseColumn>& sparse, const Tensors& tensors,
                  const Answers& answers) {
  const std::vector<std::string> features = answers.has("history_feature_list")
                                                ? answers.texts("history_feature_list")
                                                : *told_history(tensors);
  if (features.empty())
    tensors.refuse("history_feature_list is empty; name the features that a behaviour has");
  for (const std::string& name : features) {
    if (find(sparse, name) == nullptr) {
      tensors.refuse(
          "history_feature_list has a name that sparse does not have; the candidate's features "
          "stand there too, without hist_: " +
          augur::quoted(name) + did_you_mean(name, names_of(sparse)));
    }
  }
  for (SparseColumn& column : sparse) {
    column.in_history = contains(features, column.name);
    column.is_candidates = column.is_candidates || column.in_history;
  }
}

// The table of a hist_ column: its own, or the candidate's.
std::string history_table(const Tensors& tensors, const SparseColumn& candidates) {
  const std::string own = "hist_" + candidates.name;
  return tensors.has(weights_of(own)) ? own : candidates.table;
}

// The hist_ columns as history_order has them, or in the order of the sparse columns.
std::vector<SparseColumn> stated_history(const Tensors& tensors, const Answers& answers,
                                         const std::vector<SparseColumn>& sparse) {
  const std::vector<SparseColumn> query = in_history(sparse);
  std::vector<SparseColumn> columns;
  if (!answers.has("history_order")) {
    for (const SparseColumn& column : query)
      columns.push_back({column.name, history_table(tensors, column), kDefaultGroup, false, true});
    return columns;
  }
  for (const Json& stated : answers.at("history_order")) {
    const std::string name = stated["name"].get<std::string>();
    const SparseColumn* candidates = find(query, name);
    if (candidates == nullptr || find(columns, name) != nullptr) break;
    columns.push_back({name, stated.value("embedding_name", history_table(tensors, *candidates)),
                       stated["group_name"].get<std::string>(), false, true});
  }
  if (columns.size() != query.size() || columns.size() != answers.at("history_order").size())
    tensors.refuse("history_order must hold the names of history_feature_list, each once");
  return columns;
}

// Tables of the history's own stand in the file in the order of its columns.
std::vector<SparseColumn> read_history(const Tensors& tensors, const Answers& answers,
                                       const std::vector<SparseColumn>& sparse) {
  std::vector<SparseColumn> columns = stated_history(tensors, answers, sparse);
  const std::optional<TableOrder> order = table_order(tensors);
  if (!order) return columns;
  const std::vector<std::string> own = own_tables(tables_of(columns), tables_of(sparse), *order);
  const std::vector<std::string> found = in_file_order(own, *order);
  if (answers.has("history_order") || order->is_ascending || own.size() != columns.size()) {
    check_order(answers, "history_order", own, found, !order->is_ascending);
    return columns;
  }
  std::vector<SparseColumn> ordered;
  for (const std::string& table : found) {
    for (const SparseColumn& column : columns) {
      if (column.table == table) ordered.push_back(column);
    }
  }
  return ordered;
}

std::vector<VarLenColumn> read_varlen(const Tensors& tensors, const Answers& answers) {
  std::vector<VarLenColumn> columns;
  for (const Json& stated : answers.at("varlen")) {
    const std::string name = stated["name"].get<std::string>();
    columns.push_back({name, stated.value("embedding_name", name),
                       stated["combiner"].get<std::string>(), stated["mask"] == "length",
                       stated["of"] == "candidate"});
    if (columns.back().combiner == "max" && columns.back().has_length) {
      tensors.refuse("varlen: " + augur::quoted(name) +
                     " has the combiner max and a length_name; the library cannot compute that (it "
                     "subtracts a mask of truth values), so the model was not trained so");
    }
  }
  return columns;
}

std::vector<DenseColumn> read_dense(const Answers& answers) {
  std::vector<DenseColumn> columns;
  for (const Json& stated : answers.at("dense")) {
    columns.push_back({stated["name"].get<std::string>(), stated["dimension"].get<int64_t>(),
                       stated["of"] == "candidate"});
  }
  return columns;
}

}  // namespace

std::vector<Parameter> column_parameters() {
  return {
      ask::list("dense", "the DenseFeat columns in order",
                ask::object("", "a column",
                            {ask::text("name", "the column's name").found_in("DenseFeat(name)"),
                             ask::integer("dimension", "its dimension")
                                 .found_in("DenseFeat(..., dimension=)")
                                 .with_default(1),
                             ask::whose("whether the user has it or each candidate")})
                    .with_shorthand("name"))
          .found_in("DIEN(dnn_feature_columns): the DenseFeat of it")
          .with_default(Json::array()),
      ask::list(
          "varlen",
          "the VarLenSparseFeat columns that are no history, in order; DIN pools them, DIEN does "
          "not read them",
          ask::object("", "a column",
                      {ask::text("name", "the column's name")
                           .found_in("VarLenSparseFeat(SparseFeat(name))"),
                       embedding_name(),
                       ask::choice("combiner", "how its ids are pooled",
                                   {{"mean", "mean"}, {"sum", "sum"}, {"max", "greatest values"}})
                           .found_in("VarLenSparseFeat(..., combiner=)")
                           .with_default("mean"),
                       ask::choice("mask", "which of its ids count",
                                   {{"not_zero", "all but 0: the column has no length_name"},
                                    {"length", "all: its length_name counts them"}})
                           .found_in("VarLenSparseFeat(..., length_name=)")
                           .with_default("not_zero"),
                       ask::whose("whether the user has it or each candidate")})
              .with_shorthand("name"))
          .found_in("DIN(dnn_feature_columns): the VarLenSparseFeat of it")
          .with_default(Json::array()),
      ask::list(
          "sparse", "the SparseFeat columns in the order of dnn_feature_columns",
          ask::object("", "a column",
                      {ask::text("name", "the column's name").found_in("SparseFeat(name)"),
                       embedding_name(), group_name(),
                       ask::boolean("use_hash", "as in the column; the library hashes nothing")
                           .found_in("SparseFeat(..., use_hash=)")
                           .with_default(false),
                       ask::whose("whether the user has it or each candidate, unless it is in "
                                  "history_feature_list")})
              .with_shorthand("name"))
          .found_in("DIEN(dnn_feature_columns), DIN(dnn_feature_columns): the SparseFeat of it")
          .needed_if([](const Tensors& tensors,
                        const Answers& answers) { return !told_sparse(tensors, answers); },
                     "where the order of the file and the head's width do not tell"),
      ask::list("history_feature_list",
                "the model's history_feature_list: the features that a behaviour has",
                ask::text("", "a name of sparse, without hist_"))
          .found_in("DIEN(..., history_feature_list), DIN(..., history_feature_list)")
          .needed_if([](const Tensors& tensors, const Answers&) { return !told_history(tensors); },
                     "where the history shares the candidate's tables"),
      ask::list("history_order",
                "the same names in the order of the VarLenSparseFeat columns, if that is not the "
                "order of sparse",
                ask::object("", "a column",
                            {ask::text("name", "a name, without hist_")
                                 .found_in("VarLenSparseFeat(SparseFeat(name))"),
                             embedding_name(), group_name()})
                    .with_shorthand("name"))
          .found_in("DIEN(dnn_feature_columns): the VarLenSparseFeat hist_NAME of it")
          .not_required(),
  };
}

Columns read_columns(const Tensors& tensors, const Answers& answers) {
  Columns columns;
  columns.sparse = read_sparse(tensors, answers);
  mark_history(columns.sparse, tensors, answers);
  columns.history = read_history(tensors, answers, columns.sparse);
  columns.dense = read_dense(answers);
  if (is_dien(tensors)) return columns;
  const std::vector<std::string> earlier = columns.table_names();
  std::vector<std::string> tables;
  columns.varlen = read_varlen(tensors, answers);
  for (const VarLenColumn& column : columns.varlen)
    tables.push_back(column.table);
  if (const std::optional<TableOrder> order = table_order(tensors)) {
    const std::vector<std::string> own = own_tables(unique(tables), earlier, *order);
    check_order(answers, "varlen", own, in_file_order(own, *order), !order->is_ascending);
  }
  return columns;
}

// DIEN reads no VarLenSparseFeat column but the history's. It can have been given no SparseFeat
// column that is not among `columns`, for the head's width counts those.
Json idle_tables(const Columns& columns, const Tensors& tensors, const Answers& answers) {
  Json patterns = Json::array();
  if (is_dien(tensors)) patterns.push_back(weights_of("neg_hist_*"));
  std::vector<std::string> stated;
  for (const VarLenColumn& column : read_varlen(tensors, answers))
    stated.push_back(column.table);
  for (const std::string& table : table_names(tensors)) {
    const std::string weights = weights_of(table);
    if (contains(columns.table_names(), table) || is_ignored(weights, patterns) ||
        is_ignored(weights, answers.at("ignore"))) {
      continue;
    }
    if (!is_dien(tensors)) {
      tensors.refuse(weights +
                     " belongs to no column that was stated. A DIN pools the VarLenSparseFeat "
                     "columns that are not in history_feature_list: state them in varlen");
    }
    patterns.push_back(weights);
    if (contains(stated, table)) continue;
    answers.warn(weights +
                 " is left out: DIEN does not read VarLenSparseFeat columns that are not in "
                 "history_feature_list, and the head's width leaves no place for another");
  }
  return patterns;
}

// --------------------------------------------------------------------- parts of the description

std::vector<std::string> Columns::table_names() const {
  std::vector<std::string> names = tables_of(sparse);
  for (const SparseColumn& column : history)
    names.push_back(column.table);
  for (const VarLenColumn& column : varlen)
    names.push_back(column.table);
  return unique(names);
}

Json Columns::tables(const std::string& out_of_table) const {
  Json list = Json::array();
  for (const std::string& name : table_names())
    list.push_back(table(name, weights_of(name), out_of_table));
  return list;
}

Json Columns::fields(bool of_candidate) const {
  Json list = Json::array();
  for (const SparseColumn& column : sparse) {
    if (column.is_candidates == of_candidate) list.push_back(id_field(column.name, column.table));
  }
  for (const VarLenColumn& column : varlen) {
    if (column.is_candidates == of_candidate)
      list.push_back(ids_field(column.name, column.table, column.combiner, !column.has_length));
  }
  for (const DenseColumn& column : dense) {
    if (column.is_candidates == of_candidate)
      list.push_back(values_field(column.name, column.dimension));
  }
  return list;
}

Json Columns::events() const {
  Json list = Json::array();
  for (const SparseColumn& column : grouped(history))
    list.push_back(id_field(column.name, column.table));
  return list;
}

Json Columns::query() const {
  Json list = Json::array();
  for (const SparseColumn& column : grouped(in_history(sparse)))
    list.push_back(column.name);
  return list;
}

// DIEN: result, sparse, dense. DIN: sparse, the pooled ones, result, dense.
Json Columns::head_input(const Json& result, bool dien) const {
  Json list = Json::array();
  const auto add = [&list](const auto& columns) {
    for (const auto& column : columns)
      list.push_back(head_slot(column.name, column.is_candidates));
  };
  if (dien) list.push_back(result);
  add(grouped(sparse));
  add(varlen);
  if (!dien) list.push_back(result);
  add(dense);
  return list;
}

}  // namespace augur::convert::deepctr_torch_model
