// Intermediate values in float64; see trace.h.
#include "validate/trace.h"

#include <ostream>
#include <stdexcept>
#include <utility>

#include "error.h"
#include "reference/network.h"
#include "requests/request.h"
#include "text/text.h"

namespace augur::convert {
namespace {

// A model in the evaluator's form, with its sidecars' rows in their tables.
std::unique_ptr<fb::ModelT> complete_model(const TracedModel& model, const TableFiles& files) {
  std::unique_ptr<fb::ModelT> complete(model.file.UnPack());
  for (const auto& table : complete->tables) {
    if (!table->external) continue;
    const auto file = files.find(table->name);
    if (file == files.end()) {
      throw Error("the rows of table " + augur::quoted(table->name) +
                  " are in a sidecar file; give it with --table " + table->name + "=FILE");
    }
    table->weights.reset(file->second->weights()->UnPack());
  }
  return complete;
}

// ------------------------------------------------------------------------ requests and their keys

reference::Rows rows_of(const requests::RequestColumns& columns) {
  reference::Rows rows;
  rows.count = columns.row_count();
  for (size_t f = 0; rows.count > 0 && f < columns.group().fields.size(); ++f) {
    const requests::DeclaredField& field = columns.group().fields[f];
    const requests::RequestColumn& values = columns.values(f);
    std::vector<reference::Cell>& cells = rows.columns[field.name];
    size_t next = 0;
    for (size_t row = 0; row < rows.count; ++row) {
      const size_t count = field.kind == AUGUR_IDS      ? values.counts[row]
                           : field.kind == AUGUR_VECTOR ? field.width
                                                        : 1;
      reference::Cell cell;
      for (size_t end = next + count; next < end; ++next) {
        if (!field.is_id()) {
          cell.values.push_back(values.values[next]);
        } else if (field.has_string_keys()) {
          cell.strings.emplace_back(values.strings[next]);
        } else {
          cell.ids.push_back(values.ids[next]);
        }
      }
      cells.push_back(std::move(cell));
    }
  }
  return rows;
}

struct TracedRequest {
  std::string id;
  std::string where;
  reference::Request values;
};

std::vector<TracedRequest> read_requests(const augur_model& model, const std::string& path) {
  const requests::ModelFields fields = requests::declared_fields(model);
  requests::RequestReader reader(path, fields);
  requests::Request request(fields);
  std::vector<TracedRequest> all;
  while (reader.next(request)) {
    TracedRequest traced{request.id, request.where, {}};
    traced.values.features = rows_of(request.features);
    for (size_t s = 0; s < fields.sequences.size(); ++s)
      traced.values.histories[fields.sequence_names[s]] = rows_of(request.histories[s]);
    traced.values.candidates = rows_of(request.candidates);
    all.push_back(std::move(traced));
  }
  return all;
}

// The rows of all keys that requests have, as the vocabularies of the model file tell them.
class KeysInUse {
 public:
  KeysInUse(const TracedModel& model, const TableFiles& files) : model_(model), files_(files) {}

  void add(const reference::Fields& fields, const reference::Rows& rows) {
    for (const auto& field : fields) {
      const auto column = rows.columns.find(reference::column_of(*field));
      if (field->table.empty() || column == rows.columns.end()) continue;
      for (const reference::Cell& cell : column->second) {
        for (const std::string& key : cell.strings)
          add(field->table, key);
        for (const int64_t key : cell.ids)
          add(field->table, std::to_string(key));
      }
    }
  }
  // A table with a vocabulary is there even if no request has a key of it.
  reference::Vocabularies take(const fb::ModelT& model) {
    for (const auto& table : model.tables) {
      if (table->key_type == fb::KeyType::Row) continue;
      const std::string& owner = table->vocabulary_of.empty() ? table->name : table->vocabulary_of;
      if (place(table->name).vocabulary != nullptr) keys_[owner];
    }
    return std::move(keys_);
  }

