// Keys in a description: vocabularies, types of keys, rules for unknown ones, hashes, columns.
#include <doctest/doctest.h>

#include <fstream>

#include "common/key_hash.h"
#include "converter/support/descriptions.h"
#include "quantise/model_parts.h"
#include "vocabulary/build.h"

namespace augur::convert::testing {
namespace {

constexpr const char* kItems = "[PAD]\na\nb\nc\nd\ne\nf\ng\n[UNK]\n";  // of 9 rows

std::unique_ptr<fb::ModelT> model_of(const Json& description) {
  return std::make_unique<fb::ModelT>(assemble(description, small_tensors()).model);
}

// Folders with files of keys, and small_description() with keys.
class Keys {
 public:
  Keys() { write("items.txt", kItems); }

  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_.path(name), std::ios::binary) << text;
    return folder_.path(name);
  }

  // The item table with this vocabulary; FILE stands for the file's path.
  Json with_vocabulary(const std::string& vocabulary, const std::string& rule = "\"padding_row\"",
                       const std::string& file = "items.txt") const {
    Json description = with(small_description(), "/tables/1/out_of_table", Json::parse(rule));
    std::string text = vocabulary;
    if (const size_t at = text.find("FILE"); at != std::string::npos)
      text.replace(at, 4, folder_.path(file));
    return with(description, "/tables/1/vocabulary", Json::parse(text));
  }

 private:
  TempFolder folder_;
};

// small_description() whose user table has hashed keys.
Json hashed(const std::string& keys, const std::string& hash) {
  Json description = with(small_description(), "/tables/0/padding_row", 0);
  if (!keys.empty()) description["tables"][0]["keys"] = keys;
  return with(description, "/tables/0/out_of_table", {{"hash", Json::parse(hash)}});
}

constexpr const char* kFull =
    R"({"file": "FILE", "keys": "string", "padding_key": "[PAD]", "unknown_key": "[UNK]"})";

TEST_CASE("a vocabulary of strings is built from a file") {
  const Keys keys;
  const auto model = model_of(keys.with_vocabulary(kFull, R"({"unknown_row": 8})"));
  const fb::EmbeddingTableT& item = *model->tables.at(1);
  CHECK(lowest_format(*model) == 4);
  CHECK(item.key_type == fb::KeyType::String);
  CHECK(item.out_of_table == fb::OutOfTable::UnknownRow);
  CHECK(item.unknown_row == 8);
  REQUIRE(item.vocabulary != nullptr);
  CHECK(item.vocabulary->padding_key == "[PAD]");
  CHECK(item.vocabulary->unknown_key == "[UNK]");
  CHECK(item.vocabulary->fingerprint_bytes == kStringFingerprint);
  const VocabularyView view = view_of(*item.vocabulary);
  CHECK(view.size == 9);
  CHECK(view.find(hash_string("c", 1)) == 3);
  CHECK(view.find(hash_string("[PAD]", 5)) == 0);
  CHECK(view.find(hash_string("[UNK]", 5)) == 8);
  CHECK(view.find(hash_string("z", 1)) == kNoRow);
}

TEST_CASE("a vocabulary of integers: the named keys need not be integers") {
  const Keys keys;
  keys.write("ints.txt", "[PAD]\n10\n-20\n30\n40\n50\n60\n70\n[UNK]\n");
  const auto model = model_of(keys.with_vocabulary(
      R"({"file": "FILE", "keys": "integer", "padding_key": "[PAD]", "unknown_key": "[UNK]"})",
      R"({"unknown_row": 8})", "ints.txt"));
  const fb::VocabularyT& vocabulary = *model->tables.at(1)->vocabulary;
  CHECK(vocabulary.key_type == fb::KeyType::Integer);
  CHECK(vocabulary.fingerprint_bytes == kIntegerFingerprint);
  CHECK(vocabulary.size == 7);
  CHECK(vocabulary.padding_key == "[PAD]");
  CHECK(view_of(vocabulary).find(hash_integer(-20)) == 2);
}

TEST_CASE("a table shares another's vocabulary, whichever comes first") {
  const Keys keys;
  Json description = keys.with_vocabulary(R"({"file": "FILE", "keys": "string"})");
  keys.write("five.txt", "a\nb\nc\n");
  // category, of 5 rows, comes after item, and user, of 6, before it.
  description["tables"][1]["vocabulary"]["file"] = keys.write("three.txt", "a\nb\nc\n");
  description["tables"][0]["vocabulary"] = {{"of", "item"}};
  description["tables"][2]["vocabulary"] = {{"of", "item"}};
  const auto model = model_of(description);
  for (const size_t i : {size_t{0}, size_t{2}}) {
    CHECK(model->tables.at(i)->vocabulary_of == "item");
    CHECK(model->tables.at(i)->key_type == fb::KeyType::String);
    CHECK(model->tables.at(i)->vocabulary == nullptr);
  }
}

