// torch-rechub: torch_rechub.models.ranking.DIEN and DIN.
#include <utility>

#include "error.h"
#include "libraries/all.h"
#include "libraries/pieces.h"
#include "libraries/torch_rechub_columns.h"

namespace augur::convert {
namespace torch_rechub_model {
namespace {

bool recognises(const Tensors& tensors) {
  return tensors.has("embedding.embed_dict.*.weight") && tensors.has("mlp.mlp.#.weight") &&
         (is_dien(tensors) || tensors.has("attention_layers.#.attention.mlp.#.weight"));
}

// The library's other models of one score, by tensors that are theirs alone beside an embed_dict.
std::string other_model(const Tensors& tensors) {
  static const std::pair<const char*, const char*> kModels[] = {
      {"transformer_layers.layers.#.self_attn.in_proj_weight", "BST"},
      {"attention_liner.weight", "AFM"},
      {"interacting_layers.#.*", "AutoInt"},
      {"bilinear_interaction.*", "FiBiNet"},
      {"bridge_modules.#.*", "EDCN"},
      {"mlps.#.mlp.#.weight", "EDCN"},
      {"cn.w.#.weight", "DCN"},
      {"crossnet.*", "DCNv2"},
      {"cen.*", "FatDeepFFM"},
      {"ffm_embedding.embed_dict.*.weight", "DeepFFM"},
      {"linear.fc.weight", "DeepFM or WideDeep"},
  };
  if (!tensors.has("embedding.embed_dict.*.weight") &&
      !tensors.has("sparse_embedding.embed_dict.*.weight") &&
      !tensors.has("ffm_embedding.embed_dict.*.weight")) {
    return "";
  }
  for (const auto& [pattern, model] : kModels) {
    if (tensors.has(pattern)) return model;
  }
  return "";
}

Json augru(const std::string& at) {
  const auto gates = [&at](const std::string& matrix) {
    return Json{
        {"concat", {at + "." + matrix + "u", at + "." + matrix + "r", at + "." + matrix + "h"}}};
  };
  Json input = gates("W"), recurrent = gates("U");
  input["along"] = recurrent["along"] = "outputs";
  return {{"kind", "augru"},
          {"form", "scale"},
          {"gates", {"u", "r", "c"}},
          {"update_gate", "share_of_candidate"},
          {"reset", "after_product"},
          {"orientation", "in_out"},
          {"input", input},
          {"recurrent", recurrent},
          {"bias", {{"input", gates("b")}, {"recurrent", nullptr}}}};
}

// ------------------------------------------------------------------------- MLP

bool is_linear(const Tensors& tensors, const std::string& at) {
  return tensors.has(at + ".bias") && !tensors.has(at + ".running_mean");
}

// The activation that the tensors of an MLP's first layer tell: "" if it has none.
std::string told_activation(const Tensors& tensors, const std::string& mlp) {
  if (tensors.has(mlp + ".2.alpha")) return "dice";
  const bool is_prelu = tensors.has(mlp + ".2.weight") && !tensors.has(mlp + ".2.bias");
  return is_prelu ? "prelu" : "";
}

bool has_hidden_layers(const Tensors& tensors, const std::string& mlp) {
  return tensors.has(mlp + ".1.running_mean");
}

// Linear, BatchNorm, activation and Dropout for each layer; then the last Linear. `activation` is
// that of layers without tensors of their own for it.
Json layers(const Tensors& tensors, const std::string& mlp, const Json& activation) {
  Json layers = Json::array();
  const std::string told = told_activation(tensors, mlp);
  int next = 0;
  for (; tensors.has(mlp + "." + std::to_string(next + 1) + ".running_mean"); next += 4) {
    const std::string weights = mlp + "." + std::to_string(next + 2);
    Json own = activation;
    if (told == "dice")
      own = {{"kind", "dice_rowwise"}, {"epsilon", 1e-3}, {"alpha", weights + ".alpha"}};
    if (told == "prelu") own = prelu(weights + ".weight");
    Json layer = torch_linear(mlp + "." + std::to_string(next), own);
    layer["batch_norm"] =
        torch_batch_norm(mlp + "." + std::to_string(next + 1), "before_activation");
    layers.push_back(std::move(layer));
  }
  const std::string last = mlp + "." + std::to_string(next);
  if (!is_linear(tensors, last)) {
    tensors.refuse(last + ".weight is not there: the MLP was made with output_layer=False, so " +
                   "that it has no layer that gives one logit");
  }
  layers.push_back(torch_linear(last, "none"));
  return layers;
}

// DIEN and DIN give their head activation="dice" themselves.
Json head_layers(const Tensors& tensors) {
  const std::string mlp = "mlp.mlp";
  if (has_hidden_layers(tensors, mlp) && told_activation(tensors, mlp) != "dice") {
    tensors.refuse(
        "mlp.mlp.2.alpha, Dice's, is not there, but the library's DIEN and DIN fix Dice as the "
        "head's activation, so this is another model; describe it with --model "
        "(docs/description.md)");
  }
  return layers(tensors, mlp, "none");
}

std::string first_attention(const Tensors& tensors) {
  const std::vector<int> numbers = tensors.indices("attention_layers.#.attention.mlp.*.bias");
  return numbers.empty() ? "" : "attention_layers." + std::to_string(numbers[0]) + ".attention.mlp";
}

bool asks_activation(const Tensors& tensors, const Answers&) {
  const std::string mlp = first_attention(tensors);
  return !is_dien(tensors) && !mlp.empty() && has_hidden_layers(tensors, mlp) &&
         told_activation(tensors, mlp).empty();
}

// Of the attention's layers: what its tensors tell, or what was stated where they have none.
Json attention_activation(const Tensors& tensors, const Answers& answers, const std::string& mlp) {
  const std::string name = "att_activation";
  if (!has_hidden_layers(tensors, mlp)) return "none";
  const std::string told = told_activation(tensors, mlp);
  if (!told.empty()) {
    answers.agree(name, told, mlp + (told == "dice" ? ".2.alpha is there" : ".2.weight is there"));
    return "none";  // layers() takes the tensors
  }
  const std::string word = answers.text(name);
  if (word == "dice" || word == "prelu") {
    answers.fail(name,
                 augur::quoted(word) + " was stated, but " + mlp + ".2 has none of its tensors");
  }
  if (word == "softmax") {
    answers.fail(name,
                 "softmax over a layer's units is no activation of the family; train the "
                 "attention with another one");
  }
  return stated_activation(word, 0.01);
}

// ------------------------------------------------------------------------- stacks

// Which rows of a padded history the model reads.
void add_padding(Json& stack, const Tensors& tensors, const Answers& answers,
                 const History& history, int64_t padding_idx) {
  const int64_t length = answers.integer("max_history");
  if (answers.text("truncation") == "oldest") stack["truncation"] = "oldest";
  stack["mask"] = "length";
  if (!is_dien(tensors)) {  // which side does not matter to a sum
    stack["window"] = {{"length", length}, {"padding", "after"}, {"reads", "all"}};
    return;
  }
  const std::string padding = answers.text("padding");
  if (padding_idx == kNoPadding) {
    stack["window"] = {{"length", length}, {"padding", padding}, {"reads", "all"}};
    return;
  }
  stack["mask"] = Json{{padding_idx == 0 ? "non_zero" : "not_padding", history.name}};
  if (padding == "before") {
    stack["window"] = {
        {"length", length}, {"padding", "before"}, {"reads", "first_events"}, {"evolves", "all"}};
  }
}

Json dien_stack(const History& history) {
  const std::string evolution = "interest_evolving_layers." + history.n;
  return {{"extractor", Json::array({torch_gru("interest_extractor_layers." + history.n)})},
          {"attention",
           {{"kind", "bilinear"},
            {"query_projection", nullptr},
            {"weight", evolution + ".Wa"},
            {"axes", {"key", "query"}},
            {"score_scale", 1},
            {"softmax", true}}},
          {"result", "evolution"},
          {"evolution", augru(evolution + ".augru_cell")}};
}

Json din_stack(const Tensors& tensors, const Answers& answers, const History& history) {
  const std::string mlp = "attention_layers." + history.n + ".attention.mlp";
  return {
      {"extractor", Json::array()},
      {"attention", din_attention(layers(tensors, mlp, attention_activation(tensors, answers, mlp)),
                                  1, answers.flag("use_softmax"))},
      {"result", "attention_pool"}};
}

Json stack(const Tensors& tensors, const Answers& answers, const History& history,
           int64_t padding_idx) {
  Json stack = is_dien(tensors) ? dien_stack(history) : din_stack(tensors, answers, history);
  stack["name"] = history.name;
  stack["fields"] = Json::array({id_field(history.name, history.table)});
  stack["max_history"] = answers.integer("max_history");
  stack["query"] = Json::array({history.target});
  add_padding(stack, tensors, answers, history, padding_idx);
  return stack;
}

void check_model(const Tensors& tensors) {
  if (tensors.has("interest_evolving_layers.#.augru_cell.Wa")) {
    tensors.refuse(
        "trained with a release before 24 April 2026, whose attention is broken: it takes the "
        "softmax over an axis of size 1, so that every step has attention 1, and starts from a "
        "random state, so that its scores change from call to call. There is nothing to "
        "reproduce; train again with a later release (its key is interest_evolving_layers.N.Wa)");
  }
}

Json describe(const Tensors& tensors, const Answers& answers) {
  check_model(tensors);
  const Columns columns = read_columns(tensors, answers);
  Json stacks = Json::array(), head_input = Json::array();
  for (const History& history : columns.histories) {
    stacks.push_back(stack(tensors, answers, history, columns.history_padding));
    head_input.push_back({{"result", history.name}});
  }
  for (const Json& slot : columns.head_slots())
    head_input.push_back(slot);
  return {{"name", is_dien(tensors) ? "torch-rechub AUGRU" : "torch-rechub DIN"},
          {"orientation", "out_in"},
          {"ignore", idle_tables(columns, tensors, answers)},
          {"tables", columns.tables(tensors, answers.text("out_of_table"))},
          {"features", columns.fields(false)},
          {"candidate", columns.fields(true)},
          {"stacks", stacks},
          {"head", {{"input", head_input}, {"layers", head_layers(tensors)}}},
          {"output", {{"kind", "sigmoid"}}}};
}

Library make_library() {
  Library library;
  library.name = "torch-rechub";
  library.title = "torch-rechub's DIEN and DIN: one stack per history feature";
  library.about =
      "State dicts of torch_rechub.models.ranking.DIEN as it is since April 2026, and of DIN. Each "
      "history\nfeature is a sequence of its own, with a GRU, an attention and an AUGRU (DIN: an "
      "attention), and meets the\ntarget feature of its place.";
  library.assumes = {
      "embedding.embed_dict.<feature>.weight; a history feature without its own shares the table "
      "of its target feature",
      "a state dict keeps embed_dict in the order of features, history_features and "
      "target_features: an answer in another order is refused where the file tells its order",
      "interest_extractor_layers.N.*: torch.nn.GRU, rows r, z, n, two biases, reset after the "
      "product, z the share of the old state",
      "interest_evolving_layers.N.Wa: score = h Wa e_a, softmax over the real steps",
      "interest_evolving_layers.N.augru_cell.*: x W, one bias, reset after the product, share of "
      "the new state a u",
      "DIN: attention_layers.N.attention.mlp.*: MLP over [q, k, q - k, q * k], the sum of the "
      "events weighted by it; nothing masks padding, whose row is summed and weighed too",
      "head input: the states of all history features, the target features, the sparse and pooled "
      "features in order, then the dense ones in order",
      "mlp.mlp.*: Linear, BatchNorm (epsilon 1e-5), Dice per sample over the layer's units "
      "(epsilon 1e-3 in the sum of squares, one alpha); the last Linear gives the logit",
      "DIEN: an event counts unless its id is padding_idx; an empty history gives state 0. Padding "
      "before the events: the GRU reads as many of the first rows as there are events, the "
      "attention weighs the last, the AUGRU reads all. padding_idx stands on one side of a "
      "history alone, not between events",
      "DIEN without padding_idx: all rows of the padded history are events",
      "DIEN does not read the tables of neg_history_features",
  };
  library.recognised_by =
      "embedding.embed_dict.*.weight, mlp.mlp.* and interest_extractor_layers.* (DIN: "
      "attention_layers.*.attention.mlp.*)";
  library.recognises = recognises;
  library.other_model = other_model;
  library.describe = describe;
  library.parameters = ask::together(
      {column_parameters(),
       {
           ask::choice("padding", "on which side the library's rows of histories are padded",
                       {{"after", "behind the events: padding='post'", {"post", "right"}},
                        {"before",
                         "before the events: padding='pre', the default of the library's "
                         "pad_sequences",
                         {"pre", "left"}}})
               .found_in("the code that makes the rows: pad_sequences(..., padding=)")
               .needed_if([](const Tensors& tensors, const Answers&) { return is_dien(tensors); },
                          "in a DIEN"),
           ask::boolean("use_softmax",
                        "use_softmax of attention_mlp_params (the library's default: false)")
               .found_in("DIN(..., attention_mlp_params={\"use_softmax\": })")
               .needed_if([](const Tensors& tensors, const Answers&) { return !is_dien(tensors); },
                          "in a DIN"),
           ask::choice("att_activation", "activation of attention_mlp_params",
                       {{"dice", "Dice, whose tensors tell it"},
                        {"prelu", "PReLU, whose tensors tell it"},
                        {"relu", "ReLU"},
                        {"sigmoid", "sigmoid"},
                        {"leaky_relu", "LeakyReLU, slope 0.01", {"leakyrelu"}},
                        {"softmax", "refused: no activation of the family"},
                        {"tanh", "torch.nn.Tanh"},
                        {"gelu", "torch.nn.GELU"},
                        {"elu", "torch.nn.ELU"},
                        {"silu", "torch.nn.SiLU", {"swish"}},
                        {"linear", "torch.nn.Identity", {"identity", "none"}}})
               .found_in("DIN(..., attention_mlp_params={\"activation\": })")
               .needed_if(asks_activation,
                          "in a DIN whose tensors do not tell (no Dice, no PReLU)"),
           ask::max_history("the number of rows that histories were padded to",
                            "the code that makes the rows: pad_sequences(..., maxlen=)"),
           ask::choice("truncation", "which events a longer history keeps, as rows were padded",
                       {{"newest", "the newest: truncating='pre', the library's default", {"pre"}},
                        {"oldest", "the oldest: truncating='post'", {"post"}}})
               .found_in("the code that makes the rows: pad_sequences(..., truncating=)")
               .with_default("newest"),
           ask::out_of_table(),
       }});
  return library;
}

}  // namespace
}  // namespace torch_rechub_model

Library torch_rechub() {
  return torch_rechub_model::make_library();
}

}  // namespace augur::convert
