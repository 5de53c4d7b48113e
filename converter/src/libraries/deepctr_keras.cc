// DeepCTR for Keras: deepctr.models.DIEN and DIN.
#include <utility>

#include "libraries/all.h"
#include "libraries/deepctr.h"
#include "libraries/deepctr_keras_columns.h"
#include "libraries/keras_layers.h"
#include "libraries/pieces.h"
#include "libraries/tf1_cell.h"

namespace augur::convert {
namespace {

using namespace deepctr_keras_model;

bool is_dien(const Tensors& tensors) {
  return tensors.has("*gru1*gates/kernel*");
}

bool has_attention(const Tensors& tensors) {
  return tensors.has("*local_activation_unit*/kernel*") && tensors.has("*global_bias*");
}

// BST has Transformers; DSIN has them too, and a BiLSTM.
std::string other_model(const Tensors& tensors) {
  if (!has_attention(tensors) || !tensors.has("*transformer*")) return "";
  return tensors.has("*bi_lstm*") || tensors.has("*sess_bias_embedding*") ? "DSIN" : "BST";
}

bool recognises(const Tensors& tensors) {
  return (has_attention(tensors) && (is_dien(tensors) || !tensors.has("*transformer*"))) ||
         tensors.has("*/local_att/kernel/.ATTRIBUTES/VARIABLE_VALUE");
}

// What every name ends with: ":0" in HDF5.
std::string ends_of(const Tensors& tensors) {
  return tensors.has("*:0") ? ":0" : "";
}

// What stands before the tensor `name` of the only layer that has it.
std::string layer_at(const Tensors& tensors, const std::string& pattern, const std::string& name) {
  return before(tensors.only(pattern + name), name);
}

// A deepctr.layers.DNN at `at`, and the argument of DIEN() that tells its activation.
struct Dnn {
  std::string at;
  std::string argument;
};

// All DNNs: that of the attention, the head's, and the auxiliary loss's, which ends with one unit.
struct Dnns {
  std::vector<Dnn> attention;
  std::vector<Dnn> head;
  Json auxiliary = Json::array();  // patterns of its tensors
};

Dnns find_dnns(const Tensors& tensors, const std::string& ends) {
  Dnns dnns;
  for (const std::string& first : tensors.names("*/kernel0" + ends)) {
    const std::string at = before(first, "kernel0" + ends);
    const std::string last = tensors.names(at + "kernel#" + ends).back();
    if (matches("*local_activation_unit*", first)) {
      dnns.attention.push_back({at, "att_activation"});
    } else if (tensors.size(last, 1) == 1) {
      dnns.auxiliary.push_back(at + "*");
    } else {
      dnns.head.push_back({at, "dnn_activation"});
    }
  }
  return dnns;
}

// The activation that the tensors of a DNN tell: dice or prelu, "" if they tell none.
std::string told_activation(const Tensors& tensors, const Dnn& dnn, const std::string& ends) {
  if (tensors.has(dnn.at + "dice*/dice_alpha" + ends)) return "dice";
  return tensors.has(dnn.at + "p_re_lu*/alpha" + ends) ? "prelu" : "";
}

bool is_silent(const Tensors& tensors, const std::vector<Dnn>& dnns) {
  for (const Dnn& dnn : dnns) {
    if (told_activation(tensors, dnn, ends_of(tensors)).empty()) return true;
  }
  return false;
}

// The n-th layer's of the names that match.
std::string nth(const Tensors& tensors, const std::string& pattern, size_t n) {
  const std::vector<std::string> names = tensors.names(pattern);
  if (n >= names.size()) {
    tensors.refuse("layer " + std::to_string(n) + " has no tensor like " + pattern +
                   ": there are " + std::to_string(names.size()));
  }
  return names[n];
}

Json activation(const Tensors& tensors, const Answers& answers, const Dnn& dnn,
                const std::string& ends, size_t n) {
  const std::string told = told_activation(tensors, dnn, ends);
  if (told == "dice") {
    answers.agree(dnn.argument, told, dnn.at + "dice*/dice_alpha is there");
    const std::string at =
        before(nth(tensors, dnn.at + "dice*/dice_alpha" + ends, n), "dice_alpha" + ends);
    return {{"kind", "dice_batchnorm"},
            {"mean", tensors.only(at + "*moving_mean" + ends)},
            {"variance", tensors.only(at + "*moving_variance" + ends)},
            {"gamma", nullptr},
            {"beta", nullptr},
            {"epsilon", 1e-9},
            {"alpha", at + "dice_alpha" + ends}};
  }
  if (told == "prelu") {
    answers.agree(dnn.argument, told, dnn.at + "p_re_lu*/alpha is there");
    return prelu(nth(tensors, dnn.at + "p_re_lu*/alpha" + ends, n));
  }
  const std::string stated = answers.text(dnn.argument);
  if (stated == "dice" || stated == "prelu") {
    answers.fail(dnn.argument, stated + " was stated, but " + dnn.at + " holds no " +
                                   (stated == "dice" ? "dice_alpha" : "PReLU (p_re_lu/alpha)"));
  }
  return stated_activation(stated, 0.3);
}

// The layers of the only DNN; none if there is none.
Json layers(const Tensors& tensors, const Answers& answers, const std::vector<Dnn>& dnns,
            const std::string& ends) {
  Json layers = Json::array();
  if (dnns.empty()) return layers;
  if (dnns.size() > 1) {
    tensors.refuse(
        "the weights hold several deep networks, where DIEN has one in the attention, one in the "
        "head, and an auxiliary one that ends with one unit");
  }
  const Dnn& dnn = dnns.front();
  const std::string gammas = dnn.at + "batch_normalization*/gamma" + ends;
  for (const int number : tensors.indices(dnn.at + "kernel#" + ends)) {
    const std::string n = std::to_string(number);
    const auto index = static_cast<size_t>(number);
    Json layer = {{"weight", dnn.at + "kernel" + n + ends},
                  {"bias", dnn.at + "bias" + n + ends},
                  {"batch_norm", nullptr},
                  {"activation", activation(tensors, answers, dnn, ends, index)}};
    if (tensors.has(gammas)) {
      const std::string at = before(nth(tensors, gammas, index), "gamma" + ends);
      layer["batch_norm"] = {{"place", "before_activation"},
                             {"mean", at + "moving_mean" + ends},
                             {"variance", at + "moving_variance" + ends},
                             {"gamma", at + "gamma" + ends},
                             {"beta", at + "beta" + ends},
                             {"epsilon", 0.001}};
    }
    layers.push_back(std::move(layer));
  }
  return layers;
}

Json attention(const Tensors& tensors, const Answers& answers, const Dnns& dnns,
               const std::string& ends) {
  const std::string at = layer_at(tensors, "*local_activation_unit*/", "kernel" + ends);
  Json list = layers(tensors, answers, dnns.attention, ends);
  list.push_back(
      {{"weight", at + "kernel" + ends}, {"bias", at + "bias" + ends}, {"activation", "none"}});
  return din_attention(std::move(list), 1, answers.flag("att_weight_normalization"));
}

// The gru_type that the file tells, and by what; both "" if it tells none.
struct Told {
  std::string gru_type;
  std::string evidence;
};

// Cells of AGRU and AUGRU have no scope of their own. AUGRU alone can have the auxiliary loss, and
// AIGRU alone a Multiply.
Told told_gru_type(const Tensors& tensors) {
  const bool is_plain = tensors.has("*gru2*gru_cell/gates/kernel*");
  if (!find_dnns(tensors, ends_of(tensors)).auxiliary.empty()) {
    if (!is_plain) return {"AUGRU", "it has the auxiliary network, which AUGRU alone has"};
    tensors.refuse(
        "the weights hold an auxiliary network (a DNN that ends with one unit), which "
        "use_negsampling makes with gru_type AUGRU alone, but gru2/gru_cell is that of GRU or "
        "AIGRU: no DIEN of DeepCTR has both; describe the model with --model "
        "(docs/description.md)");
  }
  if (!is_plain) {
    Told told;
    const std::string ends = ends_of(tensors);
    for (const std::string& gates : tensors.names("*gru2*gates/kernel" + ends)) {
      const std::string cell =
          told_attention_cell(tensors, before(gates, "gates/kernel" + ends), ends, &told.evidence);
      if (!cell.empty()) told.gru_type = cell == "agru" ? "AGRU" : "AUGRU";
    }
    return told;
  }
  if (idle_layers(tensors, "hist_*").empty()) return {};
  if (!idle_layers_of(tensors, "multiply").empty()) return {"AIGRU", "it has a layer multiply"};
  return {"GRU", "it has no layer multiply, as AIGRU has"};
}

bool is_gru_type_asked(const Tensors& tensors, const Answers& /*answers*/) {
  return is_dien(tensors) && told_gru_type(tensors).gru_type.empty();
}

std::string gru_type_of(const Tensors& tensors, const Answers& answers) {
  const Told told = told_gru_type(tensors);
  std::string stated = answers.text_or("gru_type", told.gru_type);
  const bool is_plain = tensors.has("*gru2*gru_cell/gates/kernel*");
  if ((stated == "GRU" || stated == "AIGRU") != is_plain) {
    answers.fail("gru_type", stated +
                                 " was stated, but the weights are those of another one "
                                 "(gru2/gru_cell: GRU or AIGRU; gru2/gates: AGRU or AUGRU)");
  }
  if (!told.gru_type.empty()) answers.agree("gru_type", told.gru_type, told.evidence);
  return stated;
}

void check_layers(const Tensors& tensors) {
  if (!idle_layers_of(tensors, "weighted_sequence_layer").empty()) {
    tensors.refuse(
        "a VarLenSparseFeat has a weight_name (the checkpoint names a layer "
        "weighted_sequence_layer): weights of single ids are not in the model family");
  }
}

void check_model(const Tensors& tensors) {
  if (tensors.has("*.ATTRIBUTES/VARIABLE_VALUE")) {
    tensors.refuse(
        "this checkpoint numbers its layers instead of naming them (layer_with_weights-0), so that "
        "one table cannot be told from another. Save the weights with "
        "model.save_weights(\"weights.h5\"), or with "
        "tf.compat.v1.train.Saver().save(tf.compat.v1.keras.backend.get_session(), "
        "\"model.ckpt\")");
  }
  check_layers(tensors);
  if (is_dien(tensors) && !tensors.has("*gru2*gates/kernel*")) {
    tensors.refuse(
        "gru2's weights (gru2/gates/kernel) are not in this file. The cells of AGRU and AUGRU make "
        "their variables behind Keras' back, so model.save_weights() leaves them out; save "
        "everything with tf.compat.v1.train.Saver().save("
        "tf.compat.v1.keras.backend.get_session(), \"model.ckpt\")");
  }
  if (tensors.has("*local_activation_unit*p_re_lu*")) {
    tensors.refuse(
        "PReLU in the attention (att_activation) has one slope for each unit and each position of "
        "the padded history; attention that depends on the position is not in the model family");
  }
}

// What the sequence becomes: DIN weighs the events themselves, and gru_type says what DIEN does.
void add_interests(Json& history, const Tensors& tensors, const std::string& gru_type,
                   const std::string& ends) {
  history["extractor"] = Json::array();
  history["result"] = "attention_pool";
  if (!is_dien(tensors)) return;
  const std::string gru1 = layer_at(tensors, "*gru1*", "gates/kernel" + ends);
  const std::string gru2 = layer_at(tensors, "*gru2*", "gates/kernel" + ends);
  history["extractor"].push_back(tf1_gru(tensors, gru1, ends));
  if (gru_type == "GRU") {
    history["extractor"].push_back(tf1_gru(tensors, gru2, ends));
    return;
  }
  const std::string kind = gru_type == "AGRU" ? "agru" : gru_type == "AIGRU" ? "aigru" : "augru";
  history["result"] = "evolution";
  history["evolution"] = tf1_evolution(tensors, kind, gru2, ends);
}

// DIEN counts events by seq_length; DIN drops those whose id is 0.
Json mask(const Tensors& tensors, const Columns& columns) {
  if (is_dien(tensors)) return "length";
  return columns.mask();
}

Json describe(const Tensors& tensors, const Answers& answers) {
  check_model(tensors);
  const std::string ends = ends_of(tensors), stack = answers.text("stack");
  const std::string gru_type = is_dien(tensors) ? gru_type_of(tensors, answers) : "DIN";
  const Columns columns = read_columns(tensors, answers, ends, is_dien(tensors));
  const Dnns dnns = find_dnns(tensors, ends);
  Json history = {{"name", stack},
                  {"fields", columns.behaviour()},
                  {"max_history", answers.integer("max_history")},
                  {"mask", mask(tensors, columns)},
                  {"query", columns.query()},
                  {"attention", attention(tensors, answers, dnns, ends)}};
  add_interests(history, tensors, gru_type, ends);
  deepctr::set_truncation(history, answers);
  if (!is_dien(tensors)) deepctr::warn_of_empty_histories(answers);
  Json ignore = dnns.auxiliary;
  for (const Json& table : columns.idle_tables(tensors, ends))
    ignore.push_back(table);
  Json head_layers = layers(tensors, answers, dnns.head, ends);
  head_layers.push_back({{"weight", tensors.only("*dense*/kernel" + ends)},
                         {"bias", tensors.only("*global_bias" + ends)},
                         {"activation", "none"}});
  return {{"name", gru_type},
          {"orientation", "in_out"},
          {"ignore", ignore},
          {"tables", columns.tables(tensors, ends, answers.text("out_of_table"))},
          {"features", columns.fields(false)},
          {"candidate", columns.fields(true)},
          {"stacks", Json::array({history})},
          {"head", {{"input", columns.head_input(stack)}, {"layers", head_layers}}},
          {"output", {{"kind", deepctr::output_kind(answers)}}}};
}

}  // namespace

Library deepctr_keras() {
  Library library;
  library.name = "deepctr-keras";
  library.title = "DeepCTR's DIEN and DIN for Keras (github.com/shenweichen/DeepCTR)";
  library.about =
      "Weights of deepctr.models.DIEN and DIN: HDF5 of model.save_weights(\"x.h5\") or "
      "model.save(\"x.h5\"), or a checkpoint of\ntf.compat.v1.train.Saver. Tensors are known by "
      "their layers' names, whatever numbers Keras has added to them.\nThe feature columns are not "
      "in the weights: they are asked for, in the order of dnn_feature_columns.";
  library.assumes = {
      "gru1, gru2: TF1's GRUCell. Columns r, u; reset before the product; u the share of the old "
      "state; one bias",
      "e_t: the history columns hist_NAME side by side, in the order of \"history\"; e_a: the "
      "SparseFeat NAME of each, in the order of \"sparse\"",
      "attention: MLP over [e_a, h, e_a - h, e_a * h], one output; with normalisation a softmax "
      "over the real steps, without it the scores themselves",
      "GRU: gru2 over gru1, then the sum of a h. AIGRU: input a h. AGRU: share a. AUGRU: share a + "
      "(1 - a) z, where z = 1 - u",
      "Dice: BatchNorm without gamma and beta, moving statistics, epsilon 1e-9. BatchNorm of the "
      "head (use_bn): epsilon 0.001, before the activation",
      "DIN: the sum of the events weighted by the attention; an event counts unless the id of the "
      "first history column is 0",
      "head input: every SparseFeat (those of the candidate too), pooled columns, the interest "
      "state or sum, dense values; columns of one group_name side by side, the groups by their "
      "first column",
      "the last Dense has no bias; global_bias is added: the logit, or a regression's score",
      "histories of a DIEN stand at the front of their columns, and seq_length counts them; ids "
      "are looked up as they are, also 0",
      "use_hash: FarmHash Fingerprint64 of an id's text. h mod n in a DIEN's history and query and "
      "in columns that are not in \"history\"; 1 + h mod (n - 1), and row 0 for 0, in bags, in a "
      "DIN's history, and where the head reads a candidate's column of the history",
      "vocabulary_path: ids are looked up in the file instead, and those that it does not have are "
      "row 0",
  };
  library.recognised_by =
      "names that hold local_activation_unit.../kernel and global_bias, and gru1...gates/kernel "
      "(DIN: none with transformer)";
  library.recognises = recognises;
  library.other_model = other_model;
  library.describe = describe;
  const std::vector<Choice> activations = {
      {"dice", "Dice, which the weights show"},
      {"relu", "ReLU"},
      {"sigmoid", "sigmoid"},
      {"tanh", "tanh"},
      {"linear", "none", {"none"}},
      {"prelu", "PReLU, which the weights show"},
      {"gelu", "x times the normal distribution's"},
      {"elu", "ELU"},
      {"silu", "x sigmoid(x)", {"swish"}},
      {"leaky_relu", "tf.keras.layers.LeakyReLU, slope 0.3", {"LeakyReLU"}}};
  library.parameters = ask::together(
      {{
           ask::choice(
               "gru_type",
               "the argument gru_type of DIEN(), GRU by default; variables cannot tell GRU from "
               "AIGRU, nor AGRU from AUGRU without use_negsampling or a trained cell (Keras trains "
               "neither), but HDF5 names the layer multiply, which only AIGRU has",
               {{"GRU", "two GRUs, then attention pooling"},
                {"AIGRU", "GRU, attention, GRU over a h"},
                {"AGRU", "attention in the update gate's place"},
                {"AUGRU", "attention with the update gate"}})
               .found_in("DIEN(..., gru_type=)")
               .needed_if(is_gru_type_asked, "in a DIEN whose file does not tell"),
           ask::boolean(
               "att_weight_normalization",
               "the argument of that name, true for a softmax: the default in DIEN(); in DIN() "
               "that is false")
               .found_in(
                   "DIEN(..., att_weight_normalization=), DIN(..., att_weight_normalization=)"),
           ask::max_history("how many events are kept, the newest: maxlen of the history columns",
                            "VarLenSparseFeat(..., maxlen=) of the hist_NAME columns"),
       },
       column_parameters(),
       {
           ask::choice("att_activation", "the argument of that name", activations)
               .found_in("DIEN(..., att_activation=), DIN(..., att_activation=)")
               .needed_if(
                   [](const Tensors& tensors, const Answers&) {
                     return is_silent(tensors, find_dnns(tensors, ends_of(tensors)).attention);
                   },
                   "unless the weights show Dice"),
           ask::choice("dnn_activation", "the argument of that name", activations)
               .found_in("DIEN(..., dnn_activation=), DIN(..., dnn_activation=)")
               .needed_if(
                   [](const Tensors& tensors, const Answers&) {
                     return is_silent(tensors, find_dnns(tensors, ends_of(tensors)).head);
                   },
                   "unless the weights show Dice or PReLU"),
           deepctr::task(),
           deepctr::truncation(),
           ask::out_of_table(),
           ask::stack(),
       }});
  return library;
}

}  // namespace augur::convert