TEST_CASE("rows without a key are named in a warning") {
  const Keys keys;
  const std::string path = keys.write("some.txt", "a\t1\nb\t2\nc\t4\n");
  Json description = keys.with_vocabulary(R"({"file": "FILE", "keys": "string"})");
  description["tables"][1]["vocabulary"]["file"] = path;
  const Assembled assembled = assemble(description, small_tensors());
  REQUIRE(assembled.warnings.size() == 1);
  CHECK(has(assembled.warnings[0], {"tables[1].vocabulary.file", "5 of 9 rows", "row 3"}));
  CHECK(!has(assembled.warnings[0], {"padding"}));
  // A list that begins with the first item, not with the padding.
  description["tables"][1]["vocabulary"]["file"] = keys.write("short.txt", "a\nb\nc\n");
  const Assembled shifted = assemble(description, small_tensors());
  REQUIRE(shifted.warnings.size() == 1);
  CHECK(
      has(shifted.warnings[0], {"row 0, the padding row, has the key 'a'", "first line missing"}));
  CHECK(assemble(keys.with_vocabulary(kFull, R"({"unknown_row": 8})"), small_tensors())
            .warnings.empty());
}

TEST_CASE("each hash and its keys") {
  const auto hash_of = [](const std::string& keys, const std::string& hash) {
    const auto model = model_of(hashed(keys, hash));
    CHECK(lowest_format(*model) == (keys.empty() ? 1 : 4));
    return *model->tables.at(0)->hash;
  };
  fb::HashT hash = hash_of(
      "string", R"({"kind": "farm64", "first_row": 1, "buckets": 5, "zero_is_padding": true})");
  CHECK(hash.kind == fb::HashKind::Farm64);
  CHECK(hash.first_row == 1);
  CHECK(hash.buckets == 5);
  CHECK(hash.zero_is_padding);
  hash =
      hash_of("integer", R"({"kind": "farm64", "bytes": "float32", "first_row": 0, "buckets": 6})");
  CHECK(hash.bytes == fb::KeyBytes::Float32);
  hash = hash_of("integer", R"({"kind": "murmur3", "seed": 42, "modulo": "floored",
                                "bytes": "binary32", "first_row": 0, "buckets": 6})");
  CHECK(hash.kind == fb::HashKind::Murmur3);
  CHECK(hash.seed == 42);
  CHECK(hash.modulo == fb::Modulo::Floored);
  CHECK(hash.bytes == fb::KeyBytes::Binary32);
  hash = hash_of("integer",
                 R"({"kind": "modulo", "modulo": "truncated", "first_row": 0, "buckets": 6})");
  CHECK(hash.kind == fb::HashKind::Modulo);
  CHECK(hash.modulo == fb::Modulo::Truncated);
  constexpr const char* kSplitMix =
      R"({"kind": "splitmix64", "seed": 3, "first_row": 1, "buckets": 5})";
  for (const char* keys : {"", "integer", "string"})
    CHECK(hash_of(keys, kSplitMix).kind == fb::HashKind::SplitMix64);
}

TEST_CASE("two fields read one column by two rules") {
  Json description = hashed("string", R"({"kind": "farm64", "first_row": 0, "buckets": 6})");
  description["features"].push_back(
      {{"name", "other"},
       {"kind", "id"},
       {"column", "user"},
       {"table", "user"},
       {"hash",
        {{"kind", "farm64"}, {"first_row", 1}, {"buckets", 5}, {"zero_is_padding", true}}}});
  description["features"][0]["column"] = "user";
  description["head"]["input"].push_back({{"feature", "other"}});
  TensorSet tensors = small_tensors();
  tensors.random("fc1.w", {7, 22});
  const fb::ModelT model = std::move(assemble(description, tensors).model);
  CHECK(model.features.at(0)->column.empty());
  CHECK(model.features.at(1)->column == "user");
  REQUIRE(model.features.at(1)->hash != nullptr);
  CHECK(model.features.at(1)->hash->zero_is_padding);
  CHECK(model.features.at(0)->hash == nullptr);

  description["features"][1] = {{"name", "other"}, {"kind", "number"}, {"column", "user"}};
  tensors.random("fc1.w", {7, 19});
  CHECK(has(assembly_error(description, tensors),
            {"features[1]", "column 'user' is one id, a string key", "needs a number"}));
}

