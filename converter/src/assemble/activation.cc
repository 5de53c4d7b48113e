// Reads an "activation" of a description; see layers.h. Every Dice but the row-wise one is
// p x + alpha (1 - p) x with p = σ(scale x + shift).
#include <array>
#include <string_view>

#include "assemble/layers.h"

namespace augur::convert {
namespace {

using Kind = fb::ActivationKind;

// A word of descriptions. Kinds that have parameters of their own have a reader; the others are
// complete with their kind.
struct ActivationWord {
  const char* word;
  Kind kind;
  const char* keys = nullptr;  // the keys that a reader needs
  std::unique_ptr<fb::ActivationT> (*read)(const Node& node, size_t units,
                                           Context& context) = nullptr;
};

// "alpha": weights, or one number for all units.
Vector read_alpha(const Node& alpha, size_t units, Context& context) {
  if (alpha.is_number()) return Vector(units, alpha.number());
  Vector values = alpha.is_object() && alpha.has("constant")
                      ? read_vector(alpha, units, "", context.weights)
                      : read_vector(alpha, std::nullopt, "", context.weights);
  if (values.size() == 1 && units != 1) return Vector(units, values[0], values.name);
  if (values.size() != units) {
    alpha.fail("tensor " + augur::quoted(values.name) + ": expected 1 or " + std::to_string(units) +
               " values (the layer's units), found " + std::to_string(values.size()));
  }
  return values;
}

std::unique_ptr<fb::ActivationT> plain(Kind kind) {
  auto activation = std::make_unique<fb::ActivationT>();
  activation->kind = kind;
  return activation;
}

std::unique_ptr<fb::ActivationT> make_prelu(const Vector& alpha, const Node& node) {
  auto prelu = plain(Kind::Prelu);
  prelu->alpha = make_tensor(alpha, node);
  return prelu;
}

std::unique_ptr<fb::ActivationT> read_prelu(const Node& node, size_t units, Context& context) {
  node.allow_keys("a PReLU", {"kind", "alpha"});
  return make_prelu(read_alpha(node.at("alpha"), units, context), node);
}

std::unique_ptr<fb::ActivationT> read_leaky_relu(const Node& node, size_t units, Context&) {
  node.allow_keys("a leaky ReLU", {"kind", "slope"});
  return make_prelu(Vector(units, node.at("slope").number()), node);
}

std::unique_ptr<fb::ActivationT> read_elu(const Node& node, size_t units, Context& context) {
  auto elu = plain(Kind::Elu);
  if (node.is_text()) return elu;
  node.allow_keys("an ELU", {"kind", "alpha"});
  const std::optional<Node> alpha = node.find("alpha");
  const bool is_one = !alpha || (alpha->is_number() && alpha->number() == 1);
  if (!is_one) elu->alpha = make_tensor(read_alpha(*alpha, units, context), node);
  return elu;
}

std::unique_ptr<fb::ActivationT> make_dice(const Affine& affine, const Vector& alpha,
                                           const Node& node) {
  auto dice = plain(Kind::Dice);
  dice->scale = make_tensor(affine.scale, node);
  dice->shift = make_tensor(affine.shift, node);
  dice->alpha = make_tensor(alpha, node);
  return dice;
}

std::unique_ptr<fb::ActivationT> read_batch_norm_dice(const Node& node, size_t units,
                                                      Context& context) {
  node.allow_keys("a Dice by BatchNorm",
                  {"kind", "mean", "variance", "gamma", "beta", "epsilon", "alpha"});
  const Affine affine = affine_of(read_batch_norm(node, units, context));
  return make_dice(affine, read_alpha(node.at("alpha"), units, context), node);
}

std::unique_ptr<fb::ActivationT> read_rowwise_dice(const Node& node, size_t, Context& context) {
  node.allow_keys("a row-wise Dice", {"kind", "alpha", "epsilon"});
  auto dice = plain(Kind::DiceRowwise);
  const double epsilon = node.at("epsilon").number();
  // If all units are equal the variance is 0, and only epsilon keeps the divisor from 0.
  if (!(static_cast<float>(epsilon) > 0)) node.at("epsilon").fail("must be above 0");
  dice->epsilon = static_cast<float>(epsilon);
  const Node alpha = node.at("alpha");
  const Vector value = alpha.is_number()
                           ? Vector(1, alpha.number())
                           : read_vector(alpha, 1, "a row-wise Dice has one", context.weights);
  dice->alpha = make_tensor(value, node);
  return dice;
}

double read_epsilon(const Node& node) {
  const double epsilon = node.number();
  if (epsilon < 0) node.fail("must not be negative");
  return epsilon;
}

std::unique_ptr<fb::ActivationT> read_batch_dice(const Node& node, size_t units, Context& context) {
  node.allow_keys("a Dice by batch statistics", {"kind", "epsilon", "epsilon_outside", "alpha"});
  auto dice = make_dice({Vector(units, 0), Vector(units, 0)},
                        read_alpha(node.at("alpha"), units, context), node);
  BatchDice measured;
  measured.activation = dice.get();
  measured.epsilon = read_epsilon(node.at("epsilon"));
  measured.epsilon_outside = read_epsilon(node.at("epsilon_outside"));
  measured.where = node.where();
  context.batch_dice.push_back(std::move(measured));
  return dice;
}

constexpr std::array kWords = {
    ActivationWord{"none", Kind::None},
    ActivationWord{"relu", Kind::Relu},
    ActivationWord{"sigmoid", Kind::Sigmoid},
    ActivationWord{"tanh", Kind::Tanh},
    ActivationWord{"gelu", Kind::Gelu},
    ActivationWord{"gelu_tanh", Kind::GeluTanh},
    ActivationWord{"silu", Kind::Silu},
    ActivationWord{"swish", Kind::Silu},
    ActivationWord{"elu", Kind::Elu, nullptr, read_elu},
    ActivationWord{"prelu", Kind::Prelu, "kind, alpha", read_prelu},
    ActivationWord{"leaky_relu", Kind::Prelu, "kind, slope", read_leaky_relu},
    ActivationWord{"dice_batchnorm", Kind::Dice,
                   "kind, mean, variance, gamma, beta, epsilon, alpha", read_batch_norm_dice},
    ActivationWord{"dice_rowwise", Kind::DiceRowwise, "kind, epsilon, alpha", read_rowwise_dice},
    ActivationWord{"dice_batch_statistics", Kind::Dice, "kind, epsilon, epsilon_outside, alpha",
                   read_batch_dice}};

// A similar word may be another function, such as "gelu" and "relu", so only another spelling of
// the same letters is offered as a correction.
const ActivationWord& find_word(const Node& node) {
  const std::string text = node.text();
  std::string known;
  for (const ActivationWord& word : kWords) {
    if (text == word.word) return word;
    known += (known.empty() ? "\"" : ", \"") + std::string(word.word) + "\"";
  }
  const std::string plain = plain_letters(text);
  for (const ActivationWord& word : kWords) {
    if (plain == plain_letters(word.word))
      node.fail("\"" + text + "\" is written \"" + word.word + "\" here");
  }
  if (const std::string reason = outside_family(text); !reason.empty())
    node.fail("\"" + text + "\": " + reason);
  node.fail("the activation \"" + text + "\" is not in the model family; those that are: " + known);
}

// One candidate alone has no batch statistics, and the checkpoint has none.
void require_measuring(const Node& node, const Context& context) {
  if (context.can_measure) return;
  node.fail(
      "this Dice takes its mean and variance from the batch that is being scored, and the "
      "checkpoint holds neither: one candidate alone has no such statistics. It can be "
      "converted only with statistics measured on data: give typical requests with "
      "--calibrate requests.jsonl. If the statistics are known, state them as a "
      "\"dice_batchnorm\" with gamma and beta null");
}

}  // namespace

std::unique_ptr<fb::ActivationT> read_activation(const Node& node, size_t units, Context& context) {
  const bool bare = node.is_text();
  const ActivationWord& word = find_word(bare ? node : node.at("kind"));
  if (word.read == read_batch_dice) require_measuring(node, context);
  if (bare && word.keys != nullptr)
    node.fail("\"" + node.text() + "\" needs an object with the keys " + word.keys);
  if (word.read != nullptr) return word.read(node, units, context);
  if (!bare) node.allow_keys("this activation", {"kind"});
  return word.kind == Kind::None ? nullptr : plain(word.kind);
}

}  // namespace augur::convert
