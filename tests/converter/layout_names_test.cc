// The operations of a template on tensors' names.
#include <doctest/doctest.h>

#include "layout/template.h"
#include "support/descriptions.h"

namespace augur::convert::testing {
namespace {

class Names {
 public:
  Names()
      : tensors_(TensorSet()
                     .add("dnn/dice_10/alpha", {1}, {1})
                     .add("dnn/dice/alpha", {1}, {1})
                     .add("dnn/dice_9/alpha", {1}, {1})
                     .add("dnn/dice_1/alpha", {1}, {1})
                     .add("dnn/dice_1/alpha/Adam", {1}, {1})
                     .add("aux_net/f1gru/kernel", {1}, {1})) {}

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

TEST_CASE("$names lists in counting order, and nothing of training's") {
  const Names names;
  CHECK(names.expand(R"({"$names": "*dice*"})") ==
        Json({"dnn/dice/alpha", "dnn/dice_1/alpha", "dnn/dice_9/alpha", "dnn/dice_10/alpha"}));
  CHECK(names.expand(R"({"$names": "*f1gru*"})") == Json::array());
  CHECK(has(names.error(R"({"$names": 3})"), {"t.json", "expected a text, found 3"}));
}

TEST_CASE("$exists_for_training sees what $exists does not") {
  const Names names;
  CHECK(names.expand(R"({"$exists_for_training": "*f1gru/kernel"})") == Json(true));
  CHECK(names.expand(R"({"$exists": "*f1gru/kernel"})") == Json(false));
  CHECK(names.expand(R"({"$exists_for_training": "*dice_1/alpha"})") == Json(false));
}

TEST_CASE("$before takes an end off, which must be there") {
  const Names names;
  CHECK(names.expand(R"({"$before": ["dnn/dice/alpha", "alpha"]})") == Json("dnn/dice/"));
  CHECK(names.expand(R"({"$before": ["alpha", "alpha"]})") == Json(""));
  CHECK(has(names.error(R"({"$before": ["a", "alpha"]})"), {"'a' does not end with 'alpha'"}));
  CHECK(has(names.error(R"({"$before": ["a"]})"), {"expected [text, its end]"}));
}

TEST_CASE("$matches compares a pattern with a text") {
  const Names names;
  CHECK(names.expand(R"({"$matches": ["dnn/dice_#/*", "dnn/dice_10/alpha"]})") == Json(true));
  CHECK(names.expand(R"({"$matches": ["dnn/dice_#/*", "dnn/dice/alpha"]})") == Json(false));
}

TEST_CASE("$at is an element, and says so where there is none") {
  const Names names;
  CHECK(names.expand(R"({"$at": [["a", "b"], 1]})") == Json("b"));
  CHECK(has(names.error(R"({"$at": [["a", "b"], 2]})"), {"element 2 is wanted", "has 2"}));
  CHECK(has(names.error(R"({"$at": [["a"], -1]})"), {"element -1 is wanted"}));
}

}  // namespace
}  // namespace augur::convert::testing
