// BatchNorms of a description, in every place and several at once: what the layers then compute.
#include <doctest/doctest.h>

#include "assemble/layers.h"
#include "converter/support/descriptions.h"

namespace augur::convert::testing {
namespace {

Json norm(const std::string& place, const std::string& prefix) {
  return {{"place", place},
          {"mean", prefix + ".mean"},
          {"variance", prefix + ".var"},
          {"gamma", prefix + ".gamma"},
          {"beta", prefix + ".beta"},
          {"epsilon", 1e-3}};
}

void add_norm(TensorSet& tensors, const std::string& prefix, int64_t units) {
  tensors.random(prefix + ".mean", {units}).between(prefix + ".var", {units}, 0.3, 2);
  tensors.random(prefix + ".gamma", {units}).random(prefix + ".beta", {units});
}

Vector values_of(const TensorSet& tensors, const std::string& name) {
  Vector vector;
  for (const float value : tensors.at(name).values)
    vector.values.push_back(static_cast<double>(value));
  return vector;
}

Affine affine(const TensorSet& tensors, const std::string& prefix) {
  return affine_of({values_of(tensors, prefix + ".mean"), values_of(tensors, prefix + ".var"),
                    values_of(tensors, prefix + ".gamma"), values_of(tensors, prefix + ".beta"),
                    1e-3});
}

Vector apply(const Affine& map, const Vector& x) {
  Vector y(x.size());
  for (size_t i = 0; i < x.size(); ++i)
    y[i] = map.scale[i] * x[i] + map.shift[i];
  return y;
}

Vector apply(const Matrix& weight, const Vector& bias, const Vector& x) {
  Vector y = product(weight, x);
  add(y, 1, bias);
  return y;
}

// Layer 1 of the small description as the checkpoint has it.
Matrix second_weight(const TensorSet& tensors) {
  Matrix weight(3, 7);
  weight.values = values_of(tensors, "fc2.w").values;
  return weight;
}

void check_layer(const fb::DenseT& dense, const Vector& x, const Vector& expected) {
  Matrix weight(expected.size(), x.size());
  const std::vector<float> weights = floats(*dense.weight), biases = floats(*dense.bias);
  Vector bias(expected.size());
  for (size_t i = 0; i < weights.size(); ++i)
    weight.values[i] = static_cast<double>(weights[i]);
  for (size_t i = 0; i < biases.size(); ++i)
    bias[i] = static_cast<double>(biases[i]);
  const Vector y = apply(weight, bias, x);
  for (size_t i = 0; i < y.size(); ++i)
    CHECK(y[i] == doctest::Approx(expected[i]).epsilon(1e-5));
}

TEST_CASE("BatchNorms at the input and before the activation of one layer") {
  TensorSet tensors = small_tensors();
  add_norm(tensors, "in", 7);
  add_norm(tensors, "out", 3);
  const Vector x = values_of(tensors, "in.beta");
  const Matrix weight = second_weight(tensors);
  const Vector bias = values_of(tensors, "fc2.b");
  const auto layer = [&](const Json& norms) {
    const Assembled result =
        assemble(with(small_description(), "/head/layers/1/batch_norm", norms), tensors);
    return *result.model.head->layers[1];
  };
  const Vector inside = apply(weight, bias, apply(affine(tensors, "in"), x));
  check_layer(layer(norm("input", "in")), x, inside);
  check_layer(layer(norm("before_activation", "out")), x,
              apply(affine(tensors, "out"), apply(weight, bias, x)));
  // The order in which they are listed says nothing; their places do.
  const Vector both = apply(affine(tensors, "out"), inside);
  check_layer(layer({norm("input", "in"), norm("before_activation", "out")}), x, both);
  check_layer(layer({norm("before_activation", "out"), norm("input", "in")}), x, both);
}

TEST_CASE("a BatchNorm after an activation is combined with the next layer's input norm") {
  TensorSet tensors = small_tensors();
  add_norm(tensors, "after", 7);
  add_norm(tensors, "in", 7);
  Json description =
      with(small_description(), "/head/layers/0/batch_norm", norm("after_activation", "after"));
  description = with(description, "/head/layers/1/batch_norm", norm("input", "in"));
  const Vector x = values_of(tensors, "in.gamma");
  const Vector normed = apply(affine(tensors, "in"), apply(affine(tensors, "after"), x));
  check_layer(*assemble(description, tensors).model.head->layers[1], x,
              apply(second_weight(tensors), values_of(tensors, "fc2.b"), normed));
}

TEST_CASE("statistics that are stated as untrained give no warning") {
  TensorSet tensors = small_tensors();
  add_norm(tensors, "in", 7);
  Json constants = norm("input", "in");
  constants["mean"] = {{"constant", 0}};
  constants["variance"] = {{"constant", 1}};
  CHECK(assemble(with(small_description(), "/head/layers/1/batch_norm", constants), tensors)
            .warnings.empty());
  tensors.add("in.mean", {7}, std::vector<float>(7, 0));
  tensors.add("in.var", {7}, std::vector<float>(7, 1));
  const Assembled warned = assemble(
      with(small_description(), "/head/layers/1/batch_norm", norm("input", "in")), tensors);
  REQUIRE(warned.warnings.size() == 1);
  CHECK(
      has(warned.warnings[0], {"head.layers[1].batch_norm", "never updated", "{\"constant\": 0}"}));
}

}  // namespace
}  // namespace augur::convert::testing