 private:
  const KeyPlace& place(const std::string& table) {
    const auto known = places_.find(table);
    if (known != places_.end()) return known->second;
    return places_.emplace(table, find_place(AskedKey{table, ""}, model_.file, files_))
        .first->second;
  }
  void add(const std::string& table, const std::string& key) {
    const KeyPlace& known = place(table);
    if (known.key_type == fb::KeyType::Row || known.vocabulary == nullptr) return;
    const std::optional<uint32_t> row = find_key(AskedKey{table, key}, known).row;
    if (row) keys_[owner_of(table)][key] = *row;
  }
  std::string owner_of(const std::string& table) const {
    for (const fb::EmbeddingTable* one : *model_.file.tables()) {
      if (one->name()->str() != table) continue;
      const bool shares = one->vocabulary_of() != nullptr && one->vocabulary_of()->size() > 0;
      return shares ? one->vocabulary_of()->str() : table;
    }
    return table;
  }

  const TracedModel& model_;
  const TableFiles& files_;
  std::map<std::string, KeyPlace> places_;
  reference::Vocabularies keys_;
};

// -------------------------------------------------------------------------------------- the lines

// The rows of the events that count, without those of a window's padding.
reference::VectorSequence of_events(const fb::StackT& stack, const reference::UserPart& user,
                                    const reference::VectorSequence& rows) {
  const size_t events = user.behaviours.size();
  if (stack.window == nullptr || rows.size() <= events) return rows;
  const bool is_before = stack.window->padding == fb::WindowPadding::Before;
  const auto begin =
      rows.begin() + static_cast<std::ptrdiff_t>(is_before ? rows.size() - events : 0);
  return {begin, begin + static_cast<std::ptrdiff_t>(events)};
}

Json stack_json(const fb::StackT& stack, const reference::UserPart& user,
                const reference::CandidatePart& part) {
  Json json = {{"query", part.embedding}};
  json["behaviours"] = user.behaviours;
  json["interests"] = of_events(stack, user, user.interests);
  if (stack.attention != nullptr) {
    json["projected_query"] = part.query;
    reference::VectorSequence weights;
    for (const double weight : part.attention)
      weights.push_back({weight});
    json["attention"] = Json::array();
    for (const reference::Vector& weight : of_events(stack, user, weights))
      json["attention"].push_back(weight.front());
  }
  json["result"] = part.result;
  return json;
}

Json trace_json(const fb::ModelT& model, const reference::Network& network,
                const TracedRequest& request) {
  const std::vector<reference::UserPart> users = network.user_parts(request.values);
  Json candidates = Json::array();
  for (const reference::Trace& trace : network.score(request.values, users)) {
    Json stacks = Json::object();
    for (size_t s = 0; s < model.stacks.size(); ++s)
      stacks[model.stacks[s]->name] = stack_json(*model.stacks[s], users[s], trace.stacks[s]);
    candidates.push_back({{"stacks", std::move(stacks)},
                          {"head_input", trace.head_input},
                          {"logit", trace.logit},
                          {"score", trace.score}});
  }
  return {{"id", request.id}, {"candidates", std::move(candidates)}};
}

}  // namespace

void print_traces(const TracedModel& model, const std::string& path, std::ostream& out) {
  TableFiles files;
  for (const Sidecar& sidecar : model.sidecars)
    files[sidecar.table] = flatbuffers::GetRoot<fb::TableFile>(sidecar.file.data());
  const std::unique_ptr<fb::ModelT> complete = complete_model(model, files);
  const std::vector<TracedRequest> all = read_requests(model.opened, path);
  KeysInUse keys(model, files);
  for (const TracedRequest& request : all) {
    keys.add(complete->features, request.values.features);
    keys.add(complete->candidate, request.values.candidates);
    for (const auto& stack : complete->stacks)
      keys.add(stack->fields, request.values.histories.at(stack->name));
  }
  const reference::Network network(*complete, keys.take(*complete));
  for (const TracedRequest& request : all) {
    try {
      out << trace_json(*complete, network, request)
                 .dump(-1, ' ', false, Json::error_handler_t::replace)
          << "\n";
    } catch (const std::out_of_range& error) {  // an id that its table's rule refuses
      throw Error(request.where + ": request " + augur::quoted(request.id) + ": " + error.what());
    }
  }
}

}  // namespace augur::convert
