// Keys from the command line: the scores are those of the same rows, whatever order the catalogue
// has; augur-inspect looks them up; they go with the rows into a sidecar file.
#include <doctest/doctest.h>

#include <filesystem>

#include "convert/given_keys.h"
#include "converter/support/command.h"
#include "validate/run_model.h"

namespace augur::convert::testing {
namespace {

// Row -> key, in another order than the rows.
constexpr const char* kItems[] = {"[PAD]", "sku-7", "sku-1", "s\xc3\xb8kk", "sku-4",
                                  "sku-2", "sku-8", "sku-3", "sku-5"};
constexpr int64_t kUsers[] = {500, -4, 9000000000, 3, 1, 77};

std::string items_file() {
  std::string text;
  for (const char* key : kItems)
    text += std::string(key) + "\n";
  return text;
}

Json keys_of(const Json& rows) {
  Json keys = Json::array();
  for (const Json& row : rows)
    keys.push_back(kItems[row.get<size_t>()]);
  return keys;
}

// kRequests with keys in the place of the items' and users' rows.
std::string keyed_requests() {
  std::istringstream lines(kRequests);
  std::string line, text;
  while (std::getline(lines, line)) {
    Json request = Json::parse(line);
    Json& user = request["features"]["user"];
    user = kUsers[user.get<size_t>()];
    for (const char* part : {"history", "candidates"})
      request[part]["item"] = keys_of(request[part]["item"]);
    text += request.dump() + "\n";
  }
  return text;
}

std::vector<uint8_t> bytes_of(const std::string& path) {
  const std::string text = read_text(path);
  return {text.begin(), text.end()};
}

std::vector<float> logits(const std::string& model, const std::string& requests,
                          const std::vector<Sidecar>& sidecars = {}) {
  const std::vector<uint8_t> file = bytes_of(model);
  const LoadedModel loaded(file, model, sidecars);
  std::vector<float> all;
  score_file(loaded.get(), requests, [&](const requests::Request&, const requests::Answer& answer) {
    all.insert(all.end(), answer.logits.begin(), answer.logits.end());
  });
  return all;
}

// A workshop with files of keys.
struct Catalogue : Workshop {
  const std::string items = write("items.txt", items_file());
  const std::string users =
      write("users.json", R"({"user": [500, -4, 9000000000, 3, 1, 77], "other": {}})");
  const std::string by_rows = write("rows.jsonl", kRequests);
  const std::string by_keys = write("keys.jsonl", keyed_requests());

