// The examples of docs/layouts.md: the layout converts its tensors and answers, and every operation
// gives what the page says.
//
//     ```tensors      ```json layout      ```json answers
//     ```json variables     in force for the operations
//     ```json operations    a list of {"of": template, "is": value}
#include <doctest/doctest.h>

#include <sstream>

#include "commands/run.h"
#include "example.h"
#include "layout/layout.h"
#include "layout/template.h"
#include "markdown.h"
#include "support/temp_folder.h"

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

// Runs augur-convert on one of the shop's checkpoints; gives the status, and all that it printed.
std::pair<int, std::string> convert_shop(const std::string& model,
                                         std::vector<std::string> arguments) {
  const convert::testing::TempFolder folder;
  arguments.insert(arguments.end(), {"--weights", kRoot + "examples/shop/" + model + ".safetensors",
                                     "--out", folder.path("m.augur"), "--set", "max_history=50"});
  std::ostringstream out;
  const int status = convert::run_augur_convert(arguments, {out, out});
  return {status, out.str()};
}

TEST_CASE("--layout auto says by what it recognised the checkpoint, and asks what it cannot see") {
  const auto [status, text] = convert_shop("base", {"--layout", "auto"});
  CAPTURE(text);
  CHECK(status == 0);
  CHECK(text.find("recognised by user_emb.weight, item_emb.weight") != std::string::npos);

  const auto [refused, reason] = convert_shop("dien", {"--layout", "auto"});
  CAPTURE(reason);
  CHECK(refused == 1);
  CHECK(reason.find("dien.safetensors: augur-reference: AIGRU and AUGRU have the same tensors") !=
        std::string::npos);
}

TEST_CASE("docs/layouts/augur-reference.md: the shop's DIEN converts as it says") {
  const auto [status, text] =
      convert_shop("dien", {"--layout", "augur-reference", "--set", "kind=dien"});
  CAPTURE(text);
  CHECK(status == 0);
  CHECK(text.find("dien, layout augur-reference") != std::string::npos);
  CHECK(text.find("recognised") == std::string::npos);  // it was stated
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
