// FuxiCTR's layers; see fuxictr_network.h.
#include "libraries/fuxictr_network.h"

#include "libraries/fuxictr_features.h"
#include "libraries/pieces.h"

namespace augur::convert::fuxictr_model {
namespace {

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

// Of stack n. Releases of DIN differ in the name of the MLP; LongCTR's has no number.
Mlp attention_mlp(const Tensors& tensors, int n) {
  if (!is_din(tensors))
    return {"attention_modules." + std::to_string(n) + ".attn_mlp.mlp", "attention_activation"};
  const std::string at =
      is_long(tensors) ? "attention_layers" : "attention_layers." + std::to_string(n);
  const bool is_layer = tensors.has(at + ".attention_layer.mlp.#.weight");
  return {at + (is_layer ? ".attention_layer.mlp" : ".attention.mlp"),
          "attention_hidden_activations"};
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
  if (stated == "leaky_relu") return {{"kind", "leaky_relu"}, {"slope", 0.01}};
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

Json mlp_attention(const Tensors& tensors, const Answers& answers, int n) {
  return {{"kind", "mlp"},
          {"query_projection", nullptr},
          {"input", {"q", "k", "q-k", "q*k"}},
          {"layers", layers(tensors, answers, attention_mlp(tensors, n))},
          {"score_scale", 1}};
}

bool asks_attention_activation(const Tensors& tensors, const Answers&) {
  if (is_din(tensors)) return false;
  for (const int n : tensors.indices("attention_modules.#.attn_mlp.mlp.0.weight")) {
    if (is_silent(tensors, attention_mlp(tensors, n))) return true;
  }
  return false;
}

bool asks_attention_hidden_activations(const Tensors& tensors, const Answers&) {
  if (!is_din(tensors)) return false;
  if (is_long(tensors)) return is_silent(tensors, attention_mlp(tensors, 0));
  for (const int n : tensors.indices("attention_layers.#.attention*.mlp.0.weight")) {
    if (is_silent(tensors, attention_mlp(tensors, n))) return true;
  }
  return false;
}

// The library's words, and classes of torch.nn, which it takes too.
std::vector<Choice> activations() {
  return {{"relu", "ReLU"},
          {"sigmoid", "Sigmoid"},
          {"tanh", "Tanh"},
          {"none", "none", {"identity", "linear"}},
          {"dice", "Dice, whose tensors tell it"},
          {"prelu", "PReLU, whose tensors tell it"},
          {"gelu", "GELU, by the error function"},
          {"elu", "ELU"},
          {"silu", "SiLU", {"swish"}},
          {"leaky_relu", "LeakyReLU, slope 0.01", {"LeakyReLU"}}};
}

}  // namespace

bool has_cells(const Tensors& tensors) {
  return tensors.has("evolving_modules.0.gru_cell.x2h.weight");
}

std::string told_cell(const Tensors& tensors) {
  const std::string at = "evolving_modules.0.gru_cell.";
  const checkpoint::TensorInfo* found[] = {tensors.checkpoint().find(at + "x2h.bias"),
                                           tensors.checkpoint().find(at + "h2h.bias")};
  std::vector<float> biases[2];
  for (size_t i = 0; i < 2; ++i) {
    if (found[i] == nullptr) return "";
    biases[i] = tensors.checkpoint().read(*found[i]);
  }
  const size_t units = biases[0].size() / 3;  // rows u, r, n
  if (biases[0].size() != biases[1].size() || biases[0].size() != 3 * units) return "";
  bool equal = true, zero = true, rest_is_zero = true;
  for (size_t k = 0; k < 3 * units; ++k) {
    const bool both_zero = biases[0][k] == 0 && biases[1][k] == 0;
    if (k >= units) {
      rest_is_zero = rest_is_zero && both_zero;
      continue;
    }
    equal = equal && biases[0][k] == biases[1][k];
    zero = zero && both_zero;
  }
  if (zero) return rest_is_zero ? "" : "AGRU";
  return equal ? "AUGRU" : "";
}

Json attention(const Tensors& tensors, const Answers& answers, int n) {
  if (is_din(tensors)) {
    Json attention = mlp_attention(tensors, answers, n);
    attention["softmax"] = answers.flag("din_use_softmax");
    const std::string last = answers.text("attention_output_activation");
    attention["layers"].back()["activation"] =
        last == "leaky_relu" ? Json{{"kind", "leaky_relu"}, {"slope", 0.01}} : Json(last);
    return attention;
  }
  const std::string at = "attention_modules." + std::to_string(n);
  Json attention;
  if (tensors.has(at + ".W_kernel")) {
    attention = {{"kind", "bilinear"},
                 {"query_projection", nullptr},
                 {"weight", at + ".W_kernel"},
                 {"axes", {"key", "query"}},
                 {"score_scale", 1}};
  } else if (tensors.has(at + ".attn_mlp.mlp.0.weight")) {
    attention = mlp_attention(tensors, answers, n);
  } else {
    attention = {{"kind", "dot"}, {"query_projection", nullptr}, {"score_scale", 1}};
  }
  attention["softmax"] = answers.flag("use_attention_softmax");
  return attention;
}

Json evolution(const std::string& gru_type, int n) {
  const std::string module = "evolving_modules." + std::to_string(n);
  if (gru_type == "GRU") {
    Json gru = torch_gru(module);
    gru["kind"] = "gru";
    return gru;
  }
  const std::string at = module + ".gru_cell";
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

Json head_layers(const Tensors& tensors, const Answers& answers) {
  return layers(tensors, answers, kHead);
}

std::vector<Parameter> activation_parameters() {
  std::vector<Choice> without_tensors;
  for (const Choice& choice : activations()) {
    if (choice.word != "dice" && choice.word != "prelu") without_tensors.push_back(choice);
  }
  return {
      ask::choice("attention_activation", "as in the model's configuration", activations())
          .needed_if(asks_attention_activation,
                     "for a DIEN's attention MLP without tensors of Dice or PReLU"),
      ask::choice("attention_hidden_activations", "as in the configuration of a DIN", activations())
          .needed_if(asks_attention_hidden_activations,
                     "for a DIN's attention without tensors of Dice or PReLU"),
      ask::choice("attention_output_activation", "as in the configuration of a DIN",
                  without_tensors)
          .with_default("none"),
      ask::choice("dnn_activations", "as in the model's configuration (default there: ReLU)",
                  activations())
          .needed_if(
              [](const Tensors& tensors, const Answers&) { return is_silent(tensors, kHead); },
              "unless tensors of Dice or PReLU tell"),
  };
}

}  // namespace augur::convert::fuxictr_model
