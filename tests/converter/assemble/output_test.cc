// How the score follows from the logit, and pooling: in the description, in the model, in what
// augur-inspect prints, and what is refused.
#include <doctest/doctest.h>

#include "converter/support/command.h"

namespace augur::convert::testing {
namespace {

Json regression() {
  return with(small_description(), "/output", {{"kind", "identity"}});
}

TEST_CASE("an output of kind identity is the model's, with and without a calibration") {
  CHECK(assemble(small_description(), small_tensors()).model.output == fb::OutputKind::Sigmoid);
  CHECK(assemble(regression(), small_tensors()).model.output == fb::OutputKind::Identity);
  const Workshop shop(regression());
  REQUIRE(shop.convert().status == 0);
  CHECK(has(run_inspect({shop.out}).out, {"format 3", "logit, a regression's"}));
  CHECK(Json::parse(run_inspect({shop.out, "--json"}).out)["output"] == "identity");
  const Workshop calibrated(with(regression(), "/calibration", {{"scale", 2.0}, {"offset", -0.5}}));
  REQUIRE(calibrated.convert().status == 0);
  CHECK(has(run_inspect({calibrated.out}).out, {"2 * logit - 0.5, a regression's"}));
  const Workshop clicks;
  REQUIRE(clicks.convert().status == 0);
  CHECK(has(run_inspect({clicks.out}).out, {"format 1", "sigmoid(logit)"}));
  CHECK(Json::parse(run_inspect({clicks.out, "--json"}).out)["output"] == "sigmoid");
}

TEST_CASE("an output of kind identity has one unit and no other key") {
  TensorSet two = small_tensors();
  two.random("fc3.w", {2, 3}).random("fc3.b", {2});
  CHECK(has(assembly_error(regression(), two), {"2 outputs", "kind \"identity\" needs one"}));
  CHECK(has(assembly_error(with(regression(), "/output/click_column", 0), small_tensors()),
            {"unknown key \"click_column\""}));
  CHECK(has(
      assembly_error(with(small_description(), "/output", {{"kind", "linear"}}), small_tensors()),
      {"\"identity\""}));
}

TEST_CASE("a regression has no AUC: --labels are refused by the kind of output") {
  const Workshop shop(regression());
  const std::string requests = shop.write("requests.jsonl", kRequests);
  const std::string labels = shop.write("labels.jsonl", R"({"id": "a", "labels": [1, 0, 0, 0]})");
  const Ran refused = shop.convert({"--validate", requests, "--labels", labels});
  CHECK(refused.status == 1);
  CHECK(has(refused.err, {shop.out, "output is of kind \"identity\"", "no AUC", "--labels"}));
  CHECK(shop.has_no_output());
  CHECK(shop.convert({"--validate", requests}).status == 0);
}

TEST_CASE("several ids may be pooled by their greatest values") {
  const Json tags = {{"name", "user"},
                     {"kind", "ids"},
                     {"table", "user"},
                     {"pooling", "max"},
                     {"skip_zero", true}};
  const Json description = with(small_description(), "/features/0", tags);
  const Assembled result = assemble(description, small_tensors());
  CHECK(result.model.features[0]->pooling == fb::Pooling::Max);
  CHECK(result.model.features[0]->skip_zero);
  const Workshop shop(description);
  REQUIRE(shop.convert().status == 0);
  CHECK(has(run_inspect({shop.out}).out, {"format 3", "table user, max, zeros skipped"}));
  // Of a behaviour's states there is a sum or a mean alone.
  CHECK(has(
      assembly_error(with(small_description(), "/head/input/2/pooling", "max"), small_tensors()),
      {"\"max\" is not one of"}));
}

TEST_CASE("the members of format 3 are shown by their names") {
  for (const auto& [word, shown] : {std::pair{"gelu", "GELU"},
                                    {"gelu_tanh", "GELU by tanh"},
                                    {"elu", "ELU"},
                                    {"silu", "SiLU"}}) {
    const Workshop shop(with(small_description(), "/head/layers/0/activation", word));
    REQUIRE(shop.convert().status == 0);
    CHECK(has(run_inspect({shop.out}).out, {"format 3", shown}));
  }
}

}  // namespace
}  // namespace augur::convert::testing
