// augur-rank --each: lists in which some candidates cannot be scored.
#include <nlohmann/json.hpp>

#include "support/commands.h"

namespace augur::tools_test {
namespace {

using Json = nlohmann::json;

// A request whose second candidate has an item that the table does not have.
constexpr const char* kOneUnknown =
    R"({"id": "a", "features": {"user": 3}, "history": {"item": [1, 2, 3], "category": [3, 2, 1]},)"
    R"( "candidates": {"item": [4, 99, 5], "category": [0, 1, 1]}})"
    "\n";
constexpr const char* kWithoutIt =
    R"({"id": "a", "features": {"user": 3}, "history": {"item": [1, 2, 3], "category": [3, 2, 1]},)"
    R"( "candidates": {"item": [4, 5], "category": [0, 1]}})"
    "\n";

TEST_CASE(
    "an unusable candidate fails its request, or with --each has a reason in place of a score") {
  const Workplace place;
  const Result failed = augur_rank({place.model, "--requests", "-"}, kOneUnknown);
  CHECK(failed.status == 1);
  CHECK(contains(failed.err, "99"));
  CHECK(failed.out.empty());

  const Result ranked = augur_rank({place.model, "--requests", "-", "--each"}, kOneUnknown);
  REQUIRE_MESSAGE(ranked.status == 0, ranked.err);
  CHECK(ranked.err ==
        "augur-rank: warning: 1 of 3 candidates could not be scored; the first in standard "
        "input:1\n");
  const Json answer = Json::parse(ranked.out);
  CHECK(answer["statuses"] == Json({"ok", "out of range", "ok"}));
  CHECK(answer["scores"][1].is_null());
  CHECK(answer["logits"][1].is_null());
  const Json without = Json::parse(augur_rank({place.model, "--requests", "-"}, kWithoutIt).out);
  CHECK(answer["logits"][0] == without["logits"][0]);
  CHECK(answer["logits"][2] == without["logits"][1]);
}

TEST_CASE("--each changes nothing where all candidates are usable") {
  const Workplace place;
  const Result each = augur_rank({place.model, "--requests", place.requests, "--each"});
  CHECK(each.status == 0);
  CHECK(each.err.empty());
  CHECK(each.out == augur_rank({place.model, "--requests", place.requests}).out);
}

TEST_CASE("--top, --explain and --labels leave unusable candidates out") {
  const Workplace place;
  const Json best = Json::parse(
      augur_rank({place.model, "--requests", "-", "--each", "--top", "3"}, kOneUnknown).out);
  CHECK(best["indices"].size() == 2);
  CHECK(best["scores"].size() == 2);
  CHECK_FALSE(best.contains("statuses"));
  CHECK(best["indices"][0] != 1);
  CHECK(best["indices"][1] != 1);

  const Json explained = Json::parse(
      augur_rank({place.model, "--requests", "-", "--each", "--explain"}, kOneUnknown).out);
  CHECK(explained["attention"]["clicks"][0].size() == 3);
  CHECK(explained["attention"]["clicks"][1].is_null());

  const std::string labels =
      place.folder.write("labels.jsonl", std::string(R"({"id": "a", "labels": [1, 1, 0]})"));
  const Result measured =
      augur_rank({place.model, "--requests", "-", "--each", "--labels", labels, "--out", place.out},
                 kOneUnknown);
  CHECK(measured.status == 0);
  CHECK(contains(measured.err, "(2 candidates, 1 clicked)"));
}

TEST_CASE("what is wrong with the whole request stays an error with --each") {
  const Workplace place;
  std::string line = kOneUnknown;
  line.replace(line.find("[1, 2, 3]"), 9, "[1, 99, 3]");
  const Result result = augur_rank({place.model, "--requests", "-", "--each"}, line);
  CHECK(result.status == 1);
  CHECK(contains(result.err, "history"));
}

}  // namespace
}  // namespace augur::tools_test
