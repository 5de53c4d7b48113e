// Checkpoints that do not fit their description: every message names the tensor and both shapes.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "converter/support/descriptions.h"

namespace augur::convert::testing {
namespace {

TEST_CASE("a missing tensor is named, with the nearest name") {
  TensorSet tensors = small_tensors();
  tensors.remove("gru.wh");
  const std::string message = assembly_error(small_description(), tensors);
  CHECK(has(message, {"model.json: stacks[0].extractor[0].recurrent", "tensor 'gru.wh' is not in",
                      "weights.safetensors", "did you mean 'gru."}));
}

TEST_CASE("shapes: expected, found, why, and the transposed one") {
  TensorSet tensors = small_tensors();
  tensors.random("gru.wh", {4, 12});
  CHECK(has(assembly_error(small_description(), tensors),
            {"tensor 'gru.wh': expected [12, 4] (3 gates of 4 units), found [4, 12]",
             "if it is stored transposed, state \"orientation\": \"in_out\""}));

  tensors = small_tensors();
  tensors.random("gru.wi", {12, 6});
  CHECK(has(assembly_error(small_description(), tensors),
            {"tensor 'gru.wi': expected [12, 5]", "item 3 + category 2", "found [12, 6]"}));

  tensors = small_tensors();
  tensors.random("fc1.w", {7, 17});
  CHECK(
      has(assembly_error(small_description(), tensors),
          {"head.layers[0].weight: tensor 'fc1.w': expected [any, 18]",
           "user 4 + query of clicks 5 + pooled clicks 5 + result of clicks 4", "found [7, 17]"}));

  tensors = small_tensors();
  tensors.random("fc2.w", {3, 8});
  CHECK(has(assembly_error(small_description(), tensors),
            {"tensor 'fc2.w'", "the layer before has 7 units", "found [3, 8]"}));

  tensors = small_tensors();
  tensors.random("att.w", {5, 4});
  CHECK(has(assembly_error(small_description(), tensors),
            {"tensor 'att.w': expected [4, 5] (key 4, query 5), found [5, 4]"}));

  tensors = small_tensors();
  tensors.random("evolve.wi", {8, 4}).random("evolve.wh", {8, 4});
  CHECK(has(assembly_error(small_description(), tensors),
            {"tensor 'evolve.wh': expected [12, 4] (3 gates of 4 units), found [8, 4]"}));

  tensors = small_tensors();
  tensors.random("gru.bi", {11});
  CHECK(has(assembly_error(small_description(), tensors),
            {"bias.input: tensor 'gru.bi': expected 12 values (3 gates of 4 units), found 11"}));

  tensors = small_tensors();
  tensors.random("act1.alpha", {6});
  CHECK(has(assembly_error(small_description(), tensors),
            {"tensor 'act1.alpha': expected 1 or 7 values", "found 6"}));

  tensors = small_tensors();
  tensors.random("item", {9, 3, 2});
  CHECK(has(assembly_error(small_description(), tensors),
            {"tables[1].weights: tensor 'item': expected a matrix, found shape [9, 3, 2]"}));

  tensors = small_tensors();
  tensors.random("fc3.w", {3, 3}).random("fc3.b", {3});
  CHECK(has(assembly_error(small_description(), tensors),
            {"the last layer has 3 outputs", "several scores are not in the model family"}));
  CHECK(has(assembly_error(
                with(small_description(), "/output", {{"kind", "softmax"}, {"click_column", 0}}),
                tensors),
            {"the last layer has 3 outputs", "over two"}));
}

TEST_CASE("values that cannot be scored") {
  TensorSet tensors = small_tensors();
  tensors.at("item").values[7] = std::numeric_limits<float>::quiet_NaN();
  CHECK(has(assembly_error(small_description(), tensors),
            {"tensor 'item': the value at [2, 1] is NaN"}));
  tensors = small_tensors();
  tensors.at("fc3.b").values[0] = -std::numeric_limits<float>::infinity();
  CHECK(has(assembly_error(small_description(), tensors),
            {"tensor 'fc3.b': the value at [0] is infinite"}));
  tensors = small_tensors();
  tensors.at("act1.var").values[2] = -0.5f;
  CHECK(has(assembly_error(small_description(), tensors),
            {"variance", "unit 2 has the variance -0.5"}));
  // A scale of 1 / sqrt(tiny) times a large weight.
  tensors = small_tensors();
  tensors.add("act1.var", {7}, std::vector<float>(7, 1e-37f));
  tensors.add("huge", {7}, std::vector<float>(7, 3e38f));
  Json description = with(small_description(), "/head/layers/0/activation/gamma", "huge");
  description = with(description, "/head/layers/0/activation/beta", "act1.mean");
  description = with(description, "/head/layers/0/activation/epsilon", 0);
  CHECK(has(assembly_error(description, tensors), {"do not fit into f32"}));
}

TEST_CASE("tensors that were not used are listed, those of training apart") {
  TensorSet tensors = small_tensors();
  tensors.random("spare.weight", {2, 2}).random("linear.weight", {1, 2});
  tensors.random("act1.bn.num_batches_tracked", {1}).random("fc1.w/Adam", {7, 18});
  const Assembled plain = assemble(small_description(), tensors);
  CHECK(plain.unused == std::vector<std::string>{"linear.weight", "spare.weight"});
  CHECK(plain.training_only ==
        std::vector<std::string>{"act1.bn.num_batches_tracked", "fc1.w/Adam"});
  const Assembled ignoring = assemble(with(small_description(), "/ignore", {"linear.*"}), tensors);
  CHECK(ignoring.unused == std::vector<std::string>{"spare.weight"});
  CHECK(ignoring.ignored == std::vector<std::string>{"linear.weight"});
}

TEST_CASE("statistics that were never updated are pointed out") {
  TensorSet tensors = small_tensors();
  tensors.add("act1.mean", {7}, std::vector<float>(7, 0));
  tensors.add("act1.var", {7}, std::vector<float>(7, 1));
  const Assembled result = assemble(small_description(), tensors);
  REQUIRE(result.warnings.size() == 1);
  CHECK(has(result.warnings[0], {"head.layers[0].activation", "never updated"}));
  CHECK(assemble(small_description(), small_tensors()).warnings.empty());
}

}  // namespace
}  // namespace augur::convert::testing
