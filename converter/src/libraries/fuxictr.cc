// FuxiCTR: model_zoo/DIEN.
#include "libraries/all.h"
#include "libraries/fuxictr_features.h"
#include "libraries/pieces.h"

namespace augur::convert {
namespace {

using namespace fuxictr_model;

bool recognises(const Tensors& tensors) {
  return tensors.has("*embedding_layers.*.weight") && tensors.has("dnn.mlp.#.weight") &&
         (tensors.has("extraction_modules.#.weight_ih_l0") ||
          tensors.has("attention_layers*.attention.mlp.#.weight"));
}

// AGRU and AUGRU have cells; GRU is a torch.nn.GRU.
bool has_cells(const Tensors& tensors) {
  return tensors.has("evolving_modules.0.gru_cell.x2h.weight");
}

// An MLP_Block at `at`, and the name of the answer that tells its activation.
struct Mlp {
  std::string at;
  std::string activation;

  std::string module(int n) const { return at + "." + std::to_string(n); }
  std::vector<int> norms(const Tensors& tensors) const {
    return tensors.indices(at + ".#.running_mean");
  }
  std::vector<int> linears(const Tensors& tensors) const {
    return without(tensors.indices(at + ".#.bias"), norms(tensors));
  }
};

const Mlp kHead = {"dnn.mlp", "dnn_activations"};

// Of stack n.
Mlp attention_mlp(int n) {
  return {"attention_modules." + std::to_string(n) + ".attn_mlp.mlp", "attention_activation"};
}

// The activation that the tensors of module n tell: dice or prelu, "" if they tell none.
std::string told_activation(const Tensors& tensors, const Mlp& mlp, int n) {
  const std::string at = mlp.module(n);
  if (tensors.has(at + ".bn.running_mean")) return "dice";
  return tensors.has(at + ".weight") && !tensors.has(at + ".bias") ? "prelu" : "";
}

// The module of the activation after the Linear n: its BatchNorm stands between.
int activation_after(const Tensors& tensors, const Mlp& mlp, int n) {
  return contains(mlp.norms(tensors), n + 1) ? n + 2 : n + 1;
}

// Whether the activation of some hidden layer must be asked for.
bool is_silent(const Tensors& tensors, const Mlp& mlp) {
  const std::vector<int> linears = mlp.linears(tensors);
  for (const int n : linears) {
    if (n != linears.back() &&
        told_activation(tensors, mlp, activation_after(tensors, mlp, n)).empty())
      return true;
  }
  return false;
}

Json activation(const Tensors& tensors, const Answers& answers, const Mlp& mlp, int n) {
  const std::string at = mlp.module(n), told = told_activation(tensors, mlp, n);
  if (told == "dice") {
    answers.agree(mlp.activation, told, at + ".bn.* is there");
    return {{"kind", "dice_batchnorm"},
            {"mean", at + ".bn.running_mean"},
            {"variance", at + ".bn.running_var"},
            {"gamma", nullptr},
            {"beta", nullptr},
            {"epsilon", 1e-9},
            {"alpha", at + ".alpha"}};
  }
  if (told == "prelu") {
    answers.agree(mlp.activation, told, at + ".weight is there without a bias");
    return {{"kind", "prelu"}, {"alpha", at + ".weight"}};
  }
  const std::string stated = answers.text(mlp.activation);
  if (stated == "dice" || stated == "prelu")
    answers.fail(mlp.activation, stated + " was stated, but " + at + ".* has no tensors");
  return stated;
}

Json layers(const Tensors& tensors, const Answers& answers, const Mlp& mlp) {
  const std::vector<int> linears = mlp.linears(tensors), norms = mlp.norms(tensors);
  Json list = Json::array();
  for (const int n : linears) {
    Json layer = torch_linear(mlp.module(n), "none");
    if (contains(norms, n + 1)) {
      layer["batch_norm"] = torch_batch_norm(mlp.module(n + 1), "before_activation");
    } else if (n == 1 && contains(norms, 0)) {
      layer["batch_norm"] = torch_batch_norm(mlp.module(0), "input");
    }
    if (n != linears.back()) {
      layer["activation"] = activation(tensors, answers, mlp, activation_after(tensors, mlp, n));
    }
    list.push_back(std::move(layer));
  }
  return list;
}

Json attention(const Tensors& tensors, const Answers& answers, int n) {
  const std::string at = "attention_modules." + std::to_string(n);
  Json attention = {{"query_projection", nullptr},
                    {"score_scale", 1},
                    {"softmax", answers.flag("use_attention_softmax")}};
  if (tensors.has(at + ".W_kernel")) {
    attention["kind"] = "bilinear";
    attention["weight"] = at + ".W_kernel";
    attention["axes"] = {"key", "query"};
  } else if (tensors.has(at + ".attn_mlp.mlp.0.weight")) {
    attention["kind"] = "mlp";
    attention["input"] = {"q", "k", "q-k", "q*k"};
    attention["layers"] = layers(tensors, answers, attention_mlp(n));
  } else {
    attention["kind"] = "dot";
  }
  return attention;
}

Json cell(const std::string& gru_type, int n) {
  const std::string at = "evolving_modules." + std::to_string(n) + ".gru_cell";
  Json cell = {{"kind", gru_type == "AGRU" ? "agru" : "augru"},
               {"gates", {"u", "r", "c"}},
               {"reset", "after_product"},
               {"input", at + ".x2h.weight"},
               {"recurrent", at + ".h2h.weight"},
               {"bias", {{"input", at + ".x2h.bias"}, {"recurrent", at + ".h2h.bias"}}}};
  if (gru_type == "AUGRU") {
    cell["form"] = "scale";
    cell["update_gate"] = "share_of_candidate";
  }
  return cell;
}

Json stack(const Tensors& tensors, const Answers& answers, const Features& features,
           const Pair& pair, const std::string& gru_type) {
  Json fields = Json::array();
  for (const std::string& name : pair.sequence)
    fields.push_back(id_field(name, features.table_of(name)));
  Json stack = {
      {"name", pair.name},
      {"fields", fields},
      {"max_history", answers.integer("max_history")},
      {"mask", {{"non_zero", pair.sequence.front()}}},
      {"query", pair.target},
      {"extractor", Json::array({torch_gru("extraction_modules." + std::to_string(pair.n))})}};
  if (gru_type == "GRU") {
    stack["extractor"].push_back(torch_gru("evolving_modules." + std::to_string(pair.n)));
    stack["attention"] = nullptr;
    stack["result"] = "last_state";
  } else {
    stack["attention"] = attention(tensors, answers, pair.n);
    stack["result"] = "evolution";
    stack["evolution"] = cell(gru_type, pair.n);
  }
  return stack;
}

std::string gru_type_of(const Tensors& tensors, const Answers& answers) {
  if (!answers.has("gru_type")) return "GRU";  // asked for where there are cells
  const std::string gru_type = answers.text("gru_type");
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
  return gru_type;
}

void check_model(const Tensors& tensors) {
  if (!tensors.has("extraction_modules.0.weight_ih_l0")) {
    tensors.refuse(
        "a DIN (attention_layers without extraction_modules): it has a head and an attention, but "
        "no sequence network to convert as a DIEN; describe it with --model (docs/conversion.md)");
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
  }
  for (const Pair& pair : features.pairs)
    add_state_slots(answers, pair, slots);
  if (!features.later) features.add_slots(slots);
  return slots;
}

Json describe(const Tensors& tensors, const Answers& answers) {
  check_model(tensors);
  const std::string gru_type = gru_type_of(tensors, answers);
  const Features features = read_features(tensors, answers);
  Json stacks = Json::array();
  for (const Pair& pair : features.pairs)
    stacks.push_back(stack(tensors, answers, features, pair, gru_type));
  return {{"name", "fuxictr " + gru_type},
          {"orientation", "out_in"},
          {"ignore", features.shared_copies()},
          {"tables", features.tables(answers.text("out_of_table"))},
          {"features", features.of_user()},
          {"candidate", features.of_candidate()},
          {"stacks", stacks},
          {"head",
           {{"input", head_input(answers, features)}, {"layers", layers(tensors, answers, kHead)}}},
          {"output", {{"kind", "sigmoid"}}}};
}

bool asks_attention_activation(const Tensors& tensors, const Answers&) {
  for (const int n : tensors.indices("attention_modules.#.attn_mlp.mlp.0.weight")) {
    if (is_silent(tensors, attention_mlp(n))) return true;
  }
  return false;
}

std::vector<Choice> activations() {
  return {{"relu", "ReLU"},
          {"sigmoid", "sigmoid"},
          {"tanh", "tanh"},
          {"none", "none"},
          {"dice", "Dice, whose tensors tell it"},
          {"prelu", "PReLU, whose tensors tell it"}};
}

}  // namespace

Library fuxictr() {
  Library library;
  library.name = "fuxictr";
  library.title = "FuxiCTR's DIEN: GRU, AGRU, AUGRU; one stack per sequence field";
  library.about =
      "State dicts of FuxiCTR's model_zoo/DIEN, both with dien_target_field and "
      "dien_sequence_field (one stack\nfor each pair) and the later one whose item features are "
      "told by source: item (one stack).";
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
      "later version (embedding_layer.embedding_layer.*): the features first, then e_a, the state "
      "(and the sum, and e_a times it)",
      "a numeric feature is a number times its embedding; multi-valued ones skip id 0",
      "dnn.mlp.*: Linear, BatchNorm (epsilon 1e-5) where it is, activation: Dice (epsilon 1e-9, no "
      "affine), PReLU where their tensors are; the last Linear gives the logit",
      "an event counts unless the id of its first field is 0; an empty history gives state 0; row "
      "0 of a table is padding",
  };
  library.recognised_by =
      "embedding_layer.*embedding_layers.*.weight, extraction_modules.* and dnn.mlp.*";
  library.recognises = recognises;
  library.describe = describe;
  library.parameters = {
      ask::choice(
          "gru_type",
          "DIEN's gru_type; the tensors of AGRU and AUGRU are the same, and their scores differ",
          {{"GRU", "the last state of a second GRU"},
           {"AIGRU", "refused: FuxiCTR cannot run it"},
           {"AGRU",
            "attention in the update gate's place. In releases whose DynamicGRU makes an "
            "AUGRUCell for gru_type 'AGRU' too (look into DIEN.py), the model is an AUGRU: "
            "state AUGRU"},
           {"AUGRU", "attention times the update gate"}})
          .needed_if([](const Tensors& tensors, const Answers&) { return has_cells(tensors); },
                     "between AGRU and AUGRU")};
  for (Parameter& parameter : feature_parameters())
    library.parameters.push_back(std::move(parameter));
  const std::vector<Parameter> network = {
      ask::boolean("use_attention_softmax",
                   "as in the model's configuration (default there: true); the weights do not tell "
                   "whether the attention has a softmax")
          .needed_if([](const Tensors& tensors, const Answers&) { return has_cells(tensors); },
                     "but for GRU"),
      ask::boolean("enable_sum_pooling",
                   "as in the model's configuration; the head's width tells if it is wrong")
          .with_default(false),
      ask::choice("attention_activation", "as in the model's configuration", activations())
          .needed_if(asks_attention_activation,
                     "for an attention MLP without tensors of Dice or PReLU"),
      ask::choice("dnn_activations", "as in the model's configuration (default there: ReLU)",
                  activations())
          .needed_if(
              [](const Tensors& tensors, const Answers&) { return is_silent(tensors, kHead); },
              "unless tensors of Dice or PReLU tell"),
      ask::max_history("the newest so many events are kept: the max_len of the sequences"),
      ask::out_of_table(),
  };
  library.parameters.insert(library.parameters.end(), network.begin(), network.end());
  return library;
}

}  // namespace augur::convert
