// augur-bench: what it prints, and what it says when something is wrong.
#include <nlohmann/json.hpp>

#include "reference/build.h"
#include "support/commands.h"

namespace augur::tools_test {
namespace {

using Json = nlohmann::json;

TEST_CASE("augur-bench runs one case for each history and number of candidates") {
  const Workplace place;
  const Result result = augur_bench(
      {place.model, "--candidates", "1,7", "--history", "0,2,4", "--seconds", "0.001", "--json"});
  REQUIRE_MESSAGE(result.status == 0, result.err);
  CHECK(result.err.empty());
  const Json json = Json::parse(result.out);
  CHECK(json["model"]["name"] == "small dien");
  CHECK(json["model"]["file_bytes"] == packed(*small_dien()).size());
  CHECK(json["model"]["id"].get<std::string>().size() == 64);
  CHECK(json["format"] == "augur-benchmark");
  CHECK(json["program"] == "augur-bench");
  REQUIRE(json["runs"].size() == 1);
  const Json& timed = json["runs"][0];
  CHECK(timed["open_us"] > 0);
  CHECK(timed["pace_ms"] == 0);
  CHECK_FALSE(timed.contains("affinity"));
  REQUIRE(timed["cases"].size() == 6);
  for (size_t i = 0; i < 6; ++i) {
    const Json& one = timed["cases"][i];
    const int history = std::vector<int>{0, 2, 4}[i / 2];
    CHECK(one["history"] == history);
    CHECK(one["candidates"] == (i % 2 == 0 ? 1 : 7));
    CHECK(one["session_bytes"] > 0);
    CHECK(one["first_rank_us"] > 0);
    CHECK(one["rank"]["calls"] >= 20);
    CHECK(one["rank"]["min_us"] > 0);
    CHECK(one["rank"]["min_us"] <= one["rank"]["p50_us"]);
    CHECK(one["rank"]["p50_us"] <= one["rank"]["p90_us"]);
    CHECK(one["rank"]["p90_us"] <= one["rank"]["p99_us"]);
    CHECK(one.contains("append_and_rank") == (history > 0));
  }
}

TEST_CASE("--isa lists the kernels that can run here, runs one of them, and says which there are") {
  const Workplace place;
  const Result list = augur_bench({"--isa", "list"});
  REQUIRE(list.status == 0);
  const std::string best = list.out.substr(0, list.out.find('\n'));
  const std::string last = list.out.substr(0, list.out.size() - 1);
  const std::string worst = last.substr(last.rfind('\n') + 1);
  const std::vector<std::string> few = {place.model, "--candidates", "2", "--history",
                                        "2",         "--seconds",    "0"};
  CHECK(contains(augur_bench(few).out, ", kernels: " + best + "\n"));
  std::vector<std::string> chosen = few;
  chosen.insert(chosen.end(), {"--isa", worst, "--json"});
  CHECK(Json::parse(augur_bench(chosen).out)["runs"][0]["isa"] == worst);
  for (const std::string name : {"vax", ""}) {
    chosen = few;
    chosen.insert(chosen.end(), {"--isa", name});
    const Result unknown = augur_bench(chosen);
    CHECK(unknown.status == 2);
    CHECK(contains(unknown.err, "--isa: '" + name + "' cannot run here; there are: " + best));
  }
}

TEST_CASE("a history beyond the model's limit is clamped, with a message") {
  const Workplace place;
  const Result result =
      augur_bench({place.model, "--candidates", "2", "--history", "3,50,100", "--seconds", "0"});
  CHECK(result.status == 0);
  CHECK(contains(result.err, "history 50: the model keeps 4 events, so it is 4"));
  CHECK(contains(result.err, "history 100: the model keeps 4 events, so it is 4"));
  CHECK(contains(result.out, "\n      3           2        1 "));
  CHECK(contains(result.out, "\n      4           2        1 "));
}

TEST_CASE(
    "augur-bench measures models with every field kind and several stacks, on several threads") {
  const TempFolder folder;
  const std::string model = folder.write("kinds.augur", packed(*every_kind()));
  const Result result = augur_bench({model, "--candidates", "50", "--history", "5", "--threads",
                                     "1,3", "--sessions", "3", "--seconds", "0.001", "--json"});
  REQUIRE_MESSAGE(result.status == 0, result.err);
  const Json json = Json::parse(result.out)["runs"][0];
  CHECK(json["sessions"] == 3);
  REQUIRE(json["cases"].size() == 2);
  for (size_t i = 0; i < 2; ++i) {
    CHECK(json["cases"][i]["threads"] == (i == 0 ? 1 : 3));
    CHECK(json["cases"][i]["rank"]["calls"] >= 60);
    CHECK(json["cases"][i]["append_and_rank"]["calls"] >= 60);
  }
  CHECK(json["cases"][0]["session_bytes"] < json["cases"][1]["session_bytes"]);
}

TEST_CASE("--table attaches a sidecar file, and --tile sets the tile") {
  const TempFolder folder;
  const PartedModel parts = parted_dien(1, 2);
  const std::string model = folder.write("model.augur", parts.model);
  const std::string table = folder.write("items.augur", parts.table);
  const auto session_bytes = [&](const char* tile) {
    const Result result =
        augur_bench({model, "--table", "items=" + table, "--tile", tile, "--candidates", "3",
                     "--history", "2", "--seconds", "0", "--json"});
    REQUIRE_MESSAGE(result.status == 0, result.err);
    CHECK(contains(result.err, "augur-bench: warning: table 'items': the rows of " + table));
    return Json::parse(result.out)["runs"][0]["cases"][0]["session_bytes"].get<size_t>();
  };
  CHECK(session_bytes("64") > session_bytes("16"));
  const Result without = augur_bench({model, "--seconds", "0"});
  CHECK(without.status == 1);
  CHECK(contains(without.err, "items"));
  CHECK(contains(augur_bench({model, "--table", "items"}).err, "expected NAME=FILE"));
  const Result strict = augur_bench({model, "--table", "items=" + table, "--strict"});
  CHECK(strict.status == 1);
  CHECK(strict.out.empty());
  CHECK(contains(strict.err, "not those that the model was converted with"));
}

TEST_CASE("wrong arguments are refused, and the message names them") {
  const Workplace place;
  const std::string missing = place.folder.path("missing.augur");
  const Result result = augur_bench({missing});
  CHECK(result.status == 1);
  CHECK(result.out.empty());
  CHECK(contains(result.err, "augur-bench: "));
  CHECK(contains(result.err, missing));
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{},
                                                    {place.model, "--candidates", "few"},
                                                    {place.model, "--threads", "0"},
                                                    {place.model, "--threads", "1,65"},
                                                    {place.model, "--sessions", "0"},
                                                    {place.model, "--history", "-1"}}) {
    CHECK(augur_bench(arguments).status == 2);
  }
  CHECK(augur_bench({"--help"}).status == 0);
  CHECK(contains(augur_bench({"--version"}).out, "augur-bench 0."));
}

}  // namespace
}  // namespace augur::tools_test
