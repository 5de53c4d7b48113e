// Reads an "activation" of a description; see activation.h. Dice in every form but the row-wise one
// is p = σ(scale x + shift), p x + alpha (1 - p) x.
#include "assemble/activation.h"

#include "assemble/batch_norm.h"
#include "normalise/dense.h"

namespace augur::convert {
namespace {

enum class Kind {
  kNone,
  kRelu,
  kSigmoid,
  kTanh,
  kSwish,
  kPrelu,
  kBatchNormDice,
  kRowwiseDice,
  kBatchDice
};

Kind read_kind(const Node& node) {
  return node.choice<Kind>({{"none", Kind::kNone},
                            {"relu", Kind::kRelu},
                            {"sigmoid", Kind::kSigmoid},
                            {"tanh", Kind::kTanh},
                            {"swish", Kind::kSwish},
                            {"prelu", Kind::kPrelu},
                            {"dice_batchnorm", Kind::kBatchNormDice},
                            {"dice_rowwise", Kind::kRowwiseDice},
                            {"dice_batch_statistics", Kind::kBatchDice}});
}

// alpha: weights, or one number for all units.
Vector read_alpha(const Node& node, size_t units, Context& context) {
  const Node alpha = node.at("alpha");
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
  auto dice =
      make_dice({Vector(units, 0), Vector(units, 0)}, read_alpha(node, units, context), node);
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
    case Kind::kPrelu: {
      needs_object("kind, alpha");
      node.allow_keys("a PReLU", {"kind", "alpha"});
      auto prelu = plain(fb::ActivationKind::Prelu);
      prelu->alpha = make_tensor(read_alpha(node, units, context), node);
      return prelu;
    }
    case Kind::kBatchNormDice: {
      needs_object("kind, mean, variance, gamma, beta, epsilon, alpha");
      node.allow_keys("a Dice by BatchNorm",
                      {"kind", "mean", "variance", "gamma", "beta", "epsilon", "alpha"});
      const Affine affine = affine_of(read_batch_norm(node, units, context));
      return make_dice(affine, read_alpha(node, units, context), node);
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
    // x σ(x) is Dice with p = σ(x) and alpha 0.
    case Kind::kSwish:
      return make_dice({Vector(units, 1), Vector(units, 0)}, Vector(units, 0), node);
    default:
      return nullptr;
  }
}

}  // namespace augur::convert
