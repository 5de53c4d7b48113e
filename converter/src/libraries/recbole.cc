// RecBole: recbole.model.sequential_recommender.DIEN and DIN.
#include <utility>

#include "libraries/all.h"
#include "libraries/pieces.h"
#include "libraries/recbole_fields.h"
#include "libraries/recbole_models.h"

namespace augur::convert {
namespace recbole_model {
namespace {

const char* const kVocabularies = "field2id_token";
const char* const kItems = "embedding_layer.token_embedding_table.item.embedding.weight";
const char* const kExtractor = "interset_extractor.gru";
const char* const kEvolution = "interest_evolution.dynamic_rnn";
const char* const kHead = "dnn_mlp_layers.mlp_layers.";

bool recognises(const Tensors& tensors) {
  if (!tensors.has("dnn_mlp_layers.mlp_layers.#.weight")) return false;
  return is_dien(tensors) ? tensors.has("dnn_predict_layer.weight")
                          : tensors.has("attention.att_mlp_layers.mlp_layers.#.weight") &&
                                tensors.has("dnn_predict_layers.weight");
}

bool has_cell(const Tensors& tensors) {
  return tensors.has(std::string(kEvolution) + ".rnn.weight_hh");
}

TorchCell cell() {
  return torch_cell_at(std::string(kEvolution) + ".rnn");
}

// "AGRU" or "AUGRU" if the cell's biases tell, else "".
std::string told_cell(const Tensors& tensors) {
  const std::optional<CellBiases> biases = cell_biases(tensors, cell());
  if (!biases) return "";
  if (biases->in_update_gate) return "AUGRU";
  return biases->elsewhere ? "AGRU" : "";
}

std::string gru_type_of(const Tensors& tensors, const Answers& answers) {
  const std::string told = told_cell(tensors);
  std::string gru_type = answers.text_or("gru_type", told);
  if ((gru_type == "AGRU" || gru_type == "AUGRU") != has_cell(tensors)) {
    tensors.refuse("gru_type " + gru_type +
                   " was stated, but the checkpoint's tensors are those of another one "
                   "(interest_evolution.dynamic_rnn.rnn.*: AGRU or AUGRU; "
                   "interest_evolution.dynamic_rnn.*_l0: GRU or AIGRU)");
  }
  if (!told.empty()) {
    answers.agree(
        "gru_type", told,
        std::string("the biases in ") + kEvolution + ".rnn " +
            (told == "AUGRU" ? "are not 0 in the rows of the update gate, which AGRU does not train"
                             : "are 0 in the rows of the update gate and not elsewhere; AGRU alone "
                               "does not train them"));
  }
  return gru_type;
}

Json part(const std::string& tensor, int64_t block, int64_t width) {
  return {{"tensor", tensor}, {"columns", {block * width, (block + 1) * width}}};
}

// A layer's weights over `maps.size()` inputs of equal width, for inputs before their maps.
Json mapped(const std::string& tensor, const std::vector<Json>& maps, int64_t width) {
  Json parts = Json::array();
  for (size_t i = 0; i < maps.size(); ++i) {
    const Json weights = part(tensor, static_cast<int64_t>(i), width);
    parts.push_back(Json::object({{"matmul", {weights, maps[i]}}}));
  }
  return {{"concat", parts}, {"along", "inputs"}};
}

// A float field is a number times an embedding. The description has the number itself in e_t and
// e_a; what reads them gets its weights times the embedding. In a DIEN the attention compares e_a
// with states as wide as the embeddings: there e_a is mapped.
class Numbers {
 public:
  Numbers(const Tensors& tensors, const Fields& items)
      : width_(event_width(tensors)), has_numbers_(items.has_numbers()) {
    if (!has_numbers_) return;
    const int64_t dim = tensors.size(kItems, 1);
    map_ = items.embedding_map(dim);
    square_ = items.embedding_map(dim, true);
  }

  void map_extractor(Json& gru) const {
    if (has_numbers_) gru["input"] = Json::object({{"matmul", {gru["input"], map_}}});
  }
  void map_query(Json& attention) const {
    if (!has_numbers_) return;
    attention["query_projection"] = {{"weight", map_}, {"bias", nullptr}, {"activation", "none"}};
  }
  const char* query_slot() const { return has_numbers_ ? "projected_query" : "query"; }
  // DIN's: q, k, q - k, q * k.
  void map_attention(Json& layer) const {
    if (has_numbers_)
      layer["weight"] = mapped(layer["weight"], {map_, map_, map_, square_}, width_);
  }
  // DIN's: the sum, e_a, their product.
  void map_head(Json& layer) const {
    if (has_numbers_) layer["weight"] = mapped(layer["weight"], {map_, map_, square_}, width_);
  }

