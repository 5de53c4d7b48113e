// What a layout states of tables that have keys.
#include "libraries/vocabularies.h"

#include <doctest/doctest.h>

#include "converter/support/descriptions.h"

namespace augur::convert::testing {
namespace {

const KeyRule kRule = {{{"unknown_row", 6}}, "__PAD__", "__OOV__"};

// The table "item" that the answers give, its keys those of the field "goods".
Json table_of(const char* given) {
  const OpenTensorSet open{TensorSet()};
  const Tensors tensors(open.get(), "lib");
  const std::vector<Parameter> parameters =
      ask::together({vocabulary_file_parameters("vocab", "the file", "a folder"),
                     {ask::choice("out_of_table", "the rule", {{"error", ""}, {"padding_id", ""}})
                          .with_default("error")}});
  const Json json = parse_json(given, "answers.json");
  const Answers answers(parameters, Node(json, "answers.json"), tensors);
  Json table = {{"name", "item"}, {"out_of_table", answers.text("out_of_table")}};
  VocabularyFile file(answers, "vocab");
  file.add_to(table, "goods", kRule);
  file.finish();
  answers.refuse_idle();
  return table;
}

TEST_CASE("a table without a vocabulary only states what one would change") {
  const Json table = table_of("{}");
  CHECK(table["out_of_table"] == "error");
  CHECK(!table.contains("vocabulary"));
  CHECK(table["with_vocabulary"] ==
        parse_json(R"({"padding_key": "__PAD__", "out_of_table": {"unknown_row": 6},
                       "unknown_key": "__OOV__"})",
                   ""));
}

TEST_CASE("a table whose keys are in the answered file has them and the library's rule") {
  const Json table = table_of(R"({"vocab": "dir/v.json"})");
  CHECK(table["out_of_table"] == parse_json(R"({"unknown_row": 6})", ""));
  CHECK(!table.contains("with_vocabulary"));
  CHECK(table["vocabulary"] ==
        parse_json(R"({"file": "dir/v.json#goods", "keys": "string", "padding_key": "__PAD__",
                       "unknown_key": "__OOV__"})",
                   ""));
  CHECK(table_of(R"({"vocab": "v.json", "integer_keys": ["goods"]})")["vocabulary"]["keys"] ==
        "integer");
}

TEST_CASE("an answered rule counts more than the library's") {
  for (const char* rule : {"error", "padding_id"}) {
    const std::string stated = std::string(R"({"out_of_table": ")") + rule + "\"";
    const Json keyed = table_of((stated + R"(, "vocab": "v.json"})").c_str());
    CHECK(keyed["out_of_table"] == rule);
    CHECK(keyed["vocabulary"]["padding_key"] == "__PAD__");
    CHECK(!keyed["vocabulary"].contains("unknown_key"));
    CHECK(table_of((stated + "}").c_str())["with_vocabulary"] ==
          parse_json(R"({"padding_key": "__PAD__"})", ""));
  }
  CHECK(has(error_of([] {
              table_of(R"({"out_of_table": "error", "vocab": "v", "integer_keys": ["goods"]})");
            }),
            {"out_of_table: the vocabulary of 'goods' has integer_keys and the key __OOV__"}));
}

TEST_CASE("fields with integer keys must be fields of the file") {
  CHECK(has(error_of([] { table_of(R"({"vocab": "v.json", "integer_keys": ["good"]})"); }),
            {"integer_keys", "no table has the keys of 'good'", "did you mean 'goods'"}));
  CHECK(has(error_of([] { table_of(R"({"integer_keys": ["goods"]})"); }),
            {"integer_keys: nothing in this checkpoint depends on this answer"}));
}

}  // namespace
}  // namespace augur::convert::testing
