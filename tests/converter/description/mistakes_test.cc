// Common mistakes in a first description of a checkpoint: each message says what to do.
#include <doctest/doctest.h>

#include "converter/support/descriptions.h"

namespace augur::convert::testing {
namespace {

void check_message(const std::string& message, const std::vector<std::string>& parts) {
  CAPTURE(message);
  for (const std::string& part : parts) {
    CAPTURE(part);
    CHECK(message.find(part) != std::string::npos);
  }
}

void check_description(const std::string& pointer, const char* value,
                       const std::vector<std::string>& parts) {
  check_message(
      assembly_error(with(small_description(), pointer, Json::parse(value)), small_tensors()),
      parts);
}

TEST_CASE("words of other frameworks") {
  check_description("/stacks/0/extractor/0/gates", R"(["r", "z", "n"])",
                    {"extractor[0].gates[1]", "\"z\" is not one of", "called \"u\" here"});
  check_description("/stacks/0/extractor/0/gates", R"(["r", "u", "n"])", {"called \"c\" here"});
  check_description("/stacks/0/extractor/0/reset_after", "true",
                    {"unknown key \"reset_after\"", "\"after_product\" or \"before_product\""});
  check_description("/stacks/0/extractor/0/hidden_size", "36", {"sizes are seen in the tensors"});
  check_description("/stacks/0/extractor/0/bias", "\"gru.bi\"",
                    {"extractor[0].bias", "{\"input\": ..., \"recurrent\": ...}"});
  check_description("/stacks/0/extractor/0/num_layers", "2", {"one entry for each layer"});
}

TEST_CASE("a required key is said to have no default") {
  check_message(
      assembly_error(without(small_description(), "/stacks/0/extractor/0/reset"), small_tensors()),
      {"the key \"reset\" is missing; it has no default"});
}

TEST_CASE("another cell than was described") {
  TensorSet tensors = small_tensors();
  tensors.random("gru.wi", {16, 5}).random("gru.wh", {16, 4});
  check_message(assembly_error(small_description(), tensors),
                {"expected [12, 4]", "found [16, 4]", "4 blocks of 4 units, as an LSTM does"});
  tensors = small_tensors();
  tensors.random("evolve.wi", {8, 4}).random("evolve.wh", {8, 4});
  check_message(assembly_error(small_description(), tensors), {"holds 2 blocks of 4 units"});
}

TEST_CASE("a head that does not belong to the slots") {
  // user 4 + query 5 + pooled 5 + result 4 = 18
  TensorSet tensors = small_tensors();
  tensors.random("fc1.w", {7, 14});
  check_message(assembly_error(small_description(), tensors),
                {"found [7, 14]", "without user, or without result of clicks", "BaseModel or DIN"});
  tensors.random("fc1.w", {7, 23});
  check_message(
      assembly_error(small_description(), tensors),
      {"found [7, 23]", "a further slot would explain it", "(query of clicks * pooled clicks)"});
  tensors.random("fc1.w", {7, 17});
  const std::string odd = assembly_error(small_description(), tensors);
  CHECK(odd.find("without") == std::string::npos);
  CHECK(odd.find("further slot") == std::string::npos);
}

TEST_CASE("a bilinear matrix the other way round is mended by its axes") {
  TensorSet tensors = small_tensors();
  tensors.random("att.w", {5, 4});
  const std::string message = assembly_error(small_description(), tensors);
  check_message(message, {"found [5, 4]", "state \"axes\": [\"query\", \"key\"]"});
  CHECK(message.find("orientation") == std::string::npos);
}

TEST_CASE("vocabularies of one name must match") {
  Json description = with(small_description(), "/tables/-",
                          {{"name", "offer"},
                           {"weights", "offer"},
                           {"out_of_table", "error"},
                           {"padding_row", nullptr}});
  description = with(description, "/candidate/0/table", "offer");
  TensorSet tensors = small_tensors();
  tensors.random("offer", {11, 3});
  check_message(assembly_error(description, tensors),
                {"stacks[0].fields[0]", "vocabularies do not match", "table 'item' of 9 rows",
                 "table 'offer' of 11 rows", "state \"rows\" in both"});
  // Stated in one table alone it is not enough; in both it is as trained.
  description = with(description, "/tables/3/rows", 11);
  check_message(assembly_error(description, tensors), {"vocabularies do not match"});
  CHECK(assembly_error(with(description, "/tables/1/rows", 9), tensors) == "");
  // Tables apart of the same length are no mistake.
  description = without(description, "/tables/3/rows");
  CHECK(assembly_error(description, tensors.random("offer", {9, 3})) == "");
}

TEST_CASE("half precision that overflowed is called so") {
  TensorSet tensors = small_tensors();
  tensors.add_half("fc3.b", {1}, {0x7c00});
  check_message(assembly_error(small_description(), tensors),
                {"tensor 'fc3.b': the value at [0] is infinite", "half precision", "65504"});
  tensors.add_half("fc3.b", {1}, {0x3c00});
  CHECK(assembly_error(small_description(), tensors) == "");
}

TEST_CASE("tensors of what is not in the family cannot be left over") {
  for (const char* name : {"mlp.layer_norm.weight", "gru.weight_ih_l0_reverse", "lstm.bias"}) {
    TensorSet tensors = small_tensors();
    tensors.random(name, {3});
    check_message(assembly_error(small_description(), tensors),
                  {"weights.safetensors", name, "is not in the model family", "\"ignore\""});
    CHECK(assembly_error(with(small_description(), "/ignore", {name}), tensors) == "");
  }
}

TEST_CASE("an output and a Dice that do not say which") {
  check_description("/output", "\"sigmoid\"", {"output", "{\"kind\": \"sigmoid\"}, "});
  check_description("/output", R"({"kind": "softmax", "click_column": 0})", {"has 1 output;"});
  check_description("/head/layers/0/activation", "\"dice\"",
                    {"several kinds of Dice", "\"dice_rowwise\""});
}

TEST_CASE("two BatchNorms in one place") {
  const Json norm = {
      {"place", "input"}, {"mean", {{"constant", 0}}}, {"variance", {{"constant", 1}}},
      {"gamma", nullptr}, {"beta", nullptr},           {"epsilon", 1e-3}};
  check_message(assembly_error(with(small_description(), "/head/layers/1/batch_norm", {norm, norm}),
                               small_tensors()),
                {"batch_norm[1].place", "two BatchNorms in the place \"input\""});
}

TEST_CASE("a matrix where a vector is wanted") {
  TensorSet tensors = small_tensors();
  tensors.random("gru.bi", {2, 12});
  check_message(assembly_error(small_description(), tensors),
                {"expected a vector, found shape [2, 12]", "\"rows\": [0, 1] chooses one row"});
  const Json both = {{"tensor", "gru.bi"}, {"columns", {0, 6}}};
  check_message(
      assembly_error(with(small_description(), "/stacks/0/extractor/0/bias/input", both), tensors),
      {"of which [2, 6] is chosen"});
}

}  // namespace
}  // namespace augur::convert::testing
