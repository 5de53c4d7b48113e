// augur-rank and augur-bench on a model whose tables have keys.
#include <nlohmann/json.hpp>

#include "support/commands.h"
#include "support/keyed_models.h"

namespace augur::tools_test {
namespace {

using Json = nlohmann::json;

// The same request by keys of keyed_dien() and by rows of small_dien().
constexpr const char* kByKeys =
    R"({"id": "a", "features": {"user": 9007199254740993}, "history": {"item": ["tents-104", "",)"
    R"( "zelt \u00e4"], "category": [3, 2, 1]}, "candidates": {"item": ["sleeping-bags-17",)"
    R"( "tents-99"], "category": [0, 1]}})"
    "\n";
constexpr const char* kByRows =
    R"({"id": "a", "features": {"user": 4}, "history": {"item": [9, 4, 1], "category": [3, 2, 1]},)"
    R"( "candidates": {"item": [6, 3], "category": [0, 1]}})"
    "\n";

struct KeyedPlace : Workplace {
  std::string keyed = folder.write("keyed.augur", packed(*keyed_dien()));
};

TEST_CASE("keys give the scores of their rows, and rows the scores of no key") {
  const KeyedPlace place;
  const Result keys = augur_rank({place.keyed, "--requests", "-"}, kByKeys);
  CHECK(keys.status == 0);
  CHECK(keys.err.empty());
  CHECK(keys.out == augur_rank({place.model, "--requests", "-"}, kByRows).out);
  const Result rows = augur_rank({place.keyed, "--requests", "-"}, kByRows);
  CHECK(rows.status == 1);
  CHECK(
      contains(rows.err,
               "standard input:1: history: field 'item': expected an array of string ids, one for "
               "each event; came the number 9 (the ids of this catalogue are strings: write "
               "\"9\"), at index 0"));
}

TEST_CASE("an unknown key is named, escaped and cut") {
  const KeyedPlace place;
  std::string line = kByKeys;
  line.replace(line.find("tents-99"), 8, "ten\\u001bts" + std::string(500, 'x'));
  const Result result = augur_rank({place.keyed, "--requests", "-"}, line);
  CHECK(result.status == 1);
  CAPTURE(result.err);
  CHECK(contains(result.err, "ten\\x1btsxxx"));
  CHECK_FALSE(contains(result.err, std::string(300, 'x')));
  CHECK(contains(result.err, "(out of range)"));

  const Json each = Json::parse(augur_rank({place.keyed, "--requests", "-", "--each"}, line).out);
  CHECK(each["statuses"] == Json({"ok", "out of range"}));
  const Json whole = Json::parse(augur_rank({place.keyed, "--requests", "-"}, kByKeys).out);
  CHECK(each["logits"][0] == whole["logits"][0]);
}

TEST_CASE("--explain gives each candidate by its own key") {
  const KeyedPlace place;
  const auto explain = [&](const std::string& model, const char* request) {
    return augur_rank({model, "--requests", "-", "--explain", "--top", "2"}, request).out;
  };
  CHECK(explain(place.keyed, kByKeys) == explain(place.model, kByRows));
}

TEST_CASE("augur-bench draws rows of tables that have keys, or keys of a file") {
  const KeyedPlace place;
  const std::vector<std::string> common = {place.keyed, "--candidates", "7",     "--history",
                                           "4",         "--seconds",    "0.001", "--json"};
  const Result rows = augur_bench(common);
  REQUIRE_MESSAGE(rows.status == 0, rows.err);
  CHECK_FALSE(Json::parse(rows.out)["runs"][0].contains("lookups"));

  std::string items;
  for (size_t i = 0; i < kItemKeys.size(); ++i)
    items += kItemKeys[i] + "\t" + std::to_string(9 - i) + "\n";
  const std::string file = place.folder.write("items.txt", items);
  std::vector<std::string> arguments = common;
  arguments.insert(
      arguments.end(),
      {"--keys", "items=" + file, "--keys",
       "users=" + place.folder.write("users.txt", std::string("-5\t3\n1\t2\n77\t1\n"))});
  // 77 is not in the vocabulary, and the users' rule is "error".
  const Result unknown = augur_bench(arguments);
  CHECK(unknown.status == 1);
  CHECK(contains(unknown.err, "77"));
  place.folder.write("users.txt", std::string("-5\t3\n1\t2\n"));
  const Result keys = augur_bench(arguments);
  REQUIRE_MESSAGE(keys.status == 0, keys.err);
  const Json lookups = Json::parse(keys.out)["runs"][0]["lookups"];
  REQUIRE(lookups.size() == 2);
  CHECK(lookups[0]["table"] == "items");
  CHECK(lookups[0]["keys"] == 9);
  CHECK(lookups[0]["known"] == 9);
  CHECK(lookups[0]["ns"] > 0);
  CHECK(lookups[1]["known"] == 2);

  // A column that two fields read is made once.
  const std::string two =
      place.folder.write("two.augur", packed(*two_fields_one_column(fb::FieldKind::Id, "items")));
  CHECK(augur_bench({two, "--candidates", "3", "--history", "2", "--seconds", "0"}).status == 0);

  const auto error_of = [&](const std::string& option) {
    const Result result = augur_bench({place.keyed, "--keys", option});
    CHECK(result.status == 1);
    return result.err;
  };
  CHECK(contains(error_of("categories=" + file), "the table's ids are rows, not keys"));
  CHECK(contains(error_of("nothing=" + file), "nothing"));
  CHECK(contains(error_of("users=" + file),
                 "items.txt:1: expected an integer, for the keys of "
                 "table 'users'; came 'tents-104'"));
  CHECK(contains(error_of("items=" + place.folder.path("missing.txt")), "missing.txt"));
}

}  // namespace
}  // namespace augur::tools_test
