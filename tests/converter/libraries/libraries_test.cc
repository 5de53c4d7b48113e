// Questions that a library declares, the answers to them, and how its reader sees the tensors.
#include <doctest/doctest.h>

#include <fstream>

#include "converter/support/descriptions.h"
#include "libraries/library.h"
#include "support/temp_folder.h"

namespace augur::convert::testing {
namespace {

std::vector<Parameter> field_parameters() {
  return {ask::list("fields", "fields",
                    ask::object("", "a field",
                                {ask::text("name", "its name"),
                                 ask::integer("rows", "its rows").not_required(),
                                 ask::choice("kind", "its kind",
                                             {{"token", "one"}, {"seq", "several", {"token_seq"}}})
                                     .with_default("token")})
                        .with_shorthand("name"))
              .with_default({"id"})};
}

class Asked {
 public:
  explicit Asked(std::vector<Parameter> parameters, TensorSet tensors = TensorSet())
      : parameters_(std::move(parameters)), open_(tensors), tensors_(open_.get(), "lib") {}

  // Calls use(answers) with the answers to `given`.
  template <typename Use>
  void with(const char* given, const Use& use) const {
    const Json json = parse_json(given, "answers.json");
    use(Answers(parameters_, Node(json, "answers.json"), tensors_));
  }
  Json value(const char* given, const std::string& name) const {
    Json found;
    with(given, [&](const Answers& answers) { found = answers.at(name); });
    return found;
  }
  template <typename Use>
  std::string error(const char* given, const Use& use) const {
    return error_of([&] { with(given, use); });
  }
  std::string error(const char* given) const {
    return error(given, [](const Answers&) {});
  }

