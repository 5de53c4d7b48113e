// The examples in C and C++ run and agree.
#include "support/commands.h"

namespace augur::tools_test {
namespace {

TEST_CASE("the C and the C++ example rank, and print the same") {
  const Workplace place;
  const Result c = run(AUGUR_RANK_C_PROGRAM, {place.model});
  CHECK(c.status == 0);
  CHECK(c.err.empty());
  CHECK(c.out.rfind("1. item ", 0) == 0);
  CHECK(contains(c.out, "\n3. item "));
  CHECK(run(AUGUR_RANK_CPP_PROGRAM, {place.model}).out == c.out);

  // The best by augur-rank, on the request that the examples make.
  const Result ranked = augur_rank(
      {place.model, "--requests", "-", "--top", "1"},
      R"({"id": "e", "features": {"user": 1}, "history": {"item": [3, 5, 2],)"
      R"( "category": [1, 2, 1]}, "candidates": {"item": [4, 6, 7, 1], "category": [2, 1, 2, 1]}})");
  const std::string items = "4671";
  const size_t at = ranked.out.find("\"indices\": [");
  REQUIRE(at != std::string::npos);
  const size_t index = static_cast<size_t>(ranked.out[at + 12] - '0');
  CHECK(c.out[8] == items[index]);
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
