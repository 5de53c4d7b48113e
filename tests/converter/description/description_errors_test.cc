// Every way in which a description can be wrong gives a message that names the place and the
// reason.
#include <doctest/doctest.h>

#include "converter/support/descriptions.h"

namespace augur::convert::testing {
namespace {

struct Case {
  const char* pointer;
  const char* value;  // JSON; nullptr: the key is taken away
  std::vector<std::string> parts;
};

Json changed(const Case& wrong) {
  const Json base = small_description();
  return wrong.value == nullptr ? without(base, wrong.pointer)
                                : with(base, wrong.pointer, Json::parse(wrong.value));
}

void check_all(const std::vector<Case>& cases) {
  for (const Case& wrong : cases) {
    const std::string message = assembly_error(changed(wrong), small_tensors());
    CAPTURE(std::string(wrong.pointer));
    CAPTURE(message);
    CHECK(has(message, {"model.json"}));
    for (const std::string& part : wrong.parts) {
      CAPTURE(part);
      CHECK(message.find(part) != std::string::npos);
    }
  }
}

TEST_CASE("the small description itself is sound") {
  CHECK(assembly_error(small_description(), small_tensors()) == "");
}

TEST_CASE("keys that are unknown, missing or of the wrong kind") {
  check_all({
      {"/namee", "1", {"unknown key \"namee\"", "did you mean 'name'"}},
      {"/stacks/0/max_histroy", "1", {"stacks[0]", "max_histroy", "did you mean 'max_history'"}},
      {"/stacks/0/extractor/0/reset", nullptr, {"stacks[0].extractor[0]", "\"reset\" is missing"}},
      {"/stacks/0/extractor/0/update_gate", nullptr, {"\"update_gate\" is missing"}},
      {"/stacks/0/extractor/0/bias", nullptr, {"\"bias\" is missing"}},
      {"/stacks/0/extractor/0/bias", R"({"input": "gru.bi"})", {"\"recurrent\" is missing"}},
      {"/stacks/0/evolution/form", nullptr, {"evolution", "\"form\" is missing"}},
      {"/stacks/0/attention/softmax", nullptr, {"\"softmax\" is missing"}},
      {"/stacks/0/attention/score_scale", nullptr, {"\"score_scale\" is missing"}},
      {"/stacks/0/attention/axes", nullptr, {"\"axes\" is missing"}},
      {"/stacks/0/attention/query_projection", nullptr, {"\"query_projection\" is missing"}},
      {"/stacks/0/mask", nullptr, {"\"mask\" is missing"}},
      {"/head/layers/0/bias", nullptr, {"head.layers[0]", "\"bias\" is missing"}},
      {"/head/layers/0/activation", nullptr, {"\"activation\" is missing"}},
      {"/head/layers/0/activation/epsilon", nullptr, {"\"epsilon\" is missing"}},
      {"/head/layers/0/activation/gamma", nullptr, {"\"gamma\" is missing"}},
      {"/head/input/2/padding", nullptr, {"head.input[2]", "\"padding\" is missing"}},
      {"/orientation", nullptr, {"\"orientation\" is missing"}},
      {"/output", nullptr, {"\"output\" is missing"}},
      {"/tables/0/padding_row", nullptr, {"tables[0]", "\"padding_row\" is missing"}},
      {"/tables/0/out_of_table", nullptr, {"\"out_of_table\" is missing"}},
      {"/format", "2", {"format", "from 1 to 1, found 2"}},
      {"/stacks/0/max_history", "\"50\"", {"stacks[0].max_history", "whole number", "a text"}},
      {"/stacks/0/max_history", "0", {"from 1 to 65536, found 0"}},
      {"/stacks/0/max_history", "2.5", {"found 2.5"}},
      {"/stacks/0/max_history", "18446744073709551615", {"whole number"}},
      {"/stacks", "{}", {"stacks", "expected a list, found an object"}},
      {"/stacks", "[]", {"at least one sequence"}},
      {"/candidate", "[]", {"at least one field"}},
      {"/name", "\"\"", {"name", "must not be empty"}},
      {"/head", "[]", {"expected the head as an object"}},
      {"/stacks/0/attention/softmax", "1", {"expected true or false"}},
  });
}

TEST_CASE("words that mean nothing here") {
  check_all({
      {"/orientation", "\"outin\"", {"\"outin\" is not one of", "did you mean 'out_in'"}},
      {"/stacks/0/extractor/0/reset", "\"after\"", {"\"after_product\", \"before_product\""}},
      {"/stacks/0/extractor/0/update_gate", "\"z\"", {"share_of_candidate"}},
      {"/stacks/0/extractor/0/gates", R"(["r", "u"])", {"order of the three gates"}},
      {"/stacks/0/extractor/0/gates", R"(["r", "c"])", {"order of the three gates"}},
      {"/stacks/0/extractor/0/gates", R"(["r", "u", "u"])", {"the gate u stands twice"}},
      {"/stacks/0/extractor/0/gates", R"(["r", "z", "n"])", {"\"z\" is not one of"}},
      {"/stacks/0/evolution/kind", "\"lstm\"", {"LSTM is not in the model family"}},
      {"/stacks/0/evolution/kind", "\"agru\"", {"unknown key \"form\""}},
      {"/stacks/0/evolution/form", "\"lifted\"", {"did you mean 'lift'"}},
      {"/stacks/0/attention/kind", "\"multi_head\"", {"multi-head attention is not in the model"}},
      {"/stacks/0/attention/axes", R"(["key", "key"])", {"attention.axes", "rows and columns"}},
      {"/stacks/0/mask", "\"nonzero\"", {"\"nonzero\" is not one of"}},
      {"/stacks/0/mask", R"({"non_zero": "itm"})", {"no field 'itm'", "did you mean 'item'"}},
      {"/stacks/0/result", "\"last\"", {"did you mean 'last_state'"}},
      {"/head/layers/0/activation", "\"selu\"", {"\"selu\" is not in the model family"}},
      {"/head/layers/0/activation", "\"prelu\"", {"needs an object with the keys kind, alpha"}},
      {"/head/layers/0/layer_norm", "{}", {"LayerNorm is not in the model family"}},
      {"/head/layers/0/dropout", "0.5", {"leave it out"}},
      {"/stacks/0/extractor/0/bidirectional", "true", {"is not in the model family"}},
      {"/output", R"({"kind": "softmax", "click_column": 2})", {"from 0 to 1, found 2"}},
      {"/output", R"({"kind": "sigmoid", "click_column": 0})", {"unknown key"}},
      {"/tables/0/out_of_table", "\"hash\"", {"\"hash\" is not one of"}},
      {"/features/0/kind", "\"integer\"", {"\"id\", \"ids\", \"number\", \"vector\""}},
  });
}

TEST_CASE("parts that do not fit together") {
  check_all({
      {"/tables/1/name", "\"user\"", {"tables[1].name", "two tables called 'user'"}},
      {"/candidate/1/name", "\"item\"", {"two candidate fields called 'item'"}},
      {"/features/0/table", "\"usr\"", {"no table 'usr'", "did you mean 'user'"}},
      {"/stacks/0/query/0", "\"itm\"", {"stacks[0].query[0]", "did you mean 'item'"}},
      {"/stacks/0/query", "[]", {"must not be empty where there is an attention"}},
      {"/head/input/0", R"({"feature": "usr"})", {"no feature 'usr'"}},
      {"/head/input/3", R"({"result": "click"})", {"no sequence 'click'", "did you mean 'clicks'"}},
      {"/head/input/3", R"({"projected_query": "clicks"})", {"has no query projection"}},
      {"/head/input/3", R"({"query": "clicks", "result": "clicks"})", {"head.input[3]"}},
      {"/head/input/3", R"({"feature": "user"})", {"stacks[0]: the head does not use the result"}},
      {"/head/input/0",
       R"({"query": "clicks"})",
       {"the head's input: query of clicks 5 + query of clicks 5", "fc1.w"}},
      {"/head/input/3",
       R"({"product": [{"feature": "user"}, {"query": "clicks"}]})",
       {"equally wide", "user has 4", "query of clicks has 5"}},
      {"/tables/-",
       R"({"name": "spare", "weights": "user", "out_of_table": "error",
                        "padding_row": null})",
       {"tables[3]", "no field refers to table 'spare'"}},
      {"/features/-", R"({"name": "age", "kind": "number"})", {"does not use feature 'age'"}},
      {"/candidate/-", R"({"name": "price", "kind": "number"})", {"candidate[2]", "'price'"}},
      {"/stacks/0/attention", "null", {"needs the attention, but \"attention\" is null"}},
      {"/stacks/0/result", "\"last_state\"", {"evolution", "\"result\" is not \"evolution\""}},
      {"/stacks/0/evolution", nullptr, {"\"evolution\" is missing"}},
      {"/tables/0/out_of_table", "\"padding_row\"", {"\"padding_row\" is null"}},
      {"/tables/0/out_of_table",
       R"({"hash": {"kind": "splitmix64", "seed": 0, "first_row": 1, "buckets": 6}})",
       {"rows 1 to 6 are wanted, but the table has 6"}},
      {"/tables/1/padding_row", "9", {"from 0 to 8, found 9"}},
      {"/tables/1/rows", "10", {"has 9 rows, not 10", "do not belong together"}},
      {"/head/input/2/padding", R"({"to_length": 5})", {"shorter than the longest history"}},
      {"/calibration", R"({"scale": 0, "offset": 0})", {"calibration.scale", "above 0"}},
      {"/head/layers/2/activation", "\"sigmoid\"", {"is said by \"output\""}},
      {"/stacks/0/attention/score_scale", "0", {"other than 0"}},
  });
}