  std::vector<std::string> options(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> all = {"--vocabulary", "item=" + items, "--vocabulary",
                                    "user=" + users + "#user"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
};

TEST_CASE("keys of a shuffled catalogue give the scores of their rows") {
  const Catalogue shop;
  for (const char* type : {"f32", "int8"}) {
    REQUIRE(shop.convert({"--embeddings", type}).status == 0);
    const std::vector<float> expected = logits(shop.out, shop.by_rows);
    const Ran ran = shop.convert(shop.options({"--embeddings", type, "--validate", shop.by_keys}));
    REQUIRE_MESSAGE(ran.status == 0, ran.err);
    CHECK(logits(shop.out, shop.by_keys) == expected);
  }
}

TEST_CASE("the report's description has the keys, and makes the same model") {
  const Catalogue shop;
  const std::string report = shop.path("report.json");
  REQUIRE(shop.convert(shop.options({"--report", report})).status == 0);
  const Json made = Json::parse(read_text(report));
  const Json& tables = made["description"]["tables"];
  CHECK(tables[1]["vocabulary"] == Json({{"file", shop.items}, {"keys", "string"}}));
  CHECK(tables[0]["vocabulary"] == Json({{"file", shop.users + "#user"}, {"keys", "integer"}}));
  CHECK(made["model"]["format"] == 4);
  REQUIRE(made["keys"].size() == 2);
  CHECK(made["keys"][0]["table"] == "user");
  CHECK(made["keys"][0]["key_type"] == "integer");
  CHECK(made["keys"][1]["vocabulary"]["keys"] == 9);
  shop.write("again.json", made["description"].dump());
  const Ran again = run_convert({"--weights", shop.weights, "--model", shop.path("again.json"),
                                 "--out", shop.path("again.augur")});
  REQUIRE_MESSAGE(again.status == 0, again.err);
  CHECK(read_text(shop.path("again.augur")) == read_text(shop.out));
}

TEST_CASE("paths in a description are relative to its file") {
  const Catalogue shop;
  const std::filesystem::path items = shop.items;
  Json description = small_description();
  GivenKeys given;
  given.vocabularies = {{"item", std::filesystem::relative(items).string()}};
  add_keys(description, given, items.parent_path().string(), /*is_layouts=*/false);
  CHECK(description["tables"][1]["vocabulary"]["file"] == "items.txt");
  const std::string model = shop.write("beside.json", description.dump());
  const Ran ran = run_convert({"--weights", shop.weights, "--model", model, "--out", shop.out});
  CHECK_MESSAGE(ran.status == 0, ran.err);
}

TEST_CASE("augur-inspect shows vocabularies and looks keys up") {
  const Catalogue shop;
  REQUIRE(shop.convert(shop.options()).status == 0);
  const Ran text = run_inspect({shop.out, "--key", "item=s\xc3\xb8kk", "--key", "user=9000000000"});
  CHECK(text.status == 0);
  CHECK(has(text.out, {"format 4", "item: 9 string keys", "user: 6 integer keys", "bytes a key",
                       "content", "item  's\xc3\xb8kk'", "row 3", "row 2"}));
  const Json json = Json::parse(run_inspect({shop.out, "--json", "--key", "item=[PAD]"}).out);
  CHECK(json["content_hash"]["matches"] == true);
  CHECK(json["tables"][1]["key_type"] == "string");
  CHECK(json["tables"][1]["vocabulary"]["keys"] == 9);
  CHECK(json["tables"][1]["vocabulary"]["hash_matches"] == true);
  CHECK(json["tables"][2]["key_type"] == "row");
  CHECK(json["tables"][2]["vocabulary"].is_null());
  CHECK(json["found_keys"][0]["row"] == 0);
  CHECK(json["found_keys"][0]["remark"] == "the padding row");

  const auto fails = [&](const std::string& key, const std::vector<std::string>& parts) {
    const Ran ran = run_inspect({shop.out, "--key", key});
    CAPTURE(ran.err);
    CHECK(ran.status == 1);
    CHECK(has(ran.err, parts));
  };
  fails("item=sku-9", {"--key item=sku-9", "not in the vocabulary"});
  fails("user=sku", {"64-bit integers"});
  fails("category=1", {"its ids are its rows"});
  fails("itm=1", {"no table 'itm'", "did you mean 'item'"});
  fails("item", {"TABLE=KEY"});
}

TEST_CASE("a sidecar file takes the vocabulary along") {
  const Catalogue shop;
  REQUIRE(shop.convert(shop.options()).status == 0);
  const std::vector<float> expected = logits(shop.out, shop.by_keys);
  const std::string side = shop.path("item.augurt");
  const Ran ran =
      shop.convert(shop.options({"--sidecar", "item=" + side, "--validate", shop.by_keys}));
  REQUIRE_MESSAGE(ran.status == 0, ran.err);
  CHECK(logits(shop.out, shop.by_keys, {{"item", side, bytes_of(side)}}) == expected);

  CHECK(has(run_inspect({shop.out}).out, {"item: string keys, in a file of its own"}));
  const Ran both = run_inspect({shop.out, "--table", "item=" + side, "--key", "item=sku-2"});
  CHECK(both.status == 0);
  CHECK(has(both.out, {"its file has 9 string keys", "row 5"}));
  CHECK(has(run_inspect({shop.out, "--key", "item=sku-2"}).err, {"give it with --table"}));
  const Ran alone = run_inspect({side, "--key", "item=sku-2"});
  CHECK(alone.status == 0);
  CHECK(has(alone.out, {"9 string keys", "content hash", "row 5"}));
  CHECK(run_inspect({side, "--key", "item=sku-9"}).status == 1);
  CHECK(has(run_inspect({side, "--key", "user=3"}).err, {"sidecar file of table 'item'"}));
  const Json json = Json::parse(run_inspect({side, "--json"}).out);
  CHECK(json["format"] == 4);
  CHECK(json["vocabulary"]["keys"] == 9);
  CHECK(json["content_hash"]["matches"] == true);

  // Rows without keys stay in the older format.
  REQUIRE(shop.convert({"--sidecar", "item=" + side}).status == 0);
  CHECK(Json::parse(run_inspect({side, "--json"}).out)["format"] == 2);
  CHECK(has(run_inspect({side, "--key", "item=a"}).err, {"has no vocabulary"}));
}

TEST_CASE("a table shares the vocabulary of one that is in a sidecar file") {
  // The first feature, of 6 rows, shares the keys of the items, which are 5.
  const Catalogue shop;
  const std::string few = shop.write("few.txt", "[PAD]\t0\nsku-7\t1\nsku-1\t2\ns\t3\nsku-4\t5\n");
  const std::vector<std::string> options = {"--vocabulary", "item=" + few, "--vocabulary-of",
                                            "user=item"};
  const std::string requests = shop.write(
      "shared.jsonl",
      R"({"id": "a", "features": {"user": "sku-4"}, "history": {"item": ["sku-1", "new"],)"
      R"( "category": [1, 0]}, "candidates": {"item": ["sku-7", "sku-4"], "category": [0, 1]}})"
      "\n");
  const Ran inside = shop.convert(options);
  REQUIRE_MESSAGE(inside.status == 0, inside.err);
  CHECK(has(inside.out, {"user those of item, item 5 string keys"}));
  const std::vector<float> expected = logits(shop.out, requests);
  std::vector<std::string> outside = options;
  const std::string side = shop.path("item.augurt");
  outside.insert(outside.end(), {"--sidecar", "item=" + side});
  REQUIRE(shop.convert(outside).status == 0);
  CHECK(logits(shop.out, requests, {{"item", side, bytes_of(side)}}) == expected);
  const Ran found = run_inspect({shop.out, "--table", "item=" + side, "--key", "user=sku-4"});
  CHECK(found.status == 0);
  CHECK(has(found.out, {"row 5"}));
}

TEST_CASE("a file whose content hash is wrong ends augur-inspect with 1") {
  const Catalogue shop;
  const std::string side = shop.path("item.augurt");
  REQUIRE(shop.convert(shop.options({"--sidecar", "item=" + side})).status == 0);
  std::string bytes = read_text(shop.out);
  bytes.replace(bytes.find("augur-convert"), 5, "Augur");  // the id does not cover the producer
  const Ran ran = run_inspect({shop.write("changed.augur", bytes)});
  CHECK(ran.status == 1);
  CHECK(has(ran.out, {"not that of the file!"}));
  CHECK(has(ran.err, {"changed.augur", "content hash"}));
  bytes = read_text(side);
  bytes.replace(bytes.find("item"), 4, "itme");
  CHECK(has(run_inspect({shop.write("changed.augurt", bytes)}).err, {"content hash"}));
}

TEST_CASE("hashed keys are looked up by their hash") {
  Json description = with(small_description(), "/tables/0/keys", "string");
  description["tables"][0]["out_of_table"] = {
      {"hash", {{"kind", "farm64"}, {"first_row", 0}, {"buckets", 6}}}};
  const Workshop shop(description);
  const Ran ran = shop.convert();
  REQUIRE_MESSAGE(ran.status == 0, ran.err);
  // Fingerprint64("abc") mod 6
  const Ran text = run_inspect({shop.out, "--key", "user=abc"});
  CHECK(text.status == 0);
  CHECK(has(text.out, {"user: string keys, all hashed", "keys: farm64 into 6 rows from 0",
                       "hashed to row " + std::to_string(2640714258260161385u % 6)}));
}

TEST_CASE("what cannot be meant on the command line is refused") {
  const Catalogue shop;
  const auto fails = [&](int status, const std::vector<std::string>& options,
                         const std::vector<std::string>& parts) {
    const Ran ran = shop.convert(options);
    CAPTURE(ran.err);
    CHECK(ran.status == status);
    CHECK(has(ran.err, parts));
    CHECK(shop.has_no_output());
  };
  const std::string item = "item=" + shop.items;
  fails(2, {"--vocabulary", "item"}, {"TABLE=FILE[#MEMBER]"});
  fails(2, {"--keys", "item=text"}, {"--keys item=text", "string"});
  fails(1, {"--vocabulary", "itm=" + shop.items}, {"no table 'itm'", "did you mean 'item'"});
  fails(1, {"--vocabulary", item, "--vocabulary", item}, {"twice"});
  fails(1, {"--vocabulary", item, "--vocabulary-of", "item=user"}, {"one decides"});
  fails(1, {"--keys", "item=string", "--vocabulary-of", "item=user"}, {"--keys", "shares"});
  fails(1, {"--vocabulary-of", "item=user"}, {"'user' has no vocabulary"});
  fails(1, {"--vocabulary", item, "--keys", "item=integer"}, {"'[PAD]'", "integer"});
  fails(1, {"--vocabulary", "user=" + shop.users + "#user", "--keys", "user=string"},
        {"are numbers"});
  fails(1, {"--keys", "item=string"}, {"tables[1].out_of_table", "\"vocabulary\""});
  fails(1, {"--vocabulary", "item=" + shop.path("none.txt")}, {"table 'item'", "none.txt"});
  fails(1, {"--vocabulary", item, "--report", shop.items}, {"--report", "--vocabulary too"});
}

TEST_CASE("what a layout says of its tables with a vocabulary takes effect with one") {
  const Catalogue shop;
  const Json hook = {
      {"out_of_table", {{"unknown_row", 8}}}, {"padding_key", "[PAD]"}, {"unknown_key", "__OOV__"}};
  const Json description = with(with(small_description(), "/tables/1/with_vocabulary", hook),
                                "/tables/2/with_vocabulary", hook);
  Json without_keys = description;
  add_keys(without_keys, {}, "", /*is_layouts=*/true);
  CHECK(without_keys == small_description());

  Json keyed = description;
  GivenKeys given;
  given.vocabularies = {{"item", shop.items}};
  given.shared = {{"category", "item"}};
  add_keys(keyed, given, "", /*is_layouts=*/true);
  const Json& item = keyed["tables"][1];
  CHECK_FALSE(item.contains("with_vocabulary"));
  CHECK(item["out_of_table"] == Json({{"unknown_row", 8}}));
  // The file has no "__OOV__".
  CHECK(item["vocabulary"] ==
        Json({{"file", shop.items}, {"keys", "string"}, {"padding_key", "[PAD]"}}));
  CHECK(keyed["tables"][2]["vocabulary"] == Json({{"of", "item"}}));
  CHECK(keyed["tables"][2]["out_of_table"] == Json({{"unknown_row", 8}}));
  CHECK(keyed["tables"][0] == small_description()["tables"][0]);

  // A user's description cannot have it.
  const Workshop other(description);
  CHECK(has(other.convert().err, {"tables[1]", "with_vocabulary"}));
}

}  // namespace
}  // namespace augur::convert::testing
