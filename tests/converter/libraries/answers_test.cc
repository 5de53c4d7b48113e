// Answers to a layout's questions, through augur-convert, on the shop's trained DIEN.
#include <doctest/doctest.h>

#include "converter/support/command.h"

namespace augur::convert::testing {
namespace {

constexpr const char* kWeights = "../../examples/shop/dien.safetensors";

class Answers {
 public:
  Ran convert(std::vector<std::string> more, const std::string& layout = "augur-reference") const {
    std::vector<std::string> arguments = {"--weights", kWeights, "--layout",
                                          layout,      "--out",  folder_.path("m.augur")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_convert(arguments);
  }
  std::string path(const std::string& name) const { return folder_.path(name); }
  std::string write(const std::string& text) const {
    std::ofstream(folder_.path("answers.json"), std::ios::binary) << text;
    return folder_.path("answers.json");
  }

 private:
  TempFolder folder_;
};

void check_fails(const Ran& ran, const std::vector<std::string>& parts) {
  CAPTURE(ran.err);
  CHECK(ran.status == 1);
  CHECK(has(ran.err, parts));
}

TEST_CASE("a missing answer is told with those that are given, as JSON to fill in") {
  const Answers answers;
  const Ran both = answers.convert({"--set", "item=product"});
  check_fails(both, {"needs \"kind\", \"max_history\";", "\"item\": \"product\",",
                     "\"kind\": null,  // which model", "\"max_history\": null   // "});
  const Ran ran = answers.convert({"--set", "kind=dien"});
  check_fails(ran, {"\"max_history\": null", "\"kind\": \"dien\","});
  // Filled in, the JSON that was printed converts.
  std::string json = ran.err.substr(ran.err.find("{\n"));
  json = json.substr(0, json.rfind('}') + 1);
  const auto fill = [&json](const std::string& key, const std::string& value) {
    const std::string empty = "\"" + key + "\": null";
    json.replace(json.find(empty), empty.size(), "\"" + key + "\": " + value);
  };
  fill("max_history", "50");
  const Ran done = answers.convert({"--model", answers.write(json)});
  CAPTURE(done.err);
  CHECK(done.status == 0);
}

TEST_CASE("a library's unknown ids count as the padding id does, in either spelling") {
  const Answers answers;
  for (const char* word : {"padding_id", "padding_row"}) {
    const Ran ran =
        answers.convert({"--set", "kind=dien", "--set", "max_history=50", "--set",
                         std::string("out_of_table=") + word, "--report", answers.path("r.json")});
    CAPTURE(ran.err);
    REQUIRE(ran.status == 0);
    const Json report = read_json_file(answers.path("r.json"));
    for (const Json& table : report["description"]["tables"])
      CHECK(table["out_of_table"] == "padding_id");
  }
}

TEST_CASE("a null that was not filled in is refused by its place") {
  const Answers answers;
  const std::string file = answers.write(R"({"kind": "dien", "max_history": null})");
  check_fails(answers.convert({"--model", file}),
              {file + ": max_history: expected a whole number"});
}

TEST_CASE("an error in a value of --set names the option, not the file of answers") {
  const Answers answers;
  const std::string file = answers.write(R"({"kind": "dien"})");
  check_fails(answers.convert({"--model", file, "--set", "max_history=many"}),
              {"augur-convert: --set max_history: expected a whole number"});
  check_fails(answers.convert({"--model", file, "--set", "max_hystory=50"}),
              {"augur-convert: --set max_hystory: unknown key", "did you mean 'max_history'"});
}

TEST_CASE("--set values are JSON that is thought through, or texts") {
  const Answers answers;
  const auto set = [&](const std::string& answer) {
    return answers.convert({"--set", "kind=dien", "--set", "max_history=50", "--set", answer});
  };
  check_fails(set(R"(calibration={"scale": 1, "offset": 0, "scale": 2})"),
              {"--set calibration: the key 'scale' stands twice in one object"});
  check_fails(set("ignore=" + std::string(53000, '[')),
              {"--set ignore: line 1: nested deeper than 64 levels"});
  check_fails(set(R"(ignore=["a", )"), {"--set ignore: not JSON: parse error at line 1"});
  check_fails(set("kind=din"), {"--set kind: is given twice"});
  const Ran text = set("name=a text [with] {brackets}");
  CAPTURE(text.err);
  CHECK(text.status == 0);
  CHECK(has(text.out, {"a text [with] {brackets}"}));
}

TEST_CASE("a pattern of ignore that matches no tensor is an error") {
  const Answers answers;
  check_fails(answers.convert({"--set", "kind=dien", "--set", "max_history=50", "--set",
                               "ignore=[\"item_embeding*\"]"}),
              {"--set ignore: [0]: no tensor of ", "matches 'item_embeding*'"});
  const Workshop shop;
  Json description = small_description();
  description["ignore"] = {"none.*"};
  const std::string model = shop.write("ignore.json", description.dump());
  check_fails(run_convert({"--weights", shop.weights, "--model", model, "--out", shop.out}),
              {model + ": ignore[0]: no tensor of ", "matches 'none.*'"});
}

TEST_CASE("the layouts that fit are named where none or the wrong one is given") {
  const Answers answers;
  check_fails(answers.convert({}, "recbole"), {"not a checkpoint of the layout recbole",
                                               "its tensors fit the layout "
                                               "augur-reference"});
  const Ran none = run_convert({"--weights", kWeights, "--out", "unused.augur"});
  CAPTURE(none.err);
  CHECK(none.status == 2);
  CHECK(has(none.err, {"--model or --layout is needed",
                       "its tensors fit the layout "
                       "augur-reference"}));
}

TEST_CASE("the layout that fits is named for names behind a wrapper too") {
  const Answers answers;
  const auto whole = checkpoint::open_checkpoint(kWeights);
  TensorSet wrapped;
  for (const checkpoint::TensorInfo& tensor : whole->tensors())
    wrapped.add("module._orig_mod." + tensor.name, tensor.shape, whole->read(tensor));
  const TempFolder folder;
  const std::string weights = folder.path("wrapped.safetensors");
  wrapped.write_safetensors(weights);
  const Ran wrong =
      run_convert({"--weights", weights, "--layout", "recbole", "--out", folder.path("m.augur")});
  check_fails(wrong, {"not a checkpoint of the layout recbole",
                      "its tensors fit the layout augur-reference"});
  const Ran none = run_convert({"--weights", weights, "--out", folder.path("m.augur")});
  CAPTURE(none.err);
  CHECK(none.status == 2);
  CHECK(has(none.err, {"--model or --layout is needed", weights + ": its tensors fit the layout "
                                                                  "augur-reference"}));
  const Ran missing = run_convert({"--weights", folder.path("none"), "--out", "unused.augur"});
  CHECK(missing.status == 1);
}

}  // namespace
}  // namespace augur::convert::testing
