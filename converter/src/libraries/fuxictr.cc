// FuxiCTR: model_zoo/DIEN.
#include <utility>

#include "libraries/all.h"
#include "libraries/fuxictr_features.h"
#include "libraries/fuxictr_network.h"
#include "libraries/pieces.h"
#include "libraries/vocabularies.h"

namespace augur::convert {
namespace {

using namespace fuxictr_model;

bool recognises(const Tensors& tensors) {
  return tensors.has("*embedding_layers.*.weight") && tensors.has("dnn.mlp.#.weight") &&
         (tensors.has("extraction_modules.#.weight_ih_l0") || is_din(tensors));
}

// The library's other models of behaviour sequences, by tensors that are theirs alone.
std::string other_model(const Tensors& tensors) {
  if (!tensors.has("embedding_layer.*embedding_layers.*.weight") ||
      !tensors.has("dnn.mlp.#.weight"))
    return "";
  static const std::pair<const char*, const char*> kModels[] = {
      {"transformer_encoders.#.transformer_blocks.*", "BST"},
      {"multi_interest_extractor.#.*", "DMIN"},
      {"dnn_aux.mlp.#.weight", "SIM"},
      {"powers_of_two", "SDIM"},
      {"random_rotations", "ETA"},
      {"long_attention.W_h.weight", "TWIN"},
  };
  for (const auto& [pattern, model] : kModels) {
    if (tensors.has(pattern)) return model;
  }
  return "";
}

// DIEN packs sequences that it takes to be padded at their end. Where they are padded before, the
// recurrences read the first rows of the window, and the attention weighs the last ones.
Json window(const Tensors& tensors, const Answers& answers, const Pair& pair) {
  const int64_t length = is_long(tensors) ? answers.integer("padded_length") : pair.max_history;
  if (length < pair.max_history) {
    answers.fail("padded_length", std::to_string(length) + " is less than max_history, " +
                                      std::to_string(pair.max_history));
  }
  return {{"length", length},
          {"padding", "before"},
          {"reads", "first_events"},
          {"evolves", "first_events"}};
}

void add_evolution(const Tensors& tensors, const Answers& answers, const Pair& pair,
                   const std::string& gru_type, bool has_window, Json& stack) {
  stack["extractor"] = Json::array({torch_gru("extraction_modules." + std::to_string(pair.n))});
  if (gru_type == "GRU" && !has_window) {
    stack["extractor"].push_back(torch_gru("evolving_modules." + std::to_string(pair.n)));
    stack["attention"] = nullptr;
    stack["result"] = "last_state";
    return;
  }
  stack["attention"] = gru_type == "GRU" ? Json(nullptr) : attention(tensors, answers, pair.n);
  stack["result"] = "evolution";
  stack["evolution"] = evolution(gru_type, pair.n);
}

Json stack(const Tensors& tensors, const Answers& answers, const Features& features,
           const Pair& pair, const std::string& gru_type) {
  Json fields = Json::array();
  for (const std::string& name : pair.sequence)
    fields.push_back(id_field(name, features.table_of(name)));
  Json stack = {{"name", pair.name},
                {"fields", fields},
                {"max_history", pair.max_history},
                {"mask", {{"non_zero", pair.sequence.front()}}},
                {"query", pair.target}};
  const bool pads_before = answers.text("padding") == "pre";
  if (!pads_before) stack["truncation"] = "oldest";
  if (features.din) {
    stack["extractor"] = Json::array();
    stack["attention"] = attention(tensors, answers, pair.n);
    stack["result"] = "attention_pool";
    return stack;
  }
  if (pads_before) stack["window"] = window(tensors, answers, pair);
  add_evolution(tensors, answers, pair, gru_type, pads_before, stack);
  return stack;
}

std::string gru_type_of(const Tensors& tensors, const Answers& answers) {
  const std::string told = told_cell(tensors);
  if (!answers.has("gru_type")) return told.empty() ? "GRU" : told;
  std::string gru_type = answers.text("gru_type");
  if (gru_type == "AIGRU") {
    tensors.refuse(
        "gru_type AIGRU cannot be run by FuxiCTR itself (it multiplies states [batch, steps, "
        "units] by scores [batch, steps]), so there is no score to reproduce");
  }
  if ((gru_type == "GRU") == has_cells(tensors)) {
    tensors.refuse("gru_type " + gru_type +
                   " was stated, but the checkpoint's tensors are those of another one "
                   "(evolving_modules.N.gru_cell.*: AGRU or AUGRU; evolving_modules.N.*_l0: GRU)");
  }
  if (!told.empty()) {
    answers.agree("gru_type", told,
                  std::string("the biases of the update gate (evolving_modules.0.gru_cell.*.bias, "
                              "the first third) are ") +
                      (told == "AGRU" ? "0 and the others are not, as where nothing trains them"
                                      : "not 0 and the same in both, so they were trained"));
  }
  return gru_type;
}

void check_model(const Tensors& tensors, const Answers& answers) {
  if (answers.integer("padding_idx") != 0) {
    answers.fail("padding_idx", answers.at("padding_idx").dump() +
                                    " was stated, but the library's masks compare ids with 0 "
                                    "whatever padding_idx is (\"padding_idx = 0 required\", it "
                                    "says), so the model has read padding as events, and its score "
                                    "depends on how much of it there was");
  }
  if (tensors.has("attention_modules.#.*") && tensors.has("evolving_modules.#.weight_ih_l0")) {
    tensors.refuse(
        "gru_type AIGRU (attention_modules beside a torch.nn.GRU in evolving_modules) multiplies "
        "states [batch, steps, units] by scores [batch, steps]: the shapes do not fit, so FuxiCTR "
        "cannot run this model itself, and there is no score to reproduce");
  }
}

// The state and, with sum pooling, the events' sum, and its product with the candidate.
void add_state_slots(const Answers& answers, const Pair& pair, Json& slots) {
  slots.push_back({{"result", pair.name}});
  if (!answers.flag("enable_sum_pooling")) return;
  const Json sum = {{"pooled", pair.name}, {"pooling", "sum"}, {"padding", "masked"}};
  slots.push_back(sum);
  slots.push_back({{"product", Json::array({{{"query", pair.name}}, sum})}});
}

Json head_input(const Answers& answers, const Features& features) {
  Json slots = Json::array();
  if (features.later) {
    features.add_slots(slots);
    slots.push_back({{"query", "history"}});
    if (features.din) slots.push_back({{"result", "history"}});
  }
  for (const Pair& pair : features.pairs) {
    if (!features.din) add_state_slots(answers, pair, slots);
  }
  if (!features.later) features.add_slots(slots);
  return slots;
}

Json describe(const Tensors& tensors, const Answers& answers) {
  check_model(tensors, answers);
  const std::string gru_type = is_din(tensors) ? "DIN" : gru_type_of(tensors, answers);
  const Features features = read_features(tensors, answers);
  Json stacks = Json::array();
  for (const Pair& pair : features.pairs)
    stacks.push_back(stack(tensors, answers, features, pair, gru_type));
  const bool is_regression = answers.text("task") == "regression";
  return {{"name", "fuxictr " + gru_type},
          {"orientation", "out_in"},
          {"ignore", features.idle_tables(answers)},
          {"tables", features.tables(tensors, answers)},
          {"features", features.of_user(tensors)},
          {"candidate", features.of_candidate(tensors)},
          {"stacks", stacks},
          {"head",
           {{"input", head_input(answers, features)}, {"layers", head_layers(tensors, answers)}}},
          {"output", Json::object({{"kind", is_regression ? "identity" : "sigmoid"}})}};
}

}  // namespace

Library fuxictr() {
  Library library;
  library.name = "fuxictr";
  library.title = "FuxiCTR's DIEN (GRU, AGRU, AUGRU) and DIN; one stack per sequence field";
  library.about =
      "State dicts of FuxiCTR's model_zoo/DIEN and model_zoo/DIN (one stack for each pair of a "
      "target field and a\nsequence field), and of LongCTR's, whose item features are told by "
      "source: item (one stack).";
  library.assumes = {
      "e_t and e_a: the fields of a pair side by side, in the order of the pair; later version: in "
      "the order of the feature map",
      "extraction_modules.N.*: torch.nn.GRU, rows r, z, n, two biases, reset after the product, z "
      "the share of the old state",
      "attention: h W e_a (W_kernel), MLP over [e_a, h, e_a - h, e_a * h] (attn_mlp), or h e_a "
      "where neither is",
      "GRU: the last state of a second torch.nn.GRU, no attention",
      "AGRU, AUGRU: rows u, r, n, two biases, reset after the product; share of the new state a "
      "(AGRU; its rows u are unused), a u (AUGRU)",
      "head input: for each pair its state (and the sum of e_t and e_a times it, with sum "
      "pooling), then the features in the order of the feature map",
      "LongCTR (embedding_layer.embedding_layer.*): the features first, then e_a, the state "
      "(and the sum, and e_a times it), or DIN's result",
      "DIN: attention over [e_a, e_t, e_a - e_t, e_a * e_t]; the events' weighted sum stands in "
      "the "
      "head's input where the feature map has the sequence",
      "a numeric feature is a number times its embedding, an embedding feature a vector that "
      "feature_encoders maps; multi-valued ones skip id 0",
      "padding post keeps the oldest events of a longer sequence, pre the newest",
      "padding pre: of a window of max_len rows with n events, DIEN's GRUs read the first n rows, "
      "padding first, and the attention weighs the last n",
      "dnn.mlp.*: Linear, BatchNorm (epsilon 1e-5) where it is, activation: Dice (epsilon 1e-9, no "
      "affine), PReLU where their tensors are; the last Linear gives the logit",
      "with a vocabulary (feature_vocab.json): __PAD__ is padding, and a key that it does not have "
      "reads __OOV__, the last row",
      "an event counts unless the id of its first field is 0; an empty history gives state 0; row "
      "0 of a table is padding",
  };
  library.recognised_by =
      "embedding_layer.*embedding_layers.*.weight, dnn.mlp.* and extraction_modules.* (DIN: "
      "attention_layers.*)";
  library.recognises = recognises;
  library.other_model = other_model;
  library.describe = describe;
  library.parameters = ask::together(
      {{ask::choice(
            "gru_type",
            "DIEN's gru_type; the tensors of AGRU and AUGRU are the same, and their scores differ",
            {{"GRU", "the last state of a second GRU"},
             {"AIGRU", "refused: FuxiCTR cannot run it"},
             {"AGRU",
              "attention in the update gate's place. In releases whose DynamicGRU makes an "
              "AUGRUCell for gru_type 'AGRU' too (look into DIEN.py), the model is an AUGRU: "
              "state AUGRU"},
             {"AUGRU", "attention times the update gate"}})
            .found_in("model_config.yaml: gru_type")
            .needed_if(
                [](const Tensors& tensors, const Answers&) {
                  return has_cells(tensors) && told_cell(tensors).empty();
                },
                "between AGRU and AUGRU, where the biases of the cells do not tell")},
       feature_parameters(),
       vocabulary_file_parameters("feature_vocab",
                                  "the path of the feature_vocab.json that stands beside the "
                                  "model's feature_map.json",
                                  "the folder of the data set: feature_vocab.json"),
       activation_parameters(),
       {
           ask::boolean(
               "use_attention_softmax",
               "as in the model's configuration (default there: true); the weights do not tell "
               "whether the attention has a softmax")
               .found_in("model_config.yaml: use_attention_softmax")
               .needed_if([](const Tensors& tensors, const Answers&) { return has_cells(tensors); },
                          "but for GRU"),
           ask::boolean(
               "din_use_softmax",
               "as in the configuration of a DIN (default there: false); the weights do not "
               "tell")
               .found_in("model_config.yaml: din_use_softmax")
               .needed_if([](const Tensors& tensors, const Answers&) { return is_din(tensors); },
                          "for a DIN"),
           ask::boolean("enable_sum_pooling",
                        "as in the model's configuration; the head's width tells if it is wrong")
               .found_in("model_config.yaml: enable_sum_pooling")
               .only_if([](const Tensors& tensors) { return !is_din(tensors); })
               .with_default(false),
           ask::choice("task", "as in the model's configuration",
                       {{"binary_classification", "the score is a probability", {"binary"}},
                        {"regression", "the score is the network's output"}})
               .found_in("model_config.yaml: task")
               .with_default("binary_classification"),
           ask::max_history(
               "how many events are kept: the max_len of the sequences",
               "dataset_config.yaml: feature_cols: max_len; LongCTR: dataset_config.yaml: max_len")
               .needed_if(
                   [](const Tensors& tensors, const Answers& answers) {
                     return is_long(tensors) || !answers.has("feature_map");
                   },
                   "without feature_map, and for LongCTR, whose loader has the max_len")
               .decided_with("feature_map"),
           ask::choice("padding",
                       "of the sequences, as in the dataset's configuration (default there: post; "
                       "LongCTR: its loader's, pre): DIEN's scores differ, and which events of a "
                       "longer sequence are kept",
                       {{"post", "padding after the events; the oldest are kept"},
                        {"pre", "padding before the events; the newest are kept"}})
               .found_in("dataset_config.yaml: feature_cols: padding"),
           ask::integer(
               "padded_length",
               "LongCTR's loader pads to the longest sequence of a batch, so that with padding "
               "pre a score depends on its batch: the one length of all batches, if yours has "
               "one. Without it there is no score to reproduce")
               .needed_if(
                   [](const Tensors& tensors, const Answers& answers) {
                     return is_long(tensors) && !is_din(tensors) && answers.has("padding") &&
                            answers.text("padding") == "pre";
                   },
                   "for LongCTR's DIEN with padding pre")
               .found_in("the loader of your batches: the length of their rows")
               .only_if([](const Tensors& tensors) { return is_long(tensors) && !is_din(tensors); })
               .decided_with("padding"),
           ask::integer("padding_idx", "of the sequences; the library demands 0")
               .found_in("feature_map.json: features: padding_idx")
               .with_default(0),
           ask::out_of_table(),
       }});
  return library;
}

}  // namespace augur::convert