TEST_CASE("dot products and differences need equal widths") {
  check_all({
      {"/stacks/0/attention",
       R"({"kind": "dot", "query_projection": null, "score_scale": 1, "softmax": true})",
       {"query has 5 numbers and the state 4"}},
      {"/stacks/0/attention",
       R"({"kind": "mlp", "query_projection": null, "score_scale": 1, "softmax": true,
           "input": ["q", "q-k"], "layers": []})",
       {"q-k needs a query as wide"}},
      {"/stacks/0/attention",
       R"({"kind": "mlp", "query_projection": null, "score_scale": 1, "softmax": true,
           "input": ["q"], "layers": []})",
       {"does not look at the behaviour"}},
      {"/stacks/0/attention",
       R"({"kind": "mlp", "query_projection": null, "score_scale": 1, "softmax": true,
           "input": ["k", "k"], "layers": []})",
       {"k stands twice"}},
      {"/stacks/0/attention",
       R"({"kind": "mlp", "query_projection": null, "score_scale": 1, "softmax": true,
           "input": ["q", "k"], "layers": []})",
       {"at least one dense layer"}},
  });
}

TEST_CASE("Dice by batch statistics is refused with its reason") {
  const Json wrong = with(small_description(), "/head/layers/0/activation",
                          {{"kind", "dice_batch_statistics"}, {"alpha", "act1.alpha"}});
  CHECK(has(assembly_error(wrong, small_tensors()),
            {"head.layers[0].activation", "batch that is being scored", "dice_batchnorm"}));
}

TEST_CASE("JSON itself: twice the same key, too deep, not JSON") {
  CHECK(has(error_of([] { parse_json(R"({"a": 1, "b": {"c": 1, "c": 2}})", "m.json"); }),
            {"m.json", "'c' stands twice in one object, in line 1 and in line 1"}));
  CHECK(has(error_of([] { parse_json("{\"a\": 1,\n \"b\": 2,\n\n \"a\": 3}", "m.json"); }),
            {"m.json", "'a' stands twice in one object, in line 1 and in line 4"}));
  CHECK(has(error_of([] { parse_json(std::string(100, '['), "m.json"); }), {"nested deeper"}));
  CHECK(has(error_of([] { parse_json("{\"a\": ,}", "m.json"); }), {"m.json: not JSON", "line 1"}));
  CHECK(parse_json("{\"a\": 1 // why\n}", "m.json")["a"] == 1);
  CHECK(has(error_of([] { read_json_file("/nowhere/m.json"); }), {"/nowhere/m.json", "opened"}));
}

}  // namespace
}  // namespace augur::convert::testing