TEST_CASE("an unknown row needs no keys") {
  const auto model =
      model_of(with(small_description(), "/tables/1/out_of_table", {{"unknown_row", 3}}));
  CHECK(model->tables.at(1)->key_type == fb::KeyType::Row);
  CHECK(model->tables.at(1)->unknown_row == 3);
  CHECK(lowest_format(*model) == 4);
}

struct Wrong {
  const char* vocabulary;
  const char* rule;
  std::vector<std::string> parts;
};

TEST_CASE("a vocabulary that cannot be meant is refused at its place") {
  const Keys keys;
  constexpr const char* kPaddingRow = "\"padding_row\"";
  const std::vector<Wrong> cases = {
      {R"({"file": "FILE"})", kPaddingRow, {"tables[1].vocabulary", "\"keys\" is missing"}},
      {R"({"file": "FILE", "keys": "text"})", kPaddingRow, {"vocabulary.keys", "\"string\""}},
      {R"({"file": "FILE", "keys": "string", "padding": "x"})",
       kPaddingRow,
       {"tables[1].vocabulary", "padding_key"}},
      {R"({"keys": "string"})", kPaddingRow, {"\"file\" is missing"}},
      {R"({"of": "item", "keys": "string"})", kPaddingRow, {"vocabulary", "keys"}},
      {R"({"of": "user"})", kPaddingRow, {"vocabulary.of", "'user' has no vocabulary"}},
      {R"({"of": "usr"})", kPaddingRow, {"no table 'usr'", "did you mean 'user'"}},
      {R"({"of": "item"})", kPaddingRow, {"vocabulary.of", "'item' has no vocabulary"}},
      {R"({"file": "FILE.not", "keys": "string"})",
       kPaddingRow,
       {"tables[1].vocabulary.file", "items.txt.not", "No such file"}},
      {R"({"file": "FILE", "keys": "integer"})",
       kPaddingRow,
       {"vocabulary.keys", "items.txt:1", "'[PAD]'", "64-bit integer"}},
      {R"({"file": "FILE", "keys": "string", "padding_key": "none"})",
       kPaddingRow,
       {"vocabulary.padding_key", "'none' is not a key of"}},
      {R"({"file": "FILE", "keys": "string", "padding_key": "b"})",
       kPaddingRow,
       {"vocabulary.padding_key", "'b' has row 2", "items.txt:3", "padding_row is 0"}},
      {R"({"file": "FILE", "keys": "string", "unknown_key": "[UNK]"})",
       kPaddingRow,
       {"vocabulary.unknown_key", "unknown_row"}},
      {R"({"file": "FILE", "keys": "string", "unknown_key": "a"})",
       R"({"unknown_row": 8})",
       {"vocabulary.unknown_key", "'a' has row 1", "unknown_row is 8"}},
      {R"({"file": "FILE", "keys": "string"})",
       R"({"unknown_row": 9})",
       {"out_of_table.unknown_row", "from 0 to 8"}},
      {R"({"file": "FILE", "keys": "string"})",
       R"({"unknown_row": 0})",
       {"out_of_table.unknown_row", "padding_row"}},
      {R"({"file": "FILE", "keys": "string"})",
       R"({"unknown_row": 1, "hash": {}})",
       {"out_of_table", "two rules"}},
      {R"({"file": "FILE", "keys": "string"})",
       R"({"hash": {"kind": "farm64", "first_row": 0, "buckets": 3}})",
       {"hash.kind", "splitmix64"}},
      {R"({"file": "FILE", "keys": "integer"})",
       R"({"hash": {"kind": "modulo", "modulo": "unsigned", "first_row": 0, "buckets": 3,
                    "zero_is_padding": true}})",
       {"zero_is_padding", "padding_key"}},
  };
  for (const Wrong& wrong : cases) {
    const std::string message =
        assembly_error(keys.with_vocabulary(wrong.vocabulary, wrong.rule), small_tensors());
    CAPTURE(std::string(wrong.vocabulary));
    CAPTURE(message);
    CHECK(has(message, wrong.parts));
  }
  Json description = keys.with_vocabulary(R"({"file": "FILE", "keys": "string"})");
  keys.write("items.txt", std::string(kItems) + "h\n");
  CHECK(has(assembly_error(description, small_tensors()),
            {"vocabulary.file", "items.txt:10", "'h' has row 9", "9 rows"}));
  keys.write("items.txt", "a\nb\na\n");
  CHECK(has(assembly_error(description, small_tensors()), {"'a'", "line 1", "line 3"}));
  keys.write("items.txt", kItems);
  description["tables"][1]["keys"] = "string";
  CHECK(has(assembly_error(description, small_tensors()), {"tables[1].keys", "vocabulary"}));
  description["tables"][1].erase("keys");
  description["tables"][2]["vocabulary"] = {{"of", "item"}};
  CHECK(has(assembly_error(description, small_tensors()),
            {"tables[2].vocabulary.of", "names row 8", "'category' has 5 rows"}));
  const std::string numbers = keys.write("items.json", "[1, 2]");
  description = with(description, "/tables/1/vocabulary/file", numbers);
  CHECK(has(assembly_error(without(description, "/tables/2/vocabulary"), small_tensors()),
            {"vocabulary.keys", "are numbers", "\"integer\""}));
}

