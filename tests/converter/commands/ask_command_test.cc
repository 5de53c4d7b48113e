// augur-convert --ask: the questions as a file, filled in and given again; and --dry-run without
// --out.
#include <doctest/doctest.h>

#include <fstream>

#include "converter/support/command.h"

namespace augur::convert::testing {
namespace {

constexpr const char* kWeights = "../../examples/shop/dien.safetensors";

Ran ask(const std::string& file, std::vector<std::string> more = {}) {
  std::vector<std::string> arguments = {"--weights", kWeights, "--ask", file};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return run_convert(arguments);
}

void write(const std::string& path, const Json& json) {
  std::ofstream(path, std::ios::binary) << json.dump(2);
}

TEST_CASE("open questions become a file; filled in, it converts without --layout") {
  const TempFolder folder;
  const std::string file = folder.path("questions.json"), out = folder.path("m.augur");
  const Ran asked = ask(file);
  CAPTURE(asked.err);
  CHECK(asked.status == 1);
  CHECK(asked.out.empty());
  CHECK(has(asked.err, {"layout augur-reference, recognised by",
                        "these questions need an answer: "
                        "kind, max_history. ",
                        "replace each null", "--model " + file}));
  Json questions = read_json_file(file);
  CHECK(questions["layout"] == "augur-reference");
  CHECK(questions["kind"].is_null());
  CHECK(questions["?kind"]["choices"].size() == 6);
  CHECK(questions["?kind"]["required"] == true);
  CHECK(!questions["?kind"]["where"].get<std::string>().empty());
  CHECK(questions["item"] == "item");

  // As it is, it is no answer.
  const Ran empty = run_convert({"--weights", kWeights, "--model", file, "--out", out});
  CHECK(empty.status == 1);
  CHECK(has(empty.err, {"the layout needs \"kind\", \"max_history\";", "--ask FILE"}));

  questions["kind"] = "dien";
  questions["max_history"] = 50;
  questions["item"] = "product";
  write(file, questions);
  const Ran done = run_convert({"--weights", kWeights, "--model", file, "--out", out});
  CAPTURE(done.err);
  CHECK(done.status == 0);
  const Ran same = run_convert({"--weights", kWeights, "--layout", "augur-reference", "--set",
                                "kind=dien", "--set", "max_history=50", "--set", "item=product",
                                "--out", folder.path("same.augur")});
  CHECK(same.status == 0);
  CHECK(read_text(out) == read_text(folder.path("same.augur")));
}

TEST_CASE("to the standard output, in one piece that is JSON") {
  const Ran asked = ask("-", {"--set", "kind=dien"});
  CHECK(asked.status == 1);
  const Json questions = parse_json(asked.out, "stdout");
  CHECK(questions["kind"] == "dien");
  CHECK(questions["max_history"].is_null());
  CHECK(has(asked.err, {"need an answer: max_history. The JSON on the standard output"}));
}

TEST_CASE("with nothing left to answer it converts, or shows what may be answered") {
  const TempFolder folder;
  const std::string file = folder.path("questions.json"), out = folder.path("m.augur");
  const std::vector<std::string> answers = {"--set", "kind=dien", "--set", "max_history=50"};
  std::vector<std::string> with_out = answers;
  with_out.insert(with_out.end(), {"--out", out});
  CHECK(ask(file, with_out).status == 0);
  CHECK(folder.files() == std::vector<std::string>{"m.augur"});
  const Ran shown = ask(file, answers);
  CHECK(shown.status == 0);
  CHECK(has(shown.out, {"no question needs an answer; 5 questions may be answered otherwise"}));
  CHECK(read_json_file(file)["out_of_table"] == "error");
}

TEST_CASE("the file's layout and --layout must be one") {
  const TempFolder folder;
  const std::string file = folder.path("answers.json");
  write(file, {{"layout", "recbole"}, {"kind", "dien"}, {"max_history", 50}});
  const std::string out = folder.path("m.augur");
  const Ran other = run_convert(
      {"--weights", kWeights, "--layout", "augur-reference", "--model", file, "--out", out});
  CHECK(other.status == 1);
  CHECK(has(other.err, {file + ": layout: its answers are those to 'recbole', but --layout is "
                               "augur-reference"}));
  const Ran wrong = run_convert({"--weights", kWeights, "--model", file, "--out", out});
  CHECK(wrong.status == 1);
  CHECK(has(wrong.err, {"not a checkpoint of the layout recbole"}));
  write(file, {{"layout", 3}});
  const Ran number = run_convert({"--weights", kWeights, "--model", file, "--out", out});
  CHECK(has(number.err, {file + ": layout: expected a text"}));
  write(file, {{"layout", "augur-reference"}, {"kind", "dien"}, {"max_history", 50}});
  for (const char* layout : {"auto", "augur-reference"}) {
    const Ran ran =
        run_convert({"--weights", kWeights, "--layout", layout, "--model", file, "--out", out});
    CAPTURE(ran.err);
    CHECK(ran.status == 0);
  }
}

TEST_CASE("--ask writes over no file that is read") {
  const TempFolder folder;
  const std::string file = folder.path("answers.json");
  write(file, {{"layout", "augur-reference"}});
  const Ran ran = ask(file, {"--model", file});
  CHECK(ran.status == 1);
  CHECK(has(ran.err, {"--ask", "--model"}));
  CHECK(read_json_file(file).size() == 1);
}

TEST_CASE("a dry run needs no --out and writes nothing, the report neither") {
  const Workshop shop;
  const std::string requests = shop.write("requests.jsonl", kRequests);
  const Ran ran = run_convert({"--weights", shop.weights, "--model", shop.model, "--validate",
                               requests, "--report", shop.path("out.json"), "--dry-run"});
  CAPTURE(ran.err);
  CHECK(ran.status == 0);
  CHECK(has(ran.out, {"(not written: --dry-run)", "validated", "unproven"}));
  CHECK(shop.has_no_output());
  const Ran none = run_convert({"--weights", shop.weights, "--model", shop.model});
  CHECK(none.status == 2);
  CHECK(has(none.err, {"--out is needed"}));
}

}  // namespace
}  // namespace augur::convert::testing
