// DeepCTR-Torch: deepctr_torch.models.DIEN.
#include "libraries/all.h"
#include "libraries/deepctr_torch_columns.h"
#include "libraries/pieces.h"

namespace augur::convert {
namespace {

using deepctr_torch_model::column_parameters;
using deepctr_torch_model::Columns;
using deepctr_torch_model::read_columns;

const char* const kExtractor = "interest_extractor.gru";
const char* const kEvolution = "interest_evolution.interest_evolution";
const char* const kAttention = "interest_evolution.attention.local_att";

bool recognises(const Tensors& tensors) {
  return tensors.has("embedding_dict.*.weight") && tensors.has("dnn.linears.#.weight") &&
         tensors.has("out.bias") &&
         (tensors.has("interest_extractor.gru.weight_ih_l0") ||
          tensors.has("attention.local_att.dnn.linears.#.weight"));
}

// The activation that the tensors of a deepctr_torch.layers.DNN tell: "" if it has none.
std::string activation_of(const Tensors& tensors, const std::string& dnn) {
  if (tensors.has(dnn + ".activation_layers.0.bn.running_mean")) return "dice";
  return tensors.has(dnn + ".activation_layers.0.weight") ? "prelu" : "";
}

Parameter activation_parameter(const std::string& name, const std::string& dnn) {
  return ask::choice(name, "DIEN's " + name + "; the library's default: relu",
                     {{"relu", "ReLU"},
                      {"sigmoid", "sigmoid"},
                      {"linear", "none"},
                      {"dice", "Dice, whose tensors tell it"},
                      {"prelu", "PReLU, whose tensors tell it"}})
      .needed_if([dnn](const Tensors& tensors,
                       const Answers&) { return activation_of(tensors, dnn).empty(); },
                 "where its tensors do not tell (no Dice, no PReLU)");
}

// Of layer n of a DNN.
Json activation(const Tensors& tensors, const Answers& answers, const std::string& name,
                const std::string& dnn, int n) {
  const std::string at = dnn + ".activation_layers." + std::to_string(n);
  const std::string told = activation_of(tensors, dnn);
  if (told == "dice") {
    answers.agree(name, told, dnn + ".activation_layers.0.bn.* and .alpha are there");
    return {{"kind", "dice_batchnorm"},
            {"mean", at + ".bn.running_mean"},
            {"variance", at + ".bn.running_var"},
            {"gamma", at + ".bn.weight"},
            {"beta", at + ".bn.bias"},
            {"epsilon", 1e-8},
            {"alpha", at + ".alpha"}};
  }
  if (told == "prelu") {
    answers.agree(name, told, dnn + ".activation_layers.0.weight is there, without a bn");
    return {{"kind", "prelu"}, {"alpha", at + ".weight"}};
  }
  const std::string stated = answers.text(name);
  if (stated == "dice" || stated == "prelu") {
    answers.fail(name, stated + " was stated, but " + dnn + ".activation_layers.* has no tensors");
  }
  return stated == "linear" ? "none" : stated;
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

Json attention(const Tensors& tensors, const Answers& answers, const std::string& at) {
  Json list = layers(tensors, answers, "att_activation", at + ".dnn");
  list.push_back(torch_linear(at + ".dense", "none"));
  return {{"kind", "mlp"},
          {"query_projection", nullptr},
          {"input", {"q", "k", "q-k", "q*k"}},
          {"layers", list},
          {"score_scale", 1},
          {"softmax", answers.flag("att_weight_normalization")}};
}

// AGRUCell and AUGRUCell. The latter registers bias_hh under the name bias_ih too, so that a file
// that keeps tensors with two names once has only one of them.
Json cell(const Tensors& tensors, const std::string& gru_type) {
  const std::string at = std::string(kEvolution) + ".rnn";
  const bool one_bias = gru_type == "AUGRU" && !tensors.has(at + ".bias_ih");
  Json cell = {
      {"kind", gru_type == "AGRU" ? "agru" : "augru"},
      {"gates", {"r", "u", "c"}},
      {"reset", "after_product"},
      {"input", at + ".weight_ih"},
      {"recurrent", at + ".weight_hh"},
      {"bias",
       {{"input", at + (one_bias ? ".bias_hh" : ".bias_ih")}, {"recurrent", at + ".bias_hh"}}}};
  if (gru_type == "AUGRU") {
    cell["form"] = "scale";
    cell["update_gate"] = "share_of_candidate";
  }
  return cell;
}

Json evolution(const Tensors& tensors, const std::string& gru_type) {
  if (gru_type != "AIGRU") return cell(tensors, gru_type);
  Json gru = torch_gru(kEvolution);
  gru["kind"] = "aigru";
  return gru;
}

std::string gru_type_of(const Tensors& tensors, const Answers& answers) {
  const std::string gru_type = answers.text("gru_type");
  const bool has_cell = tensors.has(std::string(kEvolution) + ".rnn.weight_hh");
  if ((gru_type == "AGRU" || gru_type == "AUGRU") != has_cell) {
    tensors.refuse("gru_type " + gru_type +
                   " was stated, but the checkpoint's tensors are those of another one "
                   "(interest_evolution.interest_evolution.rnn.*: AGRU or AUGRU; "
                   "interest_evolution.interest_evolution.*_l0: GRU or AIGRU)");
  }
  return gru_type;
}

void check_model(const Tensors& tensors) {
  if (!tensors.has("interest_extractor.gru.weight_ih_l0")) {
    tensors.refuse(
        "a DIN (attention.local_att without interest_extractor.gru): it has a head and an "
        "attention, but no sequence network to convert as a DIEN; describe it with --model "
        "(docs/conversion.md)");
  }
  if (tensors.has("linear_model.weight") || tensors.has("linear_model.embedding_dict.*.weight")) {
    tensors.refuse(
        "linear_model has weights, but DIEN has no linear part: the checkpoint is of another "
        "model");
  }
  const std::string alpha = "dnn.activation_layers.0.alpha";
  if (tensors.has(alpha) && tensors.rank(alpha) != 1) {
    tensors.refuse(
        "dnn_activation 'dice' makes a Dice for inputs of three axes (its alpha is [units, 1]), "
        "and it asserts that; the head's input has two, so DeepCTR-Torch cannot run this model "
        "itself");
  }
}

Json describe(const Tensors& tensors, const Answers& answers) {
  check_model(tensors);
  const Columns columns = read_columns(tensors, answers);
  const std::string gru_type = gru_type_of(tensors, answers);
  const std::string stack = answers.text("stack");

  Json history = {{"name", stack},
                  {"fields", columns.events()},
                  {"max_history", answers.integer("max_history")},
                  {"mask", "length"},
                  {"query", columns.query()},
                  {"extractor", Json::array({torch_gru(kExtractor)})},
                  {"attention", attention(tensors, answers, kAttention)}};
  if (gru_type == "GRU") {
    history["extractor"].push_back(torch_gru(kEvolution));
    history["result"] = "attention_pool";
  } else {
    history["result"] = "evolution";
    history["evolution"] = evolution(tensors, gru_type);
  }

  Json head_input = Json::array();
  head_input.push_back({{"result", stack}});
  for (Json& slot : columns.slots())
    head_input.push_back(std::move(slot));
  Json head_layers = layers(tensors, answers, "dnn_activation", "dnn");
  head_layers.push_back(
      {{"weight", "linear.weight"}, {"bias", "out.bias"}, {"activation", "none"}});

  return {{"name", "deepctr-torch " + gru_type},
          {"orientation", "out_in"},
          {"ignore", Json::array({"embedding_dict.neg_hist_*"})},
          {"tables", columns.tables(answers.text("out_of_table"))},
          {"features", columns.fields(false)},
          {"candidate", columns.fields(true)},
          {"stacks", Json::array({history})},
          {"head", {{"input", head_input}, {"layers", head_layers}}},
          {"output", {{"kind", "sigmoid"}}}};
}

}  // namespace

Library deepctr_torch() {
  Library library;
  library.name = "deepctr-torch";
  library.title = "DeepCTR-Torch's DIEN: GRU, AIGRU, AGRU, AUGRU";
  library.about =
      "State dicts of deepctr_torch.models.DIEN. A behaviour is the concatenation of the "
      "embeddings of the\nhistory_feature_list (hist_<name> columns); the candidate has the same "
      "features without hist_.";
  library.assumes = {
      "e_t and e_a: embeddings side by side, in the order of the SparseFeat and VarLenSparseFeat "
      "columns",
      "embedding_dict.hist_<name>.weight is the history's own table; without it, it shares the "
      "candidate's",
      "interest_extractor.gru.*: torch.nn.GRU, rows r, z, n, two biases, reset after the product, "
      "z the share of the old state",
      "attention: MLP over [q, k, q - k, q * k] and a Dense of one output, in it Dice with epsilon "
      "1e-8 or PReLU where their tensors are",
      "GRU: a second torch.nn.GRU, then the sum of its states weighted by the attention; AIGRU: "
      "torch.nn.GRU over a h",
      "AGRU, AUGRU: rows r, z, n, two biases, reset after the product; share of the new state a "
      "(AGRU; its rows z are unused), a z (AUGRU)",
      "AUGRU: one bias stands for both, and counts twice: the cell registers bias_hh as bias_ih "
      "too",
      "head input: the stack's state, the sparse features in order, the dense ones; no pooled "
      "history",
      "dnn.linears.*, then BatchNorm (epsilon 1e-5) where dnn.bn.* is, then the activation; "
      "linear.weight + out.bias gives the logit",
      "behaviours by length, the newest kept; an empty history gives state 0; row 0 of a table is "
      "padding",
  };
  library.recognised_by =
      "embedding_dict.*.weight, dnn.linears.*, out.bias and interest_extractor.gru.*";
  library.recognises = recognises;
  library.describe = describe;
  library.parameters = {
      ask::choice("gru_type",
                  "DIEN's gru_type; GRU and AIGRU have the same tensors, and so have AGRU and "
                  "AUGRU",
                  {{"GRU", "a second GRU, then attention pooling; the library's default"},
                   {"AIGRU", "GRU over a h"},
                   {"AGRU", "attention in the update gate's place"},
                   {"AUGRU", "attention times the update gate"}}),
  };
  for (Parameter& parameter : column_parameters())
    library.parameters.push_back(std::move(parameter));
  for (Parameter& parameter : std::vector<Parameter>{
           ask::boolean("att_weight_normalization",
                        "DIEN's att_weight_normalization: softmax over the scores (the library's "
                        "default: true)"),
           activation_parameter("att_activation", std::string(kAttention) + ".dnn"),
           activation_parameter("dnn_activation", "dnn"),
           ask::max_history("the newest so many events are kept: the maxlen of the hist_ columns"),
           ask::out_of_table(),
           ask::stack(),
       }) {
    library.parameters.push_back(std::move(parameter));
  }
  return library;
}

}  // namespace augur::convert
