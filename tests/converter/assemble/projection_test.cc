// A slot with a projection: the head sees weights * feature, and the file's first layer is folded.
#include <doctest/doctest.h>

#include "converter/support/descriptions.h"

namespace augur::convert::testing {
namespace {

// The small model with a number between the user and the query, projected to 3 numbers.
Json with_age(const Json& projection) {
  Json description = small_description();
  description["features"].push_back({{"name", "age"}, {"kind", "number"}});
  Json& input = description["head"]["input"];
  input.insert(input.begin() + 1, Json{{"feature", "age"}, {"projection", projection}});
  return description;
}

TensorSet with_age_tensors() {
  TensorSet tensors = small_tensors();
  tensors.random("age", {3, 1}).random("fc1.w", {7, 21});
  return tensors;
}

TEST_CASE("a projection is folded into the head's first layer") {
  const TensorSet tensors = with_age_tensors();
  const Assembled assembled = assemble(with_age("age"), tensors);
  const fb::DenseT& layer = *assembled.model.head->layers[0];
  REQUIRE(layer.weight->shape == std::vector<uint32_t>{7, 19});
  const std::vector<float> folded = floats(*layer.weight);
  for (size_t row = 0; row < 7; ++row) {
    double age = 0;
    for (size_t k = 0; k < 3; ++k)
      age += tensors.value("fc1.w", row, 4 + k) * tensors.value("age", k, 0);
    CHECK(folded[row * 19 + 3] == static_cast<float>(tensors.value("fc1.w", row, 3)));
    CHECK(static_cast<double>(folded[row * 19 + 4]) == doctest::Approx(age).epsilon(1e-6));
    CHECK(folded[row * 19 + 5] == static_cast<float>(tensors.value("fc1.w", row, 7)));
    CHECK(folded[row * 19 + 18] == static_cast<float>(tensors.value("fc1.w", row, 20)));
  }
}

TEST_CASE("a projection stored [inputs, outputs] says so in its slot") {
  TensorSet tensors = with_age_tensors();
  TensorSet turned = tensors;
  turned.add("age", {1, 3}, tensors.at("age").values);
  Json description = with_age("age");
  CHECK(has(assembly_error(description, turned), {"head.input[1].projection", "\"orientation\""}));
  description["head"]["input"][1]["orientation"] = "in_out";
  const Assembled straight = assemble(with_age("age"), tensors);
  const Assembled other = assemble(description, turned);
  CHECK(straight.model.head->layers[0]->weight->data == other.model.head->layers[0]->weight->data);
}

TEST_CASE("a projection that does not fit is refused") {
  TensorSet tensors = with_age_tensors();
  tensors.random("age", {3, 2});
  CHECK(has(assembly_error(with_age("age"), tensors),
            {"head.input[1].projection", "age 1", "found [3, 2]"}));
  // In a product there is no column of the first layer to fold it into.
  Json description = with_age("age");
  description["head"]["input"][1] = {
      {"product",
       {{{"feature", "age"}, {"projection", "age"}}, {{"feature", "age"}, {"projection", "age"}}}}};
  CHECK(has(assembly_error(description, with_age_tensors()), {"product[0]", "projection"}));
}

}  // namespace
}  // namespace augur::convert::testing
