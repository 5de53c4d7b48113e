// Open questions as a file that is filled in and read again.
#include "libraries/questions.h"

#include <doctest/doctest.h>

#include <fstream>

#include "converter/support/tensor_set.h"
#include "error.h"
#include "support/temp_folder.h"

namespace augur::convert::testing {
namespace {

const char* const kAct = R"json({
  "question": "the activation", "type": "choice", "choices": ["relu", "tanh"],
  "meanings": {"relu": "ReLU", "tanh": "hyperbolic"}, "default": null, "required": true,
  "where": "Model(act=)"
})json";
const char* const kColumns = R"json({
  "question": "the columns", "type": "list", "elements": "object",
  "parts": {
    "name": {"question": "its name", "type": "text", "default": null, "required": true,
             "where": "Column(name)"},
    "width": {"question": "its width", "type": "whole number", "default": 1, "required": false,
              "where": ""}
  },
  "shorthand": "a text T stands for {\"name\": T}", "default": null, "required": true,
  "where": "Model(columns=)"
})json";

bool always(const Tensors&) {
  return true;
}

// A library with a question of every sort: told by the tensors, required, with a default, optional,
// decided by another answer, and one that other checkpoints have.
Library sample_library() {
  Library library;
  library.name = "sample";
  library.recognised_by = "anything";
  library.recognises = always;
  library.parameters = {
      ask::choice("act", "the activation", {{"relu", "ReLU"}, {"tanh", "hyperbolic"}})
          .found_in("Model(act=)")
          .needed_if(
              [](const Tensors& tensors, const Answers&) { return !tensors.has("act.alpha"); },
              "without act.alpha"),
      ask::integer("rows", "how many").found_in("Model(rows=)"),
      ask::list("columns", "the columns",
                ask::object("", "a column",
                            {ask::text("name", "its name").found_in("Column(name)"),
                             ask::integer("width", "its width").with_default(1)})
                    .with_shorthand("name"))
          .found_in("Model(columns=)"),
      ask::choice("task", "the task", {{"binary", ""}, {"regression", ""}})
          .found_in("Model(task=)")
          .with_default("binary"),
      ask::text("file", "a file").found_in("the folder").not_required(),
      ask::choice("padding", "padding", {{"before", ""}, {"after", ""}}).found_in("the loader"),
      ask::integer("length", "of padded rows")
          .found_in("the loader")
          .needed_if(
              [](const Tensors&, const Answers& answers) {
                return answers.text_or("padding", "") == "before";
              },
              "with padding before")
          .decided_with("padding"),
      ask::boolean("bias", "whether there is one")
          .found_in("Model(bias=)")
          .only_if([](const Tensors& tensors) { return tensors.has("bias"); })
          .with_default(true),
  };
  return library;
}

Questions questions(const char* given, const TensorSet& tensors = {}) {
  const OpenTensorSet open(tensors);
  const Json json = parse_json(given, "answers.json");
  return open_questions(sample_library(), open.get(), Node(json, "answers.json"));
}

std::vector<std::string> keys(const Json& json) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : json.items())
    keys.push_back(key);
  return keys;
}

TEST_CASE("every open question is there: null or its default, and what it means") {
  const Questions asked = questions("{}");
  CHECK(asked.required == std::vector<std::string>{"act", "rows", "columns", "padding"});
  CHECK(asked.optional == 3);
  CHECK(keys(asked.file) == std::vector<std::string>{"layout", "act", "?act", "rows", "?rows",
                                                     "columns", "?columns", "task", "?task", "file",
                                                     "?file", "padding", "?padding", "length",
                                                     "?length"});
  CHECK(asked.file["layout"] == "sample");
  CHECK(asked.file["act"].is_null());
  CHECK(asked.file["task"] == "binary");
  const Json act = parse_json(kAct, "");
  CHECK(asked.file["?act"] == act);
  const Json columns = parse_json(kColumns, "");
  CHECK(asked.file["?columns"] == columns);
  CHECK(asked.file["?task"]["default"] == "binary");
  CHECK(asked.file["?task"]["required"] == false);
  CHECK(asked.file["?length"]["needed"] == "with padding before");
  CHECK(asked.file["?length"]["required"] == false);
}

