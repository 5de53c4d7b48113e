// The examples in C and C++ run and agree.
#include "support/commands.h"
#include "support/keyed_models.h"

namespace augur::tools_test {
namespace {

TEST_CASE("the C and the C++ example rank by keys, and print the same") {
  const TempFolder folder;
  const std::string model = folder.write("keyed.augur", packed(*keyed_dien()));
  const Result c = run(AUGUR_RANK_C_PROGRAM, {model});
  CHECK(c.status == 0);
  CHECK(c.err.empty());
  CHECK(c.out.rfind("1. ", 0) == 0);
  CHECK(contains(c.out, "\n3. "));
  CHECK(contains(c.out, "\nnot ranked: tents-2050, out of range\n"));
  CHECK(run(AUGUR_RANK_CPP_PROGRAM, {model}).out == c.out);

  // The best by augur-rank, on the request that the examples make.
  const Result ranked = augur_rank(
      {model, "--requests", "-", "--each", "--top", "1"},
      R"({"id": "e", "features": {"user": 1}, "history": {"item": ["tents-104", "sleeping-bags-3",)"
      R"( "tents-6"], "category": [1, 2, 1]}, "candidates": {"item": ["sleeping-bags-17",)"
      R"( "tents-21", "tents-2050", "sleeping-bags-8", "tents-99"], "category": [2, 1, 1, 2, 1]}})");
  const std::vector<std::string> offers = {"sleeping-bags-17", "tents-21", "tents-2050",
                                           "sleeping-bags-8", "tents-99"};
  const size_t at = ranked.out.find("\"indices\": [");
  REQUIRE_MESSAGE(at != std::string::npos, ranked.err);
  const auto index = static_cast<size_t>(ranked.out[at + 12] - '0');
  CHECK(c.out.rfind("1. " + offers[index] + "  ", 0) == 0);
}

TEST_CASE("both examples report errors") {
  const TempFolder folder;
  const std::string missing = folder.path("missing.augur");
  const std::string kinds = folder.write("kinds.augur", packed(*every_kind()));
  for (const char* program : {AUGUR_RANK_C_PROGRAM, AUGUR_RANK_CPP_PROGRAM}) {
    CHECK(run(program, {}).status == 2);
    const Result result = run(program, {missing});
    CHECK(result.status == 1);
    CHECK(contains(result.err, missing));
    const Result other = run(program, {kinds});
    CHECK(other.status == 1);
    CHECK(contains(other.err, "features: the model has no field 'user' there"));
  }
}

}  // namespace
}  // namespace augur::tools_test
