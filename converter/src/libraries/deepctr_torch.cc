// DeepCTR-Torch: deepctr_torch.models.DIEN and DIN.
#include <utility>

#include "error.h"
#include "libraries/all.h"
#include "libraries/deepctr.h"
#include "libraries/deepctr_torch_columns.h"
#include "libraries/deepctr_torch_tables.h"
#include "libraries/pieces.h"

namespace augur::convert {
namespace deepctr_torch_model {
namespace {

const char* const kExtractor = "interest_extractor.gru";
const char* const kEvolution = "interest_evolution.interest_evolution";

bool recognises(const Tensors& tensors) {
  return tensors.has("embedding_dict.*.weight") && tensors.has("dnn.linears.#.weight") &&
         tensors.has("out.bias") &&
         (is_dien(tensors) || (tensors.has("attention.local_att.dnn.linears.#.weight") &&
                               tensors.has("dnn_linear.weight")));
}

// The library's models without a behaviour sequence, by tensors that are theirs alone.
std::string other_model(const Tensors& tensors) {
  const bool is_librarys = tensors.has("embedding_dict.*.weight") &&
                           (tensors.has("out.bias") || tensors.has("out.#.bias"));
  if (!is_librarys) return "";
  static const std::pair<const char*, const char*> kModels[] = {
      {"cin.conv1ds.#.weight", "xDeepFM"},
      {"crossnet.kernels", "DCN"},
      {"crossnet.U_list", "DCNMix"},
      {"int_layers.#.W_Query", "AutoInt"},
      {"SE.excitation.#.weight", "FiBiNET"},
      {"fm.attention_W", "AFM"},
      {"ltl.ltl_weights", "AFN"},
      {"second_order_embedding_dict.*", "ONN"},
      {"transform_matrix_P_vec.weight", "DIFM"},
      {"transform_weight_matrix_P.weight", "IFM"},
      {"tower_dnn_final_layer.#.weight", "model of several tasks"},
      {"conv_layer.*", "CCPM"},
      {"region_linear_model.*", "MLR"},
      {"linear_model.embedding_dict.*.weight", "DeepFM, WDL or NFM"},
      {"dnn_linear.weight", "PNN"},
  };
  for (const auto& [pattern, model] : kModels) {
    if (tensors.has(pattern)) return model;
  }
  return "";
}

// The DNNs of a model.
std::string attention_dnn(const Tensors& tensors) {
  return attention_at(tensors) + ".dnn";
}

std::string head_dnn(const Tensors&) {
  return "dnn";
}

// Words of activation_layer, and classes of torch.nn, which it takes too.
Parameter activation_parameter(const std::string& name, std::string (*dnn)(const Tensors&)) {
  return ask::choice(name, "the model's " + name,
                     {{"relu", "ReLU"},
                      {"sigmoid", "sigmoid"},
                      {"linear", "none", {"identity", "none"}},
                      {"dice", "Dice, whose tensors tell it"},
                      {"prelu", "PReLU, whose tensors tell it"},
                      {"tanh", "torch.nn.Tanh"},
                      {"gelu", "torch.nn.GELU"},
                      {"elu", "torch.nn.ELU"},
                      {"silu", "torch.nn.SiLU", {"swish"}},
                      {"leaky_relu", "torch.nn.LeakyReLU, slope 0.01", {"LeakyReLU"}}})
      .found_in("DIEN(..., " + name + "=), DIN(..., " + name + "=)")
      .needed_if([dnn](const Tensors& tensors,
                       const Answers&) { return told_activation(tensors, dnn(tensors)).empty(); },
                 "where its tensors do not tell (no Dice, no PReLU)");
}

// Of layer n of a DNN.
Json activation(const Tensors& tensors, const Answers& answers, const std::string& name,
                const std::string& dnn, int n) {
  const std::string at = dnn + ".activation_layers." + std::to_string(n);
  const std::string told = told_activation(tensors, dnn);
  if (told == "dice") {
    answers.agree(name, told, dnn + ".activation_layers.0.bn.running_mean is there");
    return torch_dice(at, 1e-8, true);
  }
  if (told == "prelu") {
    answers.agree(name, told, dnn + ".activation_layers.0.weight is there");
    return prelu(at + ".weight");
  }
  const std::string word = answers.text(name);
  if (word == "dice" || word == "prelu") {
    answers.fail(name, augur::quoted(word) + " was stated, but " + dnn +
                           ".activation_layers.* has none of its tensors");
  }
  return stated_activation(word, 0.01);
}

// The layers of a DNN: Linear, BatchNorm where there is one, activation.
Json layers(const Tensors& tensors, const Answers& answers, const std::string& activation_name,
            const std::string& dnn) {
  Json list = Json::array();
  for (const int n : tensors.indices(dnn + ".linears.#.weight")) {
    Json layer = torch_linear(dnn + ".linears." + std::to_string(n),
                              activation(tensors, answers, activation_name, dnn, n));
    const std::string norm = dnn + ".bn." + std::to_string(n);
    if (tensors.has(norm + ".running_mean"))
      layer["batch_norm"] = torch_batch_norm(norm, "before_activation");
    list.push_back(std::move(layer));
  }
  return list;
}

Json attention(const Tensors& tensors, const Answers& answers) {
  Json list = layers(tensors, answers, "att_activation", attention_dnn(tensors));
  list.push_back(torch_linear(attention_at(tensors) + ".dense", "none"));
  return din_attention(std::move(list), 1, answers.flag("att_weight_normalization"));
}

// AGRUCell and AUGRUCell. The latter registers bias_hh under the name bias_ih too, so that a file
// that keeps tensors with two names once has only one of them.
Json cell(const Tensors& tensors, const std::string& gru_type) {
  TorchCell cell = torch_cell_at(std::string(kEvolution) + ".rnn");
  if (!tensors.has(cell.input_bias)) cell.input_bias = cell.recurrent_bias;
  if (!tensors.has(cell.recurrent_bias)) cell.recurrent_bias = cell.input_bias;
  return torch_attention_cell(cell, gru_type);
}

Json evolution(const Tensors& tensors, const std::string& gru_type) {
  return gru_type == "AIGRU" ? torch_gru_evolution("aigru", kEvolution) : cell(tensors, gru_type);
}

std::string gru_type_of(const Tensors& tensors, const Answers& answers) {
  const std::string told = told_cell(tensors);
  std::string gru_type = answers.text_or("gru_type", told);
  const bool has_cell = tensors.has(std::string(kEvolution) + ".rnn.weight_hh");
  if ((gru_type == "AGRU" || gru_type == "AUGRU") != has_cell) {
    tensors.refuse("gru_type " + gru_type +
                   " was stated, but the checkpoint's tensors are those of another one "
                   "(interest_evolution.interest_evolution.rnn.*: AGRU or AUGRU; "
                   "interest_evolution.interest_evolution.*_l0: GRU or AIGRU)");
  }
  const std::string biases = "the biases in " + std::string(kEvolution) + ".rnn ";
  if (told == "AUGRU") {
    answers.agree("gru_type", told, biases + "are one tensor, as AUGRUCell registers them");
  } else if (told == "AGRU") {
    answers.agree("gru_type", told,
                  biases +
                      "are 0 in the rows of the update gate and not elsewhere; AGRUCell alone "
                      "does not train them");
  }
  return gru_type;
}

void check_model(const Tensors& tensors) {
  if (tensors.has("linear_model.weight") || tensors.has("linear_model.embedding_dict.*.weight")) {
    tensors.refuse(std::string("linear_model has weights, but ") +
                   (is_dien(tensors) ? "DIEN" : "DIN") +
                   " has no linear part: the checkpoint is of another model");
  }
  const std::string alpha = "dnn.activation_layers.0.alpha";
  if (tensors.has(alpha) && tensors.rank(alpha) != 1) {
    tensors.refuse(
        "dnn_activation 'dice' makes a Dice for inputs of three axes (its alpha is [units, 1]), "
        "and it asserts that; the head's input has two, so DeepCTR-Torch cannot run this model "
        "itself");
  }
}

// What the sequence becomes: DIN weighs the events themselves, and gru_type says what DIEN does.
void add_interests(Json& history, const Tensors& tensors, const std::string& gru_type) {
  history["extractor"] = Json::array();
  history["result"] = "attention_pool";
  if (!is_dien(tensors)) return;
  history["extractor"].push_back(torch_gru(kExtractor));
  if (gru_type == "GRU") {
    history["extractor"].push_back(torch_gru(kEvolution));
  } else {
    history["result"] = "evolution";
    history["evolution"] = evolution(tensors, gru_type);
  }
}

Json describe(const Tensors& tensors, const Answers& answers) {
  check_model(tensors);
  const bool dien = is_dien(tensors);
  const Columns columns = read_columns(tensors, answers);
  const std::string gru_type = dien ? gru_type_of(tensors, answers) : "DIN";
  const std::string stack = answers.text("stack");

  Json history = {{"name", stack},
                  {"fields", columns.events()},
                  {"max_history", answers.integer("max_history")},
                  {"mask", "length"},
                  {"query", columns.query()},
                  {"attention", attention(tensors, answers)}};
  add_interests(history, tensors, gru_type);
  deepctr::set_truncation(history, answers);
  if (!dien) deepctr::warn_of_empty_histories(answers);

  Json head_layers = layers(tensors, answers, "dnn_activation", head_dnn(tensors));
  head_layers.push_back({{"weight", dien ? "linear.weight" : "dnn_linear.weight"},
                         {"bias", "out.bias"},
                         {"activation", "none"}});
  const Json result = {{"result", stack}};
  return {{"name", "deepctr-torch " + gru_type},
          {"orientation", "out_in"},
          {"ignore", idle_tables(columns, tensors, answers)},
          {"tables", columns.tables(answers.text("out_of_table"))},
          {"features", columns.fields(false)},
          {"candidate", columns.fields(true)},
          {"stacks", Json::array({history})},
          {"head", {{"input", columns.head_input(result, dien)}, {"layers", head_layers}}},
          {"output", {{"kind", deepctr::output_kind(answers)}}}};
}

Library make_library() {
  Library library;
  library.name = "deepctr-torch";
  library.title = "DeepCTR-Torch's DIEN (GRU, AIGRU, AGRU, AUGRU) and DIN";
  library.about =
      "State dicts of deepctr_torch.models.DIEN and DIN. A behaviour is the concatenation of the "
      "embeddings of the\nhistory_feature_list (hist_<name> columns); the candidate has the same "
      "features without hist_.";
  library.assumes = {
      "e_t and e_a: embeddings side by side, in the order of the VarLenSparseFeat and SparseFeat "
      "columns; those of one group_name side by side, the groups by their first column",
      "embedding_dict.hist_<name>.weight is the history's own table; without it, it shares the "
      "candidate's",
      "a state dict keeps embedding_dict in the order of the columns: an answer in another order "
      "is refused where the file tells its order",
      "interest_extractor.gru.*: torch.nn.GRU, rows r, z, n, two biases, reset after the product, "
      "z the share of the old state",
      "attention: MLP over [q, k, q - k, q * k] and a Dense of one output, in it Dice with epsilon "
      "1e-8 or PReLU where their tensors are",
      "GRU: a second torch.nn.GRU, then the sum of its states weighted by the attention; AIGRU: "
      "torch.nn.GRU over a h",
      "AGRU, AUGRU: rows r, z, n, two biases, reset after the product; share of the new state a "
      "(AGRU; its rows z are unused), a z (AUGRU)",
      "AUGRU: one bias stands for both, and counts twice: the cell registers bias_hh as bias_ih "
      "too; AGRU never trains the biases of its rows z, which stay 0",
      "DIN: the sum of the events weighted by the attention",
      "head input: DIEN: the stack's state, the sparse features, the dense ones. DIN: the sparse "
      "features, the pooled varlen ones, the stack's sum, the dense ones",
      "dnn.linears.*, then BatchNorm (epsilon 1e-5) where dnn.bn.* is, then the activation; "
      "linear.weight (DIN: dnn_linear.weight) + out.bias gives the logit, or a regression's score",
      "behaviours by length, padding after them; an empty history gives zeros (in a DIN with "
      "att_weight_normalization the library gives row 0 of the history's tables); row 0 of a table "
      "is padding",
  };
  library.recognised_by =
      "embedding_dict.*.weight, dnn.linears.*, out.bias and interest_extractor.gru.* (DIN: "
      "attention.local_att.dnn.linears.* and dnn_linear.weight)";
  library.recognises = recognises;
  library.other_model = other_model;
  library.describe = describe;
  library.parameters = ask::together(
      {{
           ask::choice(
               "gru_type",
               "DIEN's gru_type; GRU and AIGRU have the same tensors, and those of AGRU and "
               "AUGRU differ only in their biases",
               {{"GRU", "a second GRU, then attention pooling; the library's default"},
                {"AIGRU", "GRU over a h"},
                {"AGRU", "attention in the update gate's place"},
                {"AUGRU", "attention times the update gate"}})
               .found_in("DIEN(..., gru_type=)")
               .needed_if(
                   [](const Tensors& tensors, const Answers&) {
                     return is_dien(tensors) && told_cell(tensors).empty();
                   },
                   "in a DIEN whose biases do not tell"),
       },
       column_parameters(),
       {
           ask::boolean("att_weight_normalization",
                        "the model's att_weight_normalization: softmax over the scores (the "
                        "library's default: true in DIEN, false in DIN)")
               .found_in(
                   "DIEN(..., att_weight_normalization=), DIN(..., att_weight_normalization=)"),
           activation_parameter("att_activation", attention_dnn),
           activation_parameter("dnn_activation", head_dnn),
           deepctr::task(),
           ask::max_history("how many events are kept: the maxlen of the hist_ columns",
                            "VarLenSparseFeat(..., maxlen=) of the hist_NAME columns"),
           deepctr::truncation(),
           ask::out_of_table(),
           ask::stack(),
       }});
  return library;
}

}  // namespace
}  // namespace deepctr_torch_model

Library deepctr_torch() {
  return deepctr_torch_model::make_library();
}

}  // namespace augur::convert
