// The examples of docs/layouts.md: the layout converts its tensors and answers, and every operation
// gives what the page says.
//
//     ```tensors      ```json layout      ```json answers
//     ```json variables     in force for the operations
//     ```json operations    a list of {"of": template, "is": value}
#include <doctest/doctest.h>

#include "example.h"
#include "layout/layout.h"
#include "layout/template.h"
#include "markdown.h"

namespace augur::docs {
namespace {

using convert::Json;

struct Page {
  Example example;
  Json layout;
  convert::Scope variables;
  Json operations;
};

Page read_page() {
  Page page;
  for (const Block& block : fenced_blocks(read_text(kRoot + "docs/layouts.md"))) {
    const std::string title = "layouts.md, line " + std::to_string(block.line);
    if (block.info == "tensors") {
      add_tensors(block.text, page.example.tensors);
      continue;
    }
    const Json json = convert::parse_json(block.text, title);
    if (block.info == "json layout") {
      page.layout = json;
    } else if (block.info == "json answers") {
      page.example.description = json;
    } else if (block.info == "json variables") {
      for (const auto& [name, value] : json.items())
        page.variables[name] = value;
    } else if (block.info == "json operations") {
      page.operations = json;
    } else {
      FAIL(title << ": a block that this test does not know");
    }
  }
  return page;
}

TEST_CASE("the layout of docs/layouts.md converts its checkpoint") {
  const Page page = read_page();
  const Outcome outcome = run(page.example, page.layout);
  CAPTURE(outcome.messages);
  CHECK(outcome.status == 0);
  CHECK(outcome.messages == "");
  REQUIRE(!outcome.answers.empty());
  CHECK(outcome.answers.back().logits.at(0) != outcome.answers.back().logits.at(1));

  Example refused = page.example;
  refused.tensors.random("net.gru.w", {2, 2});
  const Outcome refusal = run(refused, page.layout);
  CHECK(refusal.status == 1);
  CHECK(refusal.messages.find("the model is not a DIN") != std::string::npos);

  Example unanswered = page.example;
  unanswered.description.erase("max_history");
  CHECK(run(unanswered, page.layout).messages.find("needs \"max_history\"") != std::string::npos);
}

TEST_CASE("every operation of docs/layouts.md gives what the page says") {
  const Page page = read_page();
  const convert::testing::OpenTensorSet checkpoint(page.example.tensors);
  const convert::Template engine(checkpoint.get(), std::nullopt);
  REQUIRE(page.operations.size() > 20);
  for (const Json& operation : page.operations) {
    CAPTURE(operation.dump());
    const Json came = engine.expand({operation.at("of"), "page"}, page.variables);
    CAPTURE(came.dump());
    CHECK(came == operation.at("is"));
  }
}

TEST_CASE("every built-in layout explains itself") {
  const auto layouts = convert::builtin_layouts();
  REQUIRE(!layouts.empty());
  for (const convert::Layout& layout : layouts) {
    CAPTURE(layout.name());
    CHECK(layout.explanation().find(layout.recognised_by()) != std::string::npos);
  }
}

}  // namespace
}  // namespace augur::docs
