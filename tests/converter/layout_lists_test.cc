// The operations of a template on lists, and the answers that layouts ask for.
#include <doctest/doctest.h>

#include "layout/parameters.h"
#include "layout/template.h"
#include "support/descriptions.h"

namespace augur::convert::testing {
namespace {

class Lists {
 public:
  Lists() : tensors_(TensorSet().random("alpha", {3, 1}).random("bias", {4})) {}

  Json expand(const char* text) const {
    const Json json = parse_json(text, "t.json");
    return Template(tensors_.get(), std::nullopt).expand(Node(json, "t.json"), {});
  }
  std::string error(const char* text) const {
    return error_of([&] { expand(text); });
  }

 private:
  OpenTensorSet tensors_;
};

Json answered(const char* parameters, const char* answers) {
  const Json asked = parse_json(parameters, "layout.json");
  const Json given = parse_json(answers, "answers.json");
  const Node node(asked, "layout.json");
  check_parameters(node);
  Json result = Json::object();
  for (const auto& [key, value] : read_answers(node, Node(given, "answers.json")))
    result[key] = value;
  return result;
}

constexpr const char* kFields = R"({"fields": {
  "kind": "list", "about": "fields", "default": ["id"],
  "of": {"kind": "object", "about": "a field", "shorthand": "name", "keys": {
    "name": {"kind": "text", "about": "its name"},
    "rows": {"kind": "integer", "optional": true, "about": "its rows"},
    "kind": {"kind": "choice", "default": "token", "about": "its kind",
             "choices": {"token": "one", "seq": "several"}}
  }}
}})";

TEST_CASE("$without and $unique keep the order of what is left") {
  const Lists lists;
  CHECK(lists.expand(R"({"$without": [[3, 1, 2, 1], [2, 7]]})") == Json({3, 1, 1}));
  CHECK(lists.expand(R"({"$without": [["a"], ["a"]]})") == Json::array());
  CHECK(lists.expand(R"({"$unique": ["b", "a", "b", "c", "a"]})") == Json({"b", "a", "c"}));
  CHECK(has(lists.error(R"({"$without": [[1], 2]})"), {"t.json", "expected two lists"}));
}

TEST_CASE("$zip goes as far as its shortest list") {
  const Lists lists;
  CHECK(lists.expand(R"({"$zip": {"a": [1, 2], "b": ["x", "y", "z"]}})") ==
        parse_json(R"([{"index": 0, "a": 1, "b": "x"}, {"index": 1, "a": 2, "b": "y"}])", ""));
  CHECK(lists.expand(R"({"$zip": {"a": []}})") == Json::array());
  CHECK(has(lists.error(R"({"$zip": {"a": 3}})"), {"expected a list for \"a\""}));
  CHECK(has(lists.error(R"({"$zip": [1]})"), {"expected an object of lists"}));
}

TEST_CASE("$spans says where parts begin and end") {
  const Lists lists;
  CHECK(lists.expand(R"({"$spans": [[{"n": 3}, {"n": 0}, {"n": 2, "k": 1}], "n"]})") ==
        parse_json(R"([{"n": 3, "first": 0, "end": 3}, {"n": 0, "first": 3, "end": 3},
                       {"n": 2, "k": 1, "first": 3, "end": 5}])",
                   ""));
  CHECK(has(lists.error(R"({"$spans": [[{"m": 3}], "n"]})"), {"expected objects with \"n\""}));
  CHECK(has(lists.error(R"({"$spans": [[{"n": 9223372036854775807}, {"n": 1}], "n"]})"),
            {"the numbers are too large"}));
}

TEST_CASE("$rank counts a tensor's axes") {
  const Lists lists;
  CHECK(lists.expand(R"({"$rank": "alpha"})") == Json(2));
  CHECK(lists.expand(R"({"$rank": "bias"})") == Json(1));
  CHECK(has(lists.error(R"({"$rank": "gamma"})"), {"'gamma' is not in"}));
}

TEST_CASE("a bare text gives an object's shorthand key, in answers and in defaults") {
  CHECK(answered(kFields, R"({"fields": ["a", {"name": "b", "rows": 2, "kind": "seq"}]})") ==
        parse_json(R"({"fields": [{"name": "a", "kind": "token"},
                                  {"name": "b", "rows": 2, "kind": "seq"}]})",
                   ""));
  CHECK(answered(kFields, "{}") ==
        parse_json(R"({"fields": [{"name": "id", "kind": "token"}]})", ""));
  const auto error = [&](const char* answers) {
    return error_of([&] { answered(kFields, answers); });
  };
  CHECK(has(error(R"({"fields": [3]})"), {"answers.json: fields[0]", "expected this answer"}));
  CHECK(has(error(R"({"fields": [""]})"), {"answers.json: fields[0]", "must not be empty"}));
  CHECK(has(error(R"({"fields": [{"rows": 2}]})"), {"fields[0]", "\"name\" is missing"}));
}

TEST_CASE("all answers that are missing are told at once, with their choices") {
  const std::string message = error_of([] {
    answered(R"({"rows": {"kind": "integer", "about": "how many"},
                 "kind": {"kind": "choice", "about": "which", "choices": {"a": "", "b": ""}},
                 "name": {"kind": "text", "about": "a name"},
                 "extra": {"kind": "text", "about": "more", "optional": true}})",
             R"({"name": "n"})");
  });
  CAPTURE(message);
  CHECK(has(message, {"the layout needs \"rows\", \"kind\";",
                      "{\n  \"name\": \"n\",\n  \"rows\": null,  // how many\n  \"kind\": null   "
                      "// which (one of a, b)\n}"}));
}

TEST_CASE("what a layout asks is explained, the inner parts further in") {
  const Json asked = parse_json(kFields, "layout.json");
  CHECK(explain_parameters(Node(asked, "layout.json")) ==
        std::vector<std::string>{
            "fields (list, default [\"id\"]): fields",
            "    a text T stands for {\"name\": T}",
            "    name (text, required): its name",
            "    rows (whole number, optional): its rows",
            "    kind (choice, default \"token\"): its kind",
            "        token: one",
            "        seq: several",
        });
}

TEST_CASE("a shorthand must be one of the object's keys") {
  const Json asked = parse_json(
      R"({"field": {"kind": "object", "about": "a field", "shorthand": "title",
                    "keys": {"name": {"kind": "text", "about": "its name"}}}})",
      "layout.json");
  CHECK(has(error_of([&] { check_parameters(Node(asked, "layout.json")); }),
            {"layout.json", "title"}));
}

}  // namespace
}  // namespace augur::convert::testing
