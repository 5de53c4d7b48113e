// Reads an "activation" of a description; see activation.h. Dice in every form but the row-wise one
// is p = σ(scale x + shift), p x + alpha (1 - p) x.
#include "assemble/layers.h"

#include <array>
#include <cctype>
#include <string_view>

#include "description/node.h"

namespace augur::convert {
namespace {

enum class Kind {
  kNone,
  kRelu,
  kSigmoid,
  kTanh,
  kGelu,
  kGeluTanh,
  kSilu,
  kElu,
  kPrelu,
  kLeakyRelu,
  kBatchNormDice,
  kRowwiseDice,
  kBatchDice
};

struct Word {
  const char* word;
  Kind kind;
};

constexpr std::array kWords = {Word{"none", Kind::kNone},
                               Word{"relu", Kind::kRelu},
                               Word{"sigmoid", Kind::kSigmoid},
                               Word{"tanh", Kind::kTanh},
                               Word{"gelu", Kind::kGelu},
                               Word{"gelu_tanh", Kind::kGeluTanh},
                               Word{"silu", Kind::kSilu},
                               Word{"swish", Kind::kSilu},
                               Word{"elu", Kind::kElu},
                               Word{"prelu", Kind::kPrelu},
                               Word{"leaky_relu", Kind::kLeakyRelu},
                               Word{"dice_batchnorm", Kind::kBatchNormDice},
                               Word{"dice_rowwise", Kind::kRowwiseDice},
                               Word{"dice_batch_statistics", Kind::kBatchDice}};

// In lower case, letters and digits alone.
std::string plain_letters(std::string_view word) {
  std::string plain;
  for (const char c : word) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0)
      plain += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return plain;
}

// A word that is near in letters means another function: "gelu" and "relu". So what is not known is
// matched with another spelling of the same, and with nothing else.
Kind read_kind(const Node& node) {
  const std::string text = node.text();
  std::string known;
  for (const auto& [word, kind] : kWords) {
    if (text == word) return kind;
    known += (known.empty() ? "\"" : ", \"") + std::string(word) + "\"";
  }
  const std::string plain = plain_letters(text);
  for (const auto& [word, kind] : kWords) {
    if (plain == plain_letters(word))
      node.fail("\"" + text + "\" is written \"" + word + "\" here");
  }
  if (const std::string reason = outside_family(text); !reason.empty()) {
    node.fail("\"" + text + "\": " + reason);
  }
  node.fail("the activation \"" + text + "\" is not in the model family; those that are: " + known);
}

// alpha: weights, or one number for all units.
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

std::unique_ptr<fb::ActivationT> plain(fb::ActivationKind kind) {
  auto activation = std::make_unique<fb::ActivationT>();
  activation->kind = kind;
  return activation;
}

std::unique_ptr<fb::ActivationT> make_prelu(const Vector& alpha, const Node& node) {
  auto prelu = plain(fb::ActivationKind::Prelu);
  prelu->alpha = make_tensor(alpha, node);
  return prelu;
}

std::unique_ptr<fb::ActivationT> read_elu(const Node& node, size_t units, Context& context) {
  auto elu = plain(fb::ActivationKind::Elu);
  if (node.is_text()) return elu;
  node.allow_keys("an ELU", {"kind", "alpha"});
  const std::optional<Node> alpha = node.find("alpha");
  const bool is_one = !alpha || (alpha->is_number() && alpha->number() == 1);
  if (!is_one) elu->alpha = make_tensor(read_alpha(*alpha, units, context), node);
  return elu;
}

std::unique_ptr<fb::ActivationT> make_dice(const Affine& affine, const Vector& alpha,
                                           const Node& node) {
  auto dice = plain(fb::ActivationKind::Dice);
  dice->scale = make_tensor(affine.scale, node);
  dice->shift = make_tensor(affine.shift, node);
  dice->alpha = make_tensor(alpha, node);
  return dice;
}

std::unique_ptr<fb::ActivationT> read_rowwise_dice(const Node& node, Context& context) {
  node.allow_keys("a row-wise Dice", {"kind", "alpha", "epsilon"});
  auto dice = plain(fb::ActivationKind::DiceRowwise);
  const double epsilon = node.at("epsilon").number();
  // Several equal units have no variance: epsilon is all that keeps the root from 0.
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

}  // namespace

std::unique_ptr<fb::ActivationT> read_activation(const Node& node, size_t units, Context& context) {
  const bool bare = node.is_text();
  const Kind kind = read_kind(bare ? node : node.at("kind"));
  const auto needs_object = [&](const char* keys) {
    if (bare) node.fail("\"" + node.text() + "\" needs an object with the keys " + keys);
  };
  switch (kind) {
    case Kind::kPrelu:
      needs_object("kind, alpha");
      node.allow_keys("a PReLU", {"kind", "alpha"});
      return make_prelu(read_alpha(node.at("alpha"), units, context), node);
    case Kind::kLeakyRelu:
      needs_object("kind, slope");
      node.allow_keys("a leaky ReLU", {"kind", "slope"});
      return make_prelu(Vector(units, node.at("slope").number()), node);
    case Kind::kElu:
      return read_elu(node, units, context);
    case Kind::kBatchNormDice: {
      needs_object("kind, mean, variance, gamma, beta, epsilon, alpha");
      node.allow_keys("a Dice by BatchNorm",
                      {"kind", "mean", "variance", "gamma", "beta", "epsilon", "alpha"});
      const Affine affine = affine_of(read_batch_norm(node, units, context));
      return make_dice(affine, read_alpha(node.at("alpha"), units, context), node);
    }
    case Kind::kRowwiseDice:
      needs_object("kind, epsilon, alpha");
      return read_rowwise_dice(node, context);
    case Kind::kBatchDice:
      if (!context.can_measure) {
        node.fail(
            "this Dice takes its mean and variance from the batch that is being scored, and the "
            "checkpoint holds neither: one candidate alone has no such statistics. It can be "
            "converted only with statistics measured on data: give typical requests with "
            "--calibrate requests.jsonl. If the statistics are known, state them as a "
            "\"dice_batchnorm\" with gamma and beta null");
      }
      needs_object("kind, epsilon, epsilon_outside, alpha");
      return read_batch_dice(node, units, context);
    default:
      break;
  }
  if (!bare) node.allow_keys("this activation", {"kind"});
  switch (kind) {
    case Kind::kRelu:
      return plain(fb::ActivationKind::Relu);
    case Kind::kSigmoid:
      return plain(fb::ActivationKind::Sigmoid);
    case Kind::kTanh:
      return plain(fb::ActivationKind::Tanh);
    case Kind::kGelu:
      return plain(fb::ActivationKind::Gelu);
    case Kind::kGeluTanh:
      return plain(fb::ActivationKind::GeluTanh);
    case Kind::kSilu:
      return plain(fb::ActivationKind::Silu);
    default:
      return nullptr;
  }
}

}  // namespace augur::convert