TEST_CASE("a hash that cannot be meant is refused at its place") {
  struct Case {
    const char* keys;
    const char* hash;
    std::vector<std::string> parts;
  };
  const std::vector<Case> cases = {
      {"", R"({"kind": "farm64", "first_row": 0, "buckets": 6})", {"hash.kind", "\"keys\""}},
      {"string",
       R"({"kind": "modulo", "modulo": "floored", "first_row": 0, "buckets": 6})",
       {"hash.kind", "strings"}},
      {"string",
       R"({"kind": "farm64", "bytes": "decimal64", "first_row": 0, "buckets": 6})",
       {"hash.bytes", "strings"}},
      {"integer", R"({"kind": "farm64", "first_row": 0, "buckets": 6})", {"\"bytes\" is missing"}},
      {"integer",
       R"({"kind": "splitmix64", "seed": 0, "modulo": "floored", "first_row": 0, "buckets": 6})",
       {"hash.modulo", "splitmix64"}},
      {"string",
       R"({"kind": "farm64", "seed": 0, "first_row": 0, "buckets": 6})",
       {"hash.seed", "farm64"}},
      {"string",
       R"({"kind": "murmur3", "seed": 42, "first_row": 0, "buckets": 6})",
       {"\"modulo\" is missing"}},
      {"string",
       R"({"kind": "murmur3", "modulo": "floored", "first_row": 0, "buckets": 6})",
       {"\"seed\" is missing"}},
      {"string", R"({"kind": "farm64", "first_row": 1, "buckets": 6})", {"rows 1 to 6", "has 6"}},
      {"string",
       R"({"kind": "splitmix64", "seed": 0, "first_row": 0, "buckets": 6, "zero_is_padding": true})",
       {"zero_is_padding"}},
      {"",
       R"({"kind": "splitmix64", "seed": 0, "first_row": 0, "buckets": 6,
              "zero_is_padding": true})",
       {"zero_is_padding", "rows"}},
  };
  for (const Case& wrong : cases) {
    const std::string message = assembly_error(hashed(wrong.keys, wrong.hash), small_tensors());
    CAPTURE(std::string(wrong.hash));
    CAPTURE(message);
    CHECK(has(message, wrong.parts));
  }
  const Json farm = hashed(
      "string", R"({"kind": "farm64", "first_row": 1, "buckets": 5, "zero_is_padding": true})");
  CHECK(has(assembly_error(with(farm, "/tables/0/padding_row", nullptr), small_tensors()),
            {"zero_is_padding", "is null"}));
  CHECK(has(assembly_error(with(farm, "/tables/0/out_of_table", "error"), small_tensors()),
            {"tables[0].out_of_table", "\"vocabulary\""}));
  const Json hash = {{"kind", "splitmix64"}, {"seed", 0}, {"first_row", 0}, {"buckets", 5}};
  CHECK(has(assembly_error(with(small_description(), "/features/0/hash", hash), small_tensors()),
            {"features[0].hash", "'user' are its rows"}));
}

TEST_CASE("history and candidate of one name need keys of one type") {
  const Keys keys;
  Json description = keys.with_vocabulary(kFull, R"({"unknown_row": 8})");
  Json rows = description["tables"][1];
  rows.erase("vocabulary");
  rows["name"] = "item rows";
  description["tables"].push_back(rows);
  description["candidate"][0]["table"] = "item rows";
  CHECK(has(assembly_error(description, small_tensors()),
            {"stacks[0].fields[0]", "one id, a string key", "one id, a row"}));
  // With keys of one type each table finds its own rows, of which it may have another number.
  description["tables"][3] = description["tables"][1];
  description["tables"][3].update(
      {{"name", "item rows"}, {"weights", "more"}, {"out_of_table", {{"unknown_row", 8}}}});
  TensorSet tensors = small_tensors();
  tensors.random("more", {12, 3});
  CHECK(assembly_error(description, tensors).empty());
}

}  // namespace
}  // namespace augur::convert::testing