 private:
  std::vector<Parameter> parameters_;
  OpenTensorSet open_;
  Tensors tensors_;
};

TEST_CASE("a bare text gives an object's shorthand key, in answers and in defaults") {
  const Asked asked(field_parameters());
  CHECK(asked.value(R"({"fields": ["a", {"name": "b", "rows": 2, "kind": "seq"}]})", "fields") ==
        parse_json(R"([{"name": "a", "kind": "token"}, {"name": "b", "rows": 2, "kind": "seq"}])",
                   ""));
  CHECK(asked.value("{}", "fields") == parse_json(R"([{"name": "id", "kind": "token"}])", ""));
  CHECK(
      has(asked.error(R"({"fields": [3]})"), {"answers.json: fields[0]", "expected this answer"}));
  CHECK(has(asked.error(R"({"fields": [""]})"), {"answers.json: fields[0]", "must not be empty"}));
  CHECK(has(asked.error(R"({"fields": [{"rows": 2}]})"), {"fields[0]", "\"name\" is missing"}));
}

TEST_CASE("a choice may be written in the library's spelling and in any letter case") {
  const Asked asked(field_parameters());
  const auto kind = [&](const std::string& word) {
    const std::string given = R"({"fields": [{"name": "a", "kind": ")" + word + "\"}]}";
    return asked.value(given.c_str(), "fields")[0]["kind"].get<std::string>();
  };
  CHECK(kind("SEQ") == "seq");
  CHECK(kind("Token_Seq") == "seq");
  CHECK(has(asked.error(R"({"fields": [{"name": "a", "kind": "tokens"}]})"),
            {"fields[0].kind: 'tokens' is not one of token, seq", "did you mean 'token'"}));
}

TEST_CASE("all answers that this checkpoint needs and has not are told at once") {
  const auto has_scale = [](const Tensors& tensors, const Answers&) {
    return tensors.has("scale");
  };
  const std::vector<Parameter> parameters = {
      ask::integer("rows", "how many"), ask::choice("kind", "which", {{"a", ""}, {"b", ""}}),
      ask::text("name", "a name"), ask::text("extra", "more").not_required(),
      ask::number("factor", "what scale is").needed_if(has_scale, "where scale is a tensor")};
  const Asked plain(parameters);
  CHECK(has(plain.error(R"({"name": "n"})"),
            {"the layout needs \"rows\", \"kind\";",
             "{\n  \"name\": \"n\",\n  \"rows\": null,  // how many\n  \"kind\": null   "
             "// which (one of a, b)\n}"}));
  const Asked scaled(parameters, TensorSet().random("scale", {1}));
  CHECK(has(scaled.error(R"({"name": "n", "rows": 3})"), {"needs \"kind\", \"factor\";"}));
  plain.with(R"({"rows": 1, "kind": "a", "name": "n"})",
             [](const Answers& answers) { CHECK(!answers.has("factor")); });
}

TEST_CASE("an answer that the tensors contradict is refused, with both") {
  const Asked asked(
      {ask::choice("act", "activation", {{"dice", ""}, {"relu", ""}}).not_required()});
  const auto agree = [](const Answers& answers) {
    const std::string found = answers.agree("act", "dice", "act.alpha is there");
    CHECK(found == "dice");
  };
  asked.with("{}", agree);
  asked.with(R"({"act": "Dice"})", agree);
  CHECK(has(asked.error(R"({"act": "relu"})", agree),
            {"answers.json: act: \"relu\" was stated, but the checkpoint tells \"dice\": act.alpha "
             "is there"}));
}

TEST_CASE("an answer that nothing looks at is refused") {
  const Asked asked({ask::text("used", "").not_required(), ask::text("idle", "").not_required()});
  const auto look = [](const Answers& answers) {
    CHECK(answers.text_or("used", "") == "x");
    answers.refuse_idle();
  };
  asked.with(R"({"used": "x"})", look);
  CHECK(has(asked.error(R"({"used": "x", "idle": "y"})", look),
            {"answers.json: idle: nothing in this checkpoint depends on this answer"}));
}

TEST_CASE("what a library asks is explained, the inner parts further in") {
  CHECK(explain(field_parameters()) == std::vector<std::string>{
                                           "fields (list, default [\"id\"]): fields",
                                           "    a text T stands for {\"name\": T}",
                                           "    name (text, required): its name",
                                           "    rows (whole number, optional): its rows",
                                           "    kind (choice, default \"token\"): its kind",
                                           "        token: one",
                                           "        seq: several",
                                       });
}

TEST_CASE("names are listed in counting order, and nothing of training's") {
  const OpenTensorSet open(TensorSet()
                               .add("dnn/dice_10/alpha", {1}, {1})
                               .add("dnn/dice/alpha", {1}, {1})
                               .add("dnn/dice_9/alpha", {1}, {1})
                               .add("dnn/dice_1/alpha", {1}, {1})
                               .add("dnn/dice_1/alpha/Adam", {1}, {1})
                               .add("aux_net/f1gru/kernel", {1}, {1}));
  const Tensors tensors(open.get(), "lib");
  CHECK(tensors.names("*dice*") == std::vector<std::string>{"dnn/dice/alpha", "dnn/dice_1/alpha",
                                                            "dnn/dice_9/alpha",
                                                            "dnn/dice_10/alpha"});
  CHECK(tensors.indices("dnn/dice_#/alpha") == std::vector<int>{1, 9, 10});
  CHECK(!tensors.has("*f1gru*"));
  CHECK(tensors.has_for_training("*f1gru/kernel"));
  CHECK(!tensors.has_for_training("*dice_1/alpha"));
  CHECK(tensors.prefix_of("dice/alpha") == "dnn/");
  CHECK(has(error_of([&] { tensors.prefix_of("dice"); }), {"lib: no tensor ends with 'dice'"}));
  CHECK(has(error_of([&] { tensors.only("dnn/*"); }), {"several tensors match 'dnn/*'"}));
  CHECK(has(error_of([&] { tensors.size("dnn/dice/alpha", 1); }), {"has 1 axes"}));
  CHECK(has(error_of([&] { tensors.size("gamma", 0); }), {"'gamma' is not there"}));
}

TEST_CASE("names come in the order of the file if it records one") {
  const OpenTensorSet sorted(TensorSet().add("t.b", {1}, {1}).add("t.a", {1}, {1}));
  CHECK(!Tensors(sorted.get(), "lib").in_file_order("t.*"));

  const TempFolder folder;
  std::string header = R"({"__metadata__": {"augur.order": "[\"t.b\", \"u\", \"t.a\"]"})";
  for (const char* name : {"t.a", "t.b", "u"}) {
    header +=
        std::string(", \"") + name + R"(": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]})";
  }
  header += "}";
  std::string size(8, '\0');
  size[0] = static_cast<char>(header.size());
  std::ofstream(folder.path("w.safetensors"), std::ios::binary) << size << header;
  const auto ordered = checkpoint::open_checkpoint(folder.path("w.safetensors"));
  CHECK(Tensors(*ordered, "lib").in_file_order("t.*") == std::vector<std::string>{"t.b", "t.a"});
}

TEST_CASE("every library explains itself, and is found by its name") {
  REQUIRE(libraries().size() >= 7);
  for (const Library& library : libraries()) {
    CAPTURE(library.name);
    CHECK(explanation(library).find(library.recognised_by) != std::string::npos);
    CHECK(&find_library(library.name) == &library);
  }
  CHECK(has(error_of([] { find_library("recbol"); }),
            {"there is no layout 'recbol' (did you mean 'recbole'?)"}));
}

}  // namespace
}  // namespace augur::convert::testing