TEST_CASE("what the tensors tell is not asked, nor what only other checkpoints have") {
  const Questions asked = questions("{}", TensorSet().random("act.alpha", {1}).random("bias", {1}));
  CHECK(asked.required == std::vector<std::string>{"rows", "columns", "padding"});
  CHECK(!asked.file.contains("act"));
  CHECK(!asked.file.contains("?act"));
  CHECK(asked.file["bias"] == true);
}

TEST_CASE("what the file's notes tell is not asked; a told list can be completed") {
  const ::augur::testing::TempFolder folder;
  const std::string path = folder.path("w.safetensors");
  const char* const notes =
      R"({"layout": "sample", "told_by": "its config", "answers": {"act": "tanh", "rows": 4,)"
      R"( "columns": [{"name": "a"}, {"name": "b"}]}})";
  const std::string header = Json{{"__metadata__", {{"augur.notes", notes}}}}.dump();
  std::string bytes(8, '\0');
  bytes[0] = static_cast<char>(header.size() & 0xff);
  bytes[1] = static_cast<char>(header.size() >> 8);
  std::ofstream(path, std::ios::binary) << bytes << header;
  const std::unique_ptr<checkpoint::Checkpoint> file = checkpoint::open_checkpoint(path);
  const Json given = Json::object();
  const Questions asked = open_questions(sample_library(), *file, Node(given, "answers.json"));
  CHECK(asked.required == std::vector<std::string>{"padding"});
  CHECK(!asked.file.contains("act"));
  CHECK(!asked.file.contains("rows"));
  CHECK(asked.file["columns"] == parse_json(R"([{"name": "a"}, {"name": "b"}])", ""));
  CHECK(asked.file["?columns"]["told_by"] == "its config");
  CHECK(asked.file["?columns"]["required"] == false);
}

TEST_CASE("answers that were given stand in the file as they are, the common ones too") {
  const Questions asked =
      questions(R"({"rows": 3, "columns": ["a"], "padding": "after", "name": "mine"})");
  CHECK(asked.required == std::vector<std::string>{"act"});
  CHECK(asked.file["rows"] == 3);
  CHECK(asked.file["columns"] == parse_json(R"(["a"])", ""));
  CHECK(asked.file["name"] == "mine");
  CHECK(!asked.file.contains("?rows"));
  CHECK(!asked.file.contains("length"));  // padding, which decides it, is answered
  CHECK(questions(R"({"padding": "before"})").file["?length"]["required"] == true);
}

TEST_CASE("wrong answers and unknown keys are errors") {
  CHECK_THROWS_WITH_AS(
      questions(R"({"rows": "many"})"),
      "answers.json: rows: expected a whole number from -2147483648 to 2147483647, "
      "found a text",
      Error);
  CHECK_THROWS_AS(questions(R"({"row": 3})"), Error);
}

TEST_CASE("what was left as it was asked counts as not given") {
  const char* const text = R"({
    "act": null, "?act": {}, "rows": 3, "?rows": {}, "task": "binary", "?task": {},
    "padding": null, "file": "binary", "?file": {}, "?length": {"anything": 1}, "other": null,
    "?other": 0
  })";
  const Json kept = without_questions(parse_json(text, ""), sample_library());
  CHECK(kept == parse_json(R"({"rows": 3, "padding": null, "file": "binary"})", ""));
  const Json stated = parse_json(R"({"task": "binary", "act": null})", "");
  CHECK(without_questions(stated, sample_library()) == stated);
}

TEST_CASE("every question of every library says where its answer is found") {
  for (const Library& library : libraries()) {
    CHECK(!library.parameters.empty());
    for (const Parameter& parameter : all_parameters(library)) {
      CAPTURE(library.name);
      CAPTURE(parameter.name);
      CHECK(!parameter.where.empty());
      if (parameter.decided_by.empty()) continue;
      CHECK(parameter.needed);
      bool is_earlier = false;
      for (const Parameter& earlier : library.parameters) {
        if (earlier.name == parameter.name) break;
        is_earlier = is_earlier || earlier.name == parameter.decided_by;
      }
      CHECK(is_earlier);
    }
    const std::string text = explanation(library);
    CHECK(text.find("\n      where: ") != std::string::npos);
  }
}

}  // namespace
}  // namespace augur::convert::testing
