// docs/layouts.md and docs/layouts/: every library has a page, which ends with what the converter
// knows of it, as --explain-layout prints it; and the examples print what they say.
#include <doctest/doctest.h>

#include <sstream>

#include "commands/run.h"
#include "libraries/library.h"
#include "markdown.h"
#include "support/temp_folder.h"

namespace augur::docs {
namespace {

TEST_CASE("every library has a page in docs/layouts/, which ends with its explanation") {
  const std::string list = read_text(kRoot + "docs/layouts.md");
  for (const convert::Library& library : convert::libraries()) {
    CAPTURE(library.name);
    const std::string page = read_text(kRoot + "docs/layouts/" + library.name + ".md");
    CHECK(list.find("(layouts/" + library.name + ".md)") != std::string::npos);
    const std::string begin = "\n```text\n" + library.name + ": ";
    const std::size_t at = page.rfind(begin);
    REQUIRE(at != std::string::npos);
    // sh scripts/explain-layouts.sh writes it anew.
    CHECK(page.substr(at) == "\n```text\n" + convert::explanation(library) + "```\n");
  }
}

struct Outcome {
  int status;
  std::string text;  // all that it printed
};

// Runs augur-convert on one of the shop's checkpoints.
Outcome convert_shop(const std::string& model, std::vector<std::string> arguments) {
  const testing::TempFolder folder;
  arguments.insert(arguments.end(), {"--weights", kRoot + "examples/shop/" + model + ".safetensors",
                                     "--out", folder.path("m.augur"), "--set", "max_history=50"});
  std::ostringstream out;
  const int status = convert::run_augur_convert(arguments, {out, out});
  return {status, out.str()};
}

TEST_CASE("--layout auto says by what it recognised the checkpoint, and asks what it cannot see") {
  const Outcome found = convert_shop("base", {"--layout", "auto"});
  const std::string& text = found.text;
  CAPTURE(text);
  CHECK(found.status == 0);
  CHECK(text.find("recognised by user_emb.weight, item_emb.weight") != std::string::npos);

  const Outcome refused = convert_shop("dien", {"--layout", "auto"});
  const std::string& reason = refused.text;
  CAPTURE(reason);
  CHECK(refused.status == 1);
  CHECK(reason.find("needs \"kind\"") != std::string::npos);
}

TEST_CASE("docs/layouts/augur-reference.md: the shop's DIEN converts as it says") {
  const Outcome converted =
      convert_shop("dien", {"--layout", "augur-reference", "--set", "kind=dien"});
  const std::string& text = converted.text;
  CAPTURE(text);
  CHECK(converted.status == 0);
  CHECK(text.find("dien, layout augur-reference") != std::string::npos);
  CHECK(text.find("recognised") == std::string::npos);  // it was stated
}

}  // namespace
}  // namespace augur::docs
