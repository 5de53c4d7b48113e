// Answers that a checkpoint itself holds, beside those of the user.
#include "libraries/told.h"

#include <doctest/doctest.h>

#include "error.h"

namespace augur::convert::testing {
namespace {

constexpr char kEvidence[] = "its model_config";

Parameter columns() {
  return ask::list(
      "sparse", "the columns",
      ask::object(
          "", "a column",
          {ask::text("name", "its name"),
           ask::text("embedding", "its table").as_label().not_required(),
           ask::text("group_name", "its group").as_label().with_default("default_group"),
           ask::whose("whose it is"), ask::integer("dimension", "its width").with_default(1)})
          .with_shorthand("name"));
}

Json agreed(const Parameter& parameter, const char* stated, const char* told) {
  const Json document = Json::parse(stated), found = Json::parse(told);
  return agreed_answer(parameter, Node(document, "answers.json"), found, kEvidence);
}

void check_refused(const Parameter& parameter, const char* stated, const char* told,
                   const std::string& words) {
  CAPTURE(stated);
  std::string message;
  try {
    agreed(parameter, stated, told);
  } catch (const Error& error) {
    message = error.what();
  }
  CAPTURE(message);
  CHECK(message.find(words) != std::string::npos);
  CHECK(message.find("answers.json") == 0);
  CHECK(message.find(kEvidence) != std::string::npos);
}

TEST_CASE("told: one value is compared in the parameter's own spelling") {
  const Parameter choice = ask::choice("activation", "", {{"relu", "", {"ReLU"}}, {"elu", ""}});
  CHECK(agreed(choice, "\"ReLU\"", "\"relu\"") == Json("relu"));
  CHECK(agreed(choice, "\"relu\"", "\"ReLU\"") == Json("relu"));
  check_refused(choice, "\"elu\"", "\"relu\"",
                "\"elu\" was stated, but the checkpoint tells \"relu\"");
  check_refused(ask::integer("n", ""), "7", "8", "7 was stated, but the checkpoint tells 8");
}

TEST_CASE("told: what the user leaves out of an object, the file adds") {
  const Json both = agreed(columns(), R"(["user", {"name": "shop", "of": "candidate"}])",
                           R"([{"name": "user"}, {"name": "shop", "dimension": 3}])");
  CHECK(both == Json::parse(R"([{"name": "user"},
                                {"name": "shop", "dimension": 3, "of": "candidate"}])"));
}

TEST_CASE("told: columns are compared one by one, in their order") {
  const char* told = R"([{"name": "a"}, {"name": "b", "dimension": 3}])";
  check_refused(columns(), R"(["b", "a"])", told, "[0]");
  check_refused(columns(), R"(["a"])", told, "was stated, but the checkpoint tells [{");
  check_refused(columns(), R"(["a", {"name": "b", "dimension": 2}])", told,
                "[1].dimension: 2 was stated, but the checkpoint tells 3");
}

TEST_CASE("told: labels may be any words that put the same columns together") {
  const char* told = R"([{"name": "a"}, {"name": "b", "group_name": "group_1"}, {"name": "c"}])";
  const Json both = agreed(columns(), R"(["a", {"name": "b", "group_name": "shop's"}, "c"])", told);
  CHECK(both == Json::parse(R"([{"name": "a"}, {"name": "b", "group_name": "shop's"},
                                {"name": "c"}])"));
  const Json turned = agreed(columns(),
                             R"([{"name": "a", "group_name": "x"}, "b",
                                 {"name": "c", "group_name": "x"}])",
                             told);
  CHECK(turned == Json::parse(R"([{"name": "a", "group_name": "x"}, {"name": "b"},
                                  {"name": "c", "group_name": "x"}])"));
  check_refused(columns(), R"(["a", "b", {"name": "c", "group_name": "x"}])", told, "group_name");
  CHECK(agreed(columns(), R"(["a", "b", "c"])", told)[1]["group_name"] == "group_1");
}

TEST_CASE("told: columns share a table under any name") {
  const char* told = R"([{"name": "a"}, {"name": "b", "embedding": "a"}, {"name": "c"}])";
  const Json both = agreed(columns(),
                           R"([{"name": "a", "embedding": "t"}, {"name": "b", "embedding": "t"},
                               "c"])",
                           told);
  CHECK(both[1]["embedding"] == "t");
  check_refused(columns(), R"(["a", {"name": "b", "embedding": "c"}, "c"])", told, "embedding");
}

TEST_CASE("told: an answer of a wrong kind is refused where it stands") {
  const Json document = Json::parse(R"({"name": 3})"), told = Json::parse(R"({"name": "a"})");
  CHECK_THROWS_AS(
      agreed_answer(columns().element(), Node(document, "answers.json"), told, kEvidence), Error);
}

}  // namespace
}  // namespace augur::convert::testing
