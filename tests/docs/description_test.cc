// Every example of the pages about descriptions converts, opens and ranks.
//
//     ```json description      a whole description; the first is the main example
//     ```json put /a/0/b       replaces that place of the main example
//     ```tensors               names and shapes for the example before; override the main example's
//     ```text items.txt        a file beside all descriptions of the page
//     ```jsonl requests        what to rank with it, and what must come out
//     ```jsonl answers
#include <doctest/doctest.h>

#include <cmath>
#include <map>

#include "example.h"
#include "markdown.h"

namespace augur::docs {
namespace {

using convert::Json;

struct PageExample : Example {
  bool whole = false;
  std::string answers;
};

// Adds the examples of a page to those of the pages before it.
void add_examples(const std::string& page, std::vector<PageExample>& examples) {
  std::string before;  // tensors may stand before the first description
  std::map<std::string, std::string> files;
  for (const Block& block : fenced_blocks(read_text(kRoot + page))) {
    const std::string title = page + ":" + std::to_string(block.line) + ": " + block.info;
    if (block.info == "json description") {
      examples.emplace_back();
      examples.back().whole = true;
      examples.back().description = convert::parse_json(block.text, title);
      add_tensors(before, examples.back().tensors);
      before.clear();
    } else if (block.info.rfind("json put ", 0) == 0) {
      PageExample changed = examples.at(0);
      changed.whole = false;
      changed.requests.clear();
      changed.answers.clear();
      changed.files = files;
      changed.description[Json::json_pointer(block.info.substr(9))] =
          convert::parse_json(block.text, title);
      examples.push_back(std::move(changed));
    } else if (block.info == "tensors" && examples.empty()) {
      before += block.text;
    } else if (block.info == "tensors") {
      add_tensors(block.text, examples.back().tensors);
    } else if (block.info.rfind("text ", 0) == 0) {
      files[block.info.substr(5)] = block.text;
    } else if (block.info == "jsonl requests") {
      examples.back().requests = block.text;
    } else if (block.info == "jsonl answers") {
      examples.back().answers = block.text;
    } else {
      FAIL(title << " is a block that this test does not know");
    }
    if (!examples.empty() && block.info.rfind("json ", 0) == 0) examples.back().title = title;
  }
}

void check_answers(const PageExample& example, const std::vector<requests::Answer>& answers) {
  for (const requests::Answer& answer : answers) {
    REQUIRE(answer.logits.size() > 1);
    CHECK(std::isfinite(answer.logits[0]));
    CHECK(answer.logits[0] != answer.logits[1]);
  }
  if (example.answers.empty()) return;
  std::istringstream lines(example.answers);
  std::string line;
  std::size_t index = 0;
  while (std::getline(lines, line)) {
    const Json expected = Json::parse(line);
    REQUIRE(index < answers.size());
    const requests::Answer& answer = answers[index++];
    std::string came;
    requests::append_json_line(answer, came);
    CAPTURE(came);
    CHECK(expected.at("id") == answer.id);
    REQUIRE(expected.at("logits").size() == answer.logits.size());
    for (std::size_t i = 0; i < answer.logits.size(); ++i) {
      CHECK(std::abs(expected["logits"][i].get<float>() - answer.logits[i]) < 1e-5f);
      CHECK(std::abs(expected["scores"][i].get<float>() - answer.scores[i]) < 1e-5f);
    }
  }
  CHECK(index == answers.size());
}

TEST_CASE("every example of a description in docs/ converts, opens and ranks") {
  std::vector<PageExample> examples;
  for (const char* page : {"description-examples", "description", "description-ids", "frameworks"})
    add_examples(std::string("docs/") + page + ".md", examples);
  int whole = 0;
  for (const PageExample& example : examples) {
    CAPTURE(example.title);
    whole += example.whole ? 1 : 0;
    const Outcome outcome = run(example);
    CAPTURE(outcome.messages);
    CHECK(outcome.status == 0);
    if (example.whole) CHECK(outcome.messages == "");
    CHECK(!outcome.answers.empty());
    check_answers(example, outcome.answers);
  }
  CHECK(whole >= 2);
  CHECK(examples.size() >= 31);
  CHECK(!examples.at(0).answers.empty());
}

}  // namespace
}  // namespace augur::docs
