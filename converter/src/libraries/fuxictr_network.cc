// FuxiCTR's layers; see fuxictr_network.h.
#include "libraries/fuxictr_network.h"

#include <utility>

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

constexpr double kSlope = 0.01;  // torch.nn.LeakyReLU's

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
    return torch_dice(at, 1e-9, false);
  }
  if (told == "prelu") {
    answers.agree(mlp.activation, told, at + ".weight is there without a bias");
    return prelu(at + ".weight");
  }
  const std::string stated = answers.text(mlp.activation);
  if (stated == "dice" || stated == "prelu")
    answers.fail(mlp.activation, stated + " was stated, but " + at + ".* has no tensors");
  return stated_activation(stated, kSlope);
}

Json layers(const Tensors& tensors, const Answers& answers, const Mlp& mlp) {
  const std::vector<int> linears = mlp.linears(tensors), norms = mlp.norms(tensors);
  if (linears.empty()) tensors.refuse(mlp.at + ".*.bias is missing: no layer gives the output");
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

TorchCell cell_of(int n) {
  const std::string at = "evolving_modules." + std::to_string(n) + ".gru_cell.";
  return {at + "x2h.weight", at + "h2h.weight", at + "x2h.bias", at + "h2h.bias", {"u", "r", "c"}};
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
  const std::optional<CellBiases> biases = cell_biases(tensors, cell_of(0));
  if (!biases) return "";
  if (!biases->in_update_gate) return biases->elsewhere ? "AGRU" : "";
  return biases->are_equal_in_update_gate ? "AUGRU" : "";
}

Json attention(const Tensors& tensors, const Answers& answers, int n) {
  if (is_din(tensors)) {
    Json list = layers(tensors, answers, attention_mlp(tensors, n));
    list.back()["activation"] =
        stated_activation(answers.text("attention_output_activation"), kSlope);
    return din_attention(std::move(list), 1, answers.flag("din_use_softmax"));
  }
  const std::string at = "attention_modules." + std::to_string(n);
  const bool softmax = answers.flag("use_attention_softmax");
  const bool is_bilinear = tensors.has(at + ".W_kernel");
  if (!is_bilinear && tensors.has(at + ".attn_mlp.mlp.0.weight"))
    return din_attention(layers(tensors, answers, attention_mlp(tensors, n)), 1, softmax);
  Json attention = {
      {"kind", "dot"}, {"query_projection", nullptr}, {"score_scale", 1}, {"softmax", softmax}};
  if (is_bilinear) {
    attention["kind"] = "bilinear";
    attention["weight"] = at + ".W_kernel";
    attention["axes"] = {"key", "query"};
  }
  return attention;
}

Json evolution(const std::string& gru_type, int n) {
  return gru_type == "GRU" ? torch_gru_evolution("gru", "evolving_modules." + std::to_string(n))
                           : torch_attention_cell(cell_of(n), gru_type);
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
          .found_in("model_config.yaml: attention_activation")
          .needed_if(asks_attention_activation,
                     "for a DIEN's attention MLP without tensors of Dice or PReLU"),
      ask::choice("attention_hidden_activations", "as in the configuration of a DIN", activations())
          .found_in("model_config.yaml: attention_hidden_activations")
          .needed_if(asks_attention_hidden_activations,
                     "for a DIN's attention without tensors of Dice or PReLU"),
      ask::choice("attention_output_activation", "as in the configuration of a DIN",
                  without_tensors)
          .found_in("model_config.yaml: attention_output_activation")
          .only_if(is_din)
          .with_default("none"),
      ask::choice("dnn_activations", "as in the model's configuration (default there: ReLU)",
                  activations())
          .found_in("model_config.yaml: dnn_activations")
          .needed_if(
              [](const Tensors& tensors, const Answers&) { return is_silent(tensors, kHead); },
              "unless tensors of Dice or PReLU tell"),
  };
}

}  // namespace augur::convert::fuxictr_model
