// RecBole: recbole.model.sequential_recommender.DIEN.
#include "libraries/all.h"
#include "libraries/pieces.h"

namespace augur::convert {
namespace {

const char* const kItems = "embedding_layer.token_embedding_table.item.embedding.weight";

// A field of the dataset, with the table that is its own.
struct Field {
  std::string name;
  bool is_sequence = false;  // token_seq: several ids, pooled
  std::string table;         // its name in the model
  Json weights;
};

bool recognises(const Tensors& tensors) {
  return tensors.has("dnn_mlp_layers.mlp_layers.#.weight") &&
         tensors.has("dnn_predict_layer*.weight") &&
         (tensors.has("interset_extractor.gru.weight_ih_l0") ||
          tensors.has("attention.att_mlp_layers.mlp_layers.#.weight"));
}

Parameter fields_parameter(const std::string& name, const std::string& about,
                           const std::string& fallback) {
  return ask::list(
             name, about,
             ask::object(
                 "", "a field",
                 {ask::text("name", "its name"),
                  ask::choice("kind", "its type",
                              {{"token", "one id"}, {"token_seq", "several ids, pooled"}})
                      .with_default("token"),
                  ask::integer("rows",
                               "how many values a token field has, [PAD] with them "
                               "(dataset.num(name)); needed where there are several token fields")
                      .not_required()})
                 .with_shorthand("name"))
      .with_default(Json::array({fallback}));
}

bool has_sequences(const Answers& answers) {
  for (const char* key : {"user_fields", "item_fields"}) {
    for (const Json& field : answers.at(key)) {
      if (field["kind"] == "token_seq") return true;
    }
  }
  return false;
}

// Tokens' tables stand one below the other in one tensor, in the order of the fields; their rows
// are those of the fields, one after the other.
std::vector<Field> token_fields(const Tensors& tensors, const Json& stated,
                                const std::string& type) {
  const std::string stacked = "embedding_layer.token_embedding_table." + type + ".embedding.weight";
  std::vector<Field> fields;
  int64_t end = 0;
  bool all_counted = true;
  for (const Json& part : stated) {
    if (part["kind"] != "token") continue;
    Field field;
    field.name = part["name"].get<std::string>();
    field.table = type + "." + field.name;
    field.weights = stacked;
    const auto rows = part.find("rows");
    all_counted = all_counted && rows != part.end();
    if (rows != part.end()) {
      const int64_t first = end;
      end += rows->get<int64_t>();
      field.weights = {{"tensor", stacked}, {"rows", {first, end}}};
    }
    fields.push_back(std::move(field));
  }
  if (fields.size() == 1) {
    fields[0].weights = stacked;
    return fields;
  }
  if (!all_counted) {
    tensors.refuse("rows is needed for every token field of " + type +
                   "_fields, for their tables stand one below the other: {\"name\": \"" +
                   fields[0].name + "\", \"rows\": dataset.num('" + fields[0].name + "')}");
  }
  if (!fields.empty() && end != tensors.size(stacked, 0)) {
    tensors.refuse("the rows of " + type + "_fields add up to " + std::to_string(end) +
                   ", but the checkpoint's table has " + std::to_string(tensors.size(stacked, 0)) +
                   "; the vocabularies and the checkpoint do not belong together");
  }
  return fields;
}

// The token fields in order, then the token_seq fields: the order of e_t and e_a.
std::vector<Field> fields_of(const Tensors& tensors, const Answers& answers,
                             const std::string& type) {
  const Json& stated = answers.at(type + "_fields");
  std::vector<Field> fields = token_fields(tensors, stated, type);
  const std::string at = "embedding_layer.token_seq_embedding_table." + type + ".";
  const std::vector<int> tables = tensors.indices(at + "#.weight");
  size_t sequences = 0;
  for (const Json& part : stated) {
    if (part["kind"] != "token_seq") continue;
    if (sequences < tables.size()) {
      const std::string name = part["name"].get<std::string>();
      fields.push_back(
          {name, true, type + "." + name, at + std::to_string(tables[sequences]) + ".weight"});
    }
    ++sequences;
  }
  if (sequences != tables.size()) {
    tensors.refuse(type + "_fields has " + std::to_string(sequences) +
                   " token_seq fields, but the checkpoint has tables for " +
                   std::to_string(tables.size()) + " (" + at + "N)");
  }
  return fields;
}

Json described(const std::vector<Field>& fields, const std::string& pooling) {
  Json list = Json::array();
  for (const Field& field : fields) {
    list.push_back(field.is_sequence ? ids_field(field.name, field.table, pooling, true)
                                     : id_field(field.name, field.table));
  }
  return list;
}

Json attention(const Tensors& tensors, const Answers& answers) {
  const std::string at = "interest_evolution.attention_layer";
  Json layers = Json::array();
  for (const int n : tensors.indices(at + ".att_mlp_layers.mlp_layers.#.weight")) {
    layers.push_back(
        torch_linear(at + ".att_mlp_layers.mlp_layers." + std::to_string(n), "sigmoid"));
  }
  layers.push_back(torch_linear(at + ".dense", "none"));
  return {
      {"kind", "mlp"},
      {"query_projection", nullptr},
      {"input", {"q", "k", "q-k", "q*k"}},
      {"layers", layers},
      {"score_scale", {{"one_over_sqrt", tensors.size("interset_extractor.gru.weight_hh_l0", 1)}}},
      {"softmax", answers.flag("softmax")}};
}

Json evolution(const std::string& gru_type) {
  if (gru_type == "AIGRU") {
    Json gru = torch_gru("interest_evolution.dynamic_rnn");
    gru["kind"] = "aigru";
    return gru;
  }
  const std::string at = "interest_evolution.dynamic_rnn.rnn";
  Json cell = {{"kind", gru_type == "AGRU" ? "agru" : "augru"},
               {"gates", {"r", "u", "c"}},
               {"reset", "after_product"},
               {"input", at + ".weight_ih"},
               {"recurrent", at + ".weight_hh"},
               {"bias", {{"input", at + ".bias_ih"}, {"recurrent", at + ".bias_hh"}}}};
  if (gru_type == "AUGRU") {
    cell["form"] = "scale";
    cell["update_gate"] = "share_of_candidate";
  }
  return cell;
}

Json head_layers(const Tensors& tensors) {
  const std::string at = "dnn_mlp_layers.mlp_layers.";
  Json layers = Json::array();
  for (const int n :
       without(tensors.indices(at + "#.bias"), tensors.indices(at + "#.running_mean"))) {
    Json layer = torch_linear(at + std::to_string(n), "swish");
    layer["batch_norm"] = torch_batch_norm(at + std::to_string(n + 1), "before_activation");
    layers.push_back(std::move(layer));
  }
  layers.push_back(torch_linear("dnn_predict_layer", "none"));
  return layers;
}

Json describe(const Tensors& tensors, const Answers& answers) {
  if (!tensors.has("interset_extractor.gru.weight_ih_l0")) {
    tensors.refuse(
        "a DIN (attention.att_mlp_layers without interset_extractor): it has a head and an "
        "attention, but no sequence network to convert as a DIEN; describe it with --model "
        "(docs/conversion.md)");
  }
  if (!tensors.has(kItems)) {
    tensors.refuse(
        "the embedding tables are missing. Early releases kept them outside the state dict (in "
        "'other_parameter'); load the model with that release and save "
        "model.embedding_layer.token_embedding_table too, as "
        "embedding_layer.token_embedding_table.{user,item}.embedding.weight");
  }
  if (tensors.has("embedding_layer.float_embedding_table.*") ||
      tensors.has("embedding_layer.float_seq_embedding_table.*")) {
    tensors.refuse(
        "float fields (embedding_layer.float_embedding_table, the dataset's numerical_features) "
        "multiply an embedding inside e_t; this is not in the model family");
  }
  const std::string gru_type = answers.text("gru_type");
  const bool has_cell = tensors.has("interest_evolution.dynamic_rnn.rnn.weight_hh");
  if ((gru_type == "AGRU" || gru_type == "AUGRU") != has_cell) {
    tensors.refuse("gru_type " + gru_type +
                   " was stated, but the checkpoint's tensors are those of another one "
                   "(interest_evolution.dynamic_rnn.rnn.*: AGRU or AUGRU; "
                   "interest_evolution.dynamic_rnn.*_l0: GRU or AIGRU)");
  }
  const std::string pooling = answers.text_or("pooling_mode", "");
  if (pooling == "max") {
    tensors.refuse(
        "pooling_mode max is not in the model family; it pools token_seq fields by mean or sum");
  }
  const std::string stack = answers.text("stack");
  const std::vector<Field> users = fields_of(tensors, answers, "user");
  const std::vector<Field> items = fields_of(tensors, answers, "item");

  Json tables = Json::array(), query = Json::array();
  Json head_input = Json::array({{{"result", stack}}, {{"query", stack}}});
  for (const Field& field : users) {
    tables.push_back(table(field.table, field.weights, answers.text("out_of_table")));
    head_input.push_back({{"feature", field.name}});
  }
  for (const Field& field : items) {
    tables.push_back(table(field.table, field.weights, answers.text("out_of_table")));
    query.push_back(field.name);
  }
  Json history = {{"name", stack},
                  {"fields", described(items, pooling)},
                  {"max_history", answers.integer("max_history")},
                  {"mask", "length"},
                  {"query", query},
                  {"extractor", Json::array({torch_gru("interset_extractor.gru")})},
                  {"attention", attention(tensors, answers)}};
  if (gru_type == "GRU") {
    history["extractor"].push_back(torch_gru("interest_evolution.dynamic_rnn"));
    history["result"] = "attention_pool";
  } else {
    history["result"] = "evolution";
    history["evolution"] = evolution(gru_type);
  }
  return {{"name", "recbole " + gru_type},
          {"orientation", "out_in"},
          {"tables", tables},
          {"features", described(users, pooling)},
          {"candidate", described(items, pooling)},
          {"stacks", Json::array({history})},
          {"head", {{"input", head_input}, {"layers", head_layers(tensors)}}},
          {"output", {{"kind", "sigmoid"}}}};
}

}  // namespace

Library recbole() {
  Library library;
  library.name = "recbole";
  library.title = "RecBole's DIEN: GRU, AIGRU, AGRU, AUGRU";
  library.about =
      "State dicts of recbole.model.sequential_recommender.DIEN. A behaviour and the candidate are "
      "all fields of\nthe dataset's item features; the user's fields are features. RecBole looks "
      "an item's other fields up by\nits id; Augur's requests state them.";
  library.assumes = {
      "embedding_layer.token_embedding_table.{user,item}: the token fields' tables one below the "
      "other, in the order of the fields",
      "e_t and e_a: the token fields in order, then the token_seq fields, pooled without id 0",
      "interset_extractor.gru.*: torch.nn.GRU, rows r, z, n, two biases, reset after the product, "
      "z the share of the old state",
      "attention: MLP over [q, k, q - k, q * k] with sigmoid, and a Linear of one output; scores "
      "divided by the root of the width of q",
      "GRU: a second torch.nn.GRU, then the sum of its states weighted by the attention; AIGRU: "
      "torch.nn.GRU over a h",
      "AGRU, AUGRU: rows r, z, n, two biases, reset after the product; share of the new state a "
      "(AGRU; its rows z are unused), a z (AUGRU)",
      "head input: the state, e_a, the user's fields; Linear, BatchNorm (epsilon 1e-5), x "
      "sigmoid(x); dnn_predict_layer gives the logit",
      "RecBole's Dice has no BatchNorm and an alpha of 0 that is not trained: x sigmoid(x)",
      "behaviours by length, the newest kept; on an empty history RecBole fails, here it gives "
      "state 0; row 0 of a table is padding",
  };
  library.recognised_by =
      "interset_extractor.gru.*, dnn_mlp_layers.mlp_layers.* and dnn_predict_layer.*";
  library.recognises = recognises;
  library.describe = describe;
  library.parameters = {
      ask::choice("gru_type",
                  "as in the configuration; GRU and AIGRU have the same tensors, and so have AGRU "
                  "and AUGRU",
                  {{"GRU", "a second GRU, then attention pooling"},
                   {"AIGRU", "GRU over a h"},
                   {"AGRU", "attention in the update gate's place"},
                   {"AUGRU", "attention times the update gate; the library's default"}}),
      ask::boolean("softmax",
                   "whether the attention has a softmax: softmax_stag in RecBole's dien.py, True "
                   "in its present releases, False in early ones"),
      fields_parameter("user_fields",
                       "the fields of the user features in the dataset's order (user_id, then the "
                       "columns of .user)",
                       "user_id"),
      fields_parameter("item_fields",
                       "the fields of the item features in the dataset's order (item_id, then the "
                       "columns of .item)",
                       "item_id"),
      ask::choice("pooling_mode", "as in the configuration (default there: mean)",
                  {{"mean", "mean"}, {"sum", "sum"}, {"max", "refused: not in the model family"}})
          .needed_if([](const Tensors&, const Answers& answers) { return has_sequences(answers); },
                     "where there are token_seq fields"),
      ask::max_history("the newest so many events are kept: MAX_ITEM_LIST_LENGTH"),
      ask::out_of_table(),
      ask::stack(),
  };
  return library;
}

}  // namespace augur::convert
