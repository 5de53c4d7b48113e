// Activations of a description against the libraries' own formulas.
#include <doctest/doctest.h>

#include <cmath>

#include "converter/support/descriptions.h"

namespace augur::convert::testing {
namespace {

constexpr size_t kUnits = 7;

double sigmoid(double x) {
  return 1 / (1 + std::exp(-x));
}

// The first head layer's activation, as the model file has it.
std::unique_ptr<fb::ActivationT> activation_of(const Json& json, const TensorSet& tensors) {
  Assembled result =
      assemble(with(small_description(), "/head/layers/0/activation", json), tensors);
  return std::move(result.model.head->layers[0]->activation);
}

double dice(const fb::ActivationT& activation, size_t unit, double x) {
  const auto at = [&](const std::unique_ptr<fb::TensorT>& tensor) {
    return static_cast<double>(floats(*tensor).at(unit));
  };
  const double p = sigmoid(at(activation.scale) * x + at(activation.shift));
  return p * x + at(activation.alpha) * (1 - p) * x;
}

TEST_CASE("Dice by BatchNorm, with and without gamma and beta, alpha as [n] or [n, 1]") {
  TensorSet tensors = small_tensors();
  tensors.random("gamma", {kUnits}, 2.0).random("beta", {kUnits}).random("alpha2", {kUnits, 1});
  for (const bool affine : {false, true}) {
    Json json = {{"kind", "dice_batchnorm"}, {"mean", "act1.mean"}, {"variance", "act1.var"},
                 {"gamma", nullptr},         {"beta", nullptr},     {"epsilon", 1e-3},
                 {"alpha", "alpha2"}};
    if (affine) {
      json["gamma"] = "gamma";
      json["beta"] = "beta";
    }
    const auto activation = activation_of(json, tensors);
    REQUIRE(activation->kind == fb::ActivationKind::Dice);
    for (size_t i = 0; i < kUnits; ++i) {
      for (const double x : {-2.0, 0.3, 1.7}) {
        double standard =
            (x - tensors.value("act1.mean", i)) / std::sqrt(tensors.value("act1.var", i) + 1e-3);
        if (affine) standard = standard * tensors.value("gamma", i) + tensors.value("beta", i);
        const double p = sigmoid(standard);
        const double expected = p * x + tensors.value("alpha2", i) * (1 - p) * x;
        CHECK(dice(*activation, i, x) == doctest::Approx(expected).epsilon(1e-6));
      }
    }
  }
}

TEST_CASE("GELU in both forms, SiLU by both of its names, and ELU with and without alpha") {
  const auto kind = [&](const Json& json) { return activation_of(json, small_tensors())->kind; };
  CHECK(kind("gelu") == fb::ActivationKind::Gelu);
  CHECK(kind("gelu_tanh") == fb::ActivationKind::GeluTanh);
  CHECK(kind({{"kind", "gelu"}}) == fb::ActivationKind::Gelu);
  CHECK(kind("silu") == fb::ActivationKind::Silu);
  CHECK(kind("swish") == fb::ActivationKind::Silu);
  CHECK(kind("elu") == fb::ActivationKind::Elu);
  const auto alpha = [&](const Json& json) {
    TensorSet tensors = small_tensors();
    tensors.random("each", {kUnits});
    return std::move(activation_of(json, tensors)->alpha);
  };
  CHECK(alpha("elu") == nullptr);
  CHECK(alpha({{"kind", "elu"}}) == nullptr);
  CHECK(alpha({{"kind", "elu"}, {"alpha", 1}}) == nullptr);
  CHECK(floats(*alpha({{"kind", "elu"}, {"alpha", 0.5}})) == std::vector<float>(kUnits, 0.5f));
  CHECK(floats(*alpha({{"kind", "elu"}, {"alpha", "each"}})).size() == kUnits);
}

TEST_CASE("a leaky ReLU is a PReLU of its slope, which must be stated") {
  const auto leaky = activation_of({{"kind", "leaky_relu"}, {"slope", 0.01}}, small_tensors());
  REQUIRE(leaky->kind == fb::ActivationKind::Prelu);
  CHECK(floats(*leaky->alpha) == std::vector<float>(kUnits, 0.01f));
  CHECK(has(assembly_error(with(small_description(), "/head/layers/0/activation", "leaky_relu"),
                           small_tensors()),
            {"head.layers[0].activation", "needs an object", "slope"}));
}

TEST_CASE("an unknown activation is never taken for another function of a similar name") {
  const auto error = [](const std::string& word) {
    return assembly_error(with(small_description(), "/head/layers/0/activation", word),
                          small_tensors());
  };
  for (const char* const word :
       {"GELU", "Gelu", "SiLU", "Swish", "LeakyReLU", "leakyrelu", "ReLU"}) {
    CAPTURE(word);
    const std::string message = error(word);
    CHECK(has(message, {std::string("\"") + word + "\" is written \""}));
  }
  CHECK(has(error("GELU"), {"is written \"gelu\" here"}));
  CHECK(has(error("LeakyReLU"), {"is written \"leaky_relu\" here"}));
  for (const char* const word :
       {"selu", "relu6", "celu", "gelu_new", "mish", "quick_gelu", "reul"}) {
    const std::string message = error(word);
    CAPTURE(message);
    CHECK(has(message, {std::string("activation \"") + word + "\" is not in the model family",
                        "\"gelu_tanh\""}));
    CHECK(!has(message, {"did you mean"}));
  }
  CHECK(has(error("dice"), {"several kinds of Dice"}));
}

TEST_CASE("PReLU: one alpha for all units, one each, or a number") {
  TensorSet tensors = small_tensors();
  tensors.random("one", {1}).random("each", {kUnits});
  const auto alpha = [&](const Json& value) {
    const auto activation = activation_of({{"kind", "prelu"}, {"alpha", value}}, tensors);
    CHECK(activation->kind == fb::ActivationKind::Prelu);
    return floats(*activation->alpha);
  };
  CHECK(alpha("one") == std::vector<float>(kUnits, tensors.at("one").values[0]));
  CHECK(alpha("each") == tensors.at("each").values);
  CHECK(alpha(0.25) == std::vector<float>(kUnits, 0.25f));
}

TEST_CASE("row-wise Dice keeps its epsilon and its one alpha") {
  TensorSet tensors = small_tensors();
  tensors.random("one", {1}).random("each", {kUnits});
  const auto activation =
      activation_of({{"kind", "dice_rowwise"}, {"epsilon", 1e-3}, {"alpha", "one"}}, tensors);
  CHECK(activation->kind == fb::ActivationKind::DiceRowwise);
  CHECK(activation->epsilon == 1e-3f);
  CHECK(floats(*activation->alpha) == tensors.at("one").values);
  CHECK(activation->scale == nullptr);
  const auto error = [&](const Json& json) {
    return assembly_error(with(small_description(), "/head/layers/0/activation", json), tensors);
  };
  CHECK(has(error({{"kind", "dice_rowwise"}, {"epsilon", 1e-3}, {"alpha", "each"}}),
            {"tensor 'each': expected 1 values (a row-wise Dice has one), found 7"}));
  CHECK(has(error({{"kind", "dice_rowwise"}, {"epsilon", 0}, {"alpha", "one"}}), {"above 0"}));
}

TEST_CASE("plain activations") {
  CHECK(activation_of("none", small_tensors()) == nullptr);
  CHECK(activation_of("relu", small_tensors())->kind == fb::ActivationKind::Relu);
  CHECK(activation_of("sigmoid", small_tensors())->kind == fb::ActivationKind::Sigmoid);
  CHECK(activation_of({{"kind", "tanh"}}, small_tensors())->kind == fb::ActivationKind::Tanh);
}

}  // namespace
}  // namespace augur::convert::testing