 private:
  int64_t width_;
  bool has_numbers_;
  Json map_, square_;
};

Json attention(const Tensors& tensors, bool softmax) {
  const std::string at = attention_at(tensors);
  Json layers = Json::array();
  for (const int n : tensors.indices(at + ".att_mlp_layers.mlp_layers.#.weight")) {
    layers.push_back(
        torch_linear(at + ".att_mlp_layers.mlp_layers." + std::to_string(n), "sigmoid"));
  }
  layers.push_back(torch_linear(at + ".dense", "none"));
  return din_attention(std::move(layers), Json::object({{"one_over_sqrt", event_width(tensors)}}),
                       softmax);
}

Json evolution(const std::string& gru_type) {
  return gru_type == "AIGRU" ? torch_gru_evolution("aigru", kEvolution)
                             : torch_attention_cell(cell(), gru_type);
}

Json head_layers(const Tensors& tensors) {
  const std::string at = kHead;
  Json layers = Json::array();
  for (const int n :
       without(tensors.indices(at + "#.bias"), tensors.indices(at + "#.running_mean"))) {
    Json layer = torch_linear(at + std::to_string(n), "swish");
    layer["batch_norm"] = torch_batch_norm(at + std::to_string(n + 1), "before_activation");
    layers.push_back(std::move(layer));
  }
  layers.push_back(
      torch_linear(is_dien(tensors) ? "dnn_predict_layer" : "dnn_predict_layers", "none"));
  return layers;
}

void check_tables(const Tensors& tensors) {
  if (tensors.has(kItems)) return;
  tensors.refuse(
      "the embedding tables are missing. Early releases kept them outside the state dict (in "
      "'other_parameter'); load the model with that release and save "
      "model.embedding_layer.token_embedding_table too, as "
      "embedding_layer.token_embedding_table.{user,item}.embedding.weight");
}

// What a model is described with before its own parts are added.
struct Draft {
  Json history, head_input, layers, tables, features;
};

Json finished(const std::string& name, const Answers& answers, const Fields& items,
              VocabularyFile& vocabularies, Draft draft) {
  for (const Json& table : items.tables(answers, vocabularies))
    draft.tables.push_back(table);
  vocabularies.finish();
  return {{"name", "recbole " + name},
          {"orientation", "out_in"},
          {"tables", draft.tables},
          {"features", draft.features},
          {"candidate", items.described(answers)},
          {"stacks", Json::array({draft.history})},
          {"head", {{"input", draft.head_input}, {"layers", draft.layers}}},
          {"output", Json::object({{"kind", "sigmoid"}})}};
}

Json history(const Answers& answers, const Fields& items) {
  return {{"name", answers.text("stack")},
          {"fields", items.described(answers)},
          {"max_history", answers.integer("max_history")},
          {"mask", "length"},
          {"query", items.names()},
          {"extractor", Json::array()},
          {"result", "attention_pool"}};
}

Json describe_dien(const Tensors& tensors, const Answers& answers) {
  const std::string gru_type = gru_type_of(tensors, answers);
  const std::string stack = answers.text("stack");
  const Fields users = read_fields(tensors, answers, "user");
  const Fields items = read_fields(tensors, answers, "item");
  const Numbers numbers(tensors, items);

  Draft draft;
  draft.history = history(answers, items);
  draft.history["attention"] = attention(tensors, answers.flag("softmax"));
  numbers.map_query(draft.history["attention"]);
  Json extractor = torch_gru(kExtractor);
  numbers.map_extractor(extractor);
  draft.history["extractor"].push_back(std::move(extractor));
  if (gru_type == "GRU") {
    draft.history["extractor"].push_back(torch_gru(kEvolution));
  } else {
    draft.history["result"] = "evolution";
    draft.history["evolution"] = evolution(gru_type);
  }
  draft.head_input = Json::array({{{"result", stack}}, {{numbers.query_slot(), stack}}});
  for (const Json& slot : users.features())
    draft.head_input.push_back(slot);
  draft.layers = head_layers(tensors);
  VocabularyFile vocabularies(answers, kVocabularies);
  draft.tables = users.tables(answers, vocabularies);
  draft.features = users.described(answers);
  return finished(gru_type, answers, items, vocabularies, std::move(draft));
}

// DIN looks the user up too, and reads nothing of it.
Json describe_din(const Tensors& tensors, const Answers& answers) {
  const Json stack = answers.text("stack");
  const Fields items = read_fields(tensors, answers, "item");
  const Numbers numbers(tensors, items);

  Draft draft;
  draft.history = history(answers, items);
  draft.history["attention"] = attention(tensors, false);
  numbers.map_attention(draft.history["attention"]["layers"][0]);
  const Json result = Json::object({{"result", stack}}), query = Json::object({{"query", stack}});
  draft.head_input = Json::array({result, query, Json::object({{"product", {result, query}}})});
  draft.layers = head_layers(tensors);
  numbers.map_head(draft.layers[0]);
  draft.tables = Json::array();
  draft.features = Json::array();
  VocabularyFile vocabularies(answers, kVocabularies);
  Json description = finished("DIN", answers, items, vocabularies, std::move(draft));
  description["ignore"] = {"embedding_layer.*_embedding_table.user.*"};
  return description;
}

Json describe(const Tensors& tensors, const Answers& answers) {
  check_tables(tensors);
  return is_dien(tensors) ? describe_dien(tensors, answers) : describe_din(tensors, answers);
}

Library make_library() {
  Library library;
  library.name = "recbole";
  library.title = "RecBole's DIEN (GRU, AIGRU, AGRU, AUGRU) and DIN";
  library.about =
      "State dicts of recbole.model.sequential_recommender.DIEN and DIN. A behaviour and the "
      "candidate are all fields of\nthe dataset's item features; the user's fields are features "
      "(a DIN reads none). RecBole looks an item's other\nfields up by its id; Augur's requests "
      "state them.";
  library.assumes = {
      "embedding_layer.token_embedding_table.{user,item}: the token fields' tables one below the "
      "other, in the order of the fields",
      "e_t and e_a: the token fields in order, then the token_seq fields, pooled without id 0, "
      "then the float fields of numerical_features, then the float_seq fields",
      "a float field is its number times row 1 of its two rows; a discretized one is the row of "
      "its bucket; requests give what RecBole's dataset holds",
      "pooling_mode max masks by -1e9: a list without ids gives about -1e9 in RecBole and 0 here",
      "interset_extractor.gru.*: torch.nn.GRU, rows r, z, n, two biases, reset after the product, "
      "z the share of the old state",
      "attention: MLP over [q, k, q - k, q * k] with sigmoid, and a Linear of one output; scores "
      "divided by the root of the width of q",
      "GRU: a second torch.nn.GRU, then the sum of its states weighted by the attention; AIGRU: "
      "torch.nn.GRU over a h",
      "AGRU, AUGRU: rows r, z, n, two biases, reset after the product; share of the new state a "
      "(AGRU; its rows z are unused), a z (AUGRU)",
      "AGRU never trains the biases of its rows z, which stay 0; AUGRU trains them",
      "DIN: the sum of the events weighted by the scores, without softmax; head input: the sum, "
      "e_a, their product",
      "DIEN's head input: the state, e_a, the user's fields; Linear, BatchNorm (epsilon 1e-5), x "
      "sigmoid(x); dnn_predict_layer (DIN: dnn_predict_layers) gives the logit",
      "RecBole's Dice has no BatchNorm and an alpha of 0 that is not trained: x sigmoid(x)",
      "behaviours by length, the newest kept; on an empty history RecBole's DIEN fails, here it "
      "gives state 0; row 0 of a table is padding",
      "with a vocabulary: [PAD] is padding; training knows no unknown tokens, so that one is an "
      "error",
  };
  library.recognised_by =
      "dnn_mlp_layers.mlp_layers.* with interset_extractor.gru.* and dnn_predict_layer.* (DIN: "
      "attention.att_mlp_layers.* and dnn_predict_layers.*)";
  library.recognises = recognises;
  library.other_model = other_model;
  library.describe = describe;
  library.parameters = ask::together(
      {{
           ask::choice(
               "gru_type",
               "as in a DIEN's configuration; GRU and AIGRU have the same tensors, and those of "
               "AGRU and AUGRU differ only in their biases",
               {{"GRU", "a second GRU, then attention pooling"},
                {"AIGRU", "GRU over a h"},
                {"AGRU", "attention in the update gate's place"},
                {"AUGRU", "attention times the update gate; the library's default"}})
               .found_in("the configuration: gru_type")
               .needed_if(
                   [](const Tensors& tensors, const Answers&) {
                     return is_dien(tensors) && told_cell(tensors).empty();
                   },
                   "in a DIEN whose biases do not tell"),
           ask::boolean(
               "softmax",
               "whether a DIEN's attention has a softmax: softmax_stag in RecBole's dien.py, "
               "True in its present releases, False in early ones")
               .found_in("RecBole's dien.py: softmax_stag= where InterestEvolvingLayer makes its "
                         "attention")
               .needed_if([](const Tensors& tensors, const Answers&) { return is_dien(tensors); },
                          "in a DIEN; a DIN has none"),
       },
       field_parameters(),
       vocabulary_file_parameters(kVocabularies,
                                  "the path of a JSON file of dataset.field2id_token: a list of "
                                  "tokens for each token and token_seq field, in the order of "
                                  "their ids",
                                  "dataset.field2id_token"),
       {
           ask::max_history("how many events are kept, the newest: MAX_ITEM_LIST_LENGTH",
                            "the configuration: MAX_ITEM_LIST_LENGTH"),
           ask::out_of_table(),
           ask::stack(),
       }});
  return library;
}

}  // namespace
}  // namespace recbole_model

Library recbole() {
  return recbole_model::make_library();
}

}  // namespace augur::convert
