// The links between the documents lead to files and headings that exist.
#include <doctest/doctest.h>

#include <cctype>
#include <filesystem>
#include <sstream>

#include "markdown.h"

namespace augur::docs {
namespace {

namespace fs = std::filesystem;

bool begins_with(const std::string& text, const std::string& start) {
  return text.compare(0, start.size(), start) == 0;
}

// The page without its fenced and indented blocks and without `spans`, which hold no links.
std::string prose_of(const std::string& page) {
  std::string prose;
  std::istringstream lines(page);
  std::string line;
  bool fenced = false;
  while (std::getline(lines, line)) {
    if (begins_with(line, "```")) fenced = !fenced;
    if (fenced || begins_with(line, "    ")) continue;
    bool code = false;
    for (const char c : line) {
      if (c == '`') code = !code;
      if (!code && c != '`') prose += c;
    }
    prose += '\n';
  }
  return prose;
}

// The name that GitHub gives to a heading: lower-case letters, digits, - and _; blanks become -.
std::string anchor_of(const std::string& heading) {
  std::string anchor;
  for (const char c : heading) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == ' ') {
      anchor += '-';
    } else if (std::isalnum(byte) != 0 || c == '-' || c == '_') {
      anchor += static_cast<char>(std::tolower(byte));
    }
  }
  return anchor;
}

std::set<std::string> anchors_in(const std::string& page) {
  std::set<std::string> anchors;
  std::istringstream lines(page);
  std::string line;
  bool fenced = false;
  while (std::getline(lines, line)) {
    if (begins_with(line, "```")) fenced = !fenced;
    const std::size_t level = line.find_first_not_of('#');
    if (fenced || level == 0 || level == std::string::npos || line[level] != ' ') continue;
    anchors.insert(anchor_of(line.substr(level + 1)));
  }
  return anchors;
}

std::vector<std::string> links_in(const std::string& page) {
  const std::string prose = prose_of(page);
  std::vector<std::string> links;
  for (std::size_t at = prose.find("]("); at != std::string::npos; at = prose.find("](", at + 2)) {
    links.push_back(prose.substr(at + 2, prose.find(')', at) - at - 2));
  }
  return links;
}

std::vector<fs::path> pages() {
  const fs::path root = kRoot;
  std::vector<fs::path> found = {root / "README.md", root / "CHANGELOG.md"};
  for (const char* folder : {"docs", "converter", "examples", "tests"}) {
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      if (entry.path().extension() == ".md") found.push_back(entry.path());
    }
  }
  return found;
}

TEST_CASE("links between documents lead to files and headings that exist") {
  std::size_t checked = 0;
  for (const fs::path& path : pages()) {
    const std::string page = read_text(path.string());
    for (const std::string& link : links_in(page)) {
      if (link.find("://") != std::string::npos) continue;
      INFO(path.string() << " links to " << link);
      const std::size_t hash = link.find('#');
      const std::string file = link.substr(0, hash);
      const fs::path target = file.empty() ? path : path.parent_path() / file;
      ++checked;
      const bool exists = fs::exists(target);
      CHECK(exists);
      if (!exists || hash == std::string::npos) continue;
      CHECK(anchors_in(read_text(target.string())).count(link.substr(hash + 1)) == 1);
    }
  }
  CHECK(checked > 100);
}

TEST_CASE("README links every page of docs/, and every library by its name") {
  const std::vector<std::string> links = links_in(read_text(kRoot + "README.md"));
  const std::set<std::string> linked(links.begin(), links.end());
  for (const char* folder : {"docs", "docs/layouts"}) {
    for (const auto& entry : fs::directory_iterator(kRoot + folder)) {
      if (entry.path().extension() != ".md") continue;
      const std::string page = std::string(folder) + "/" + entry.path().filename().string();
      CAPTURE(page);
      CHECK(linked.count(page) == 1);
    }
  }
}

TEST_CASE("anchors are made of headings as GitHub makes them") {
  CHECK(anchor_of("In your framework this is …") == "in-your-framework-this-is-");
  CHECK(anchor_of("The authors' code: `dien-tf1`") == "the-authors-code-dien-tf1");
  CHECK(anchors_in("# A b\n```\n# c\n```\n## D_e\n") == std::set<std::string>{"a-b", "d_e"});
  CHECK(links_in("[a](b.md#c) `[d](e)`\n\n    [f](g)\n[h](#i)\n") ==
        std::vector<std::string>{"b.md#c", "#i"});
}

}  // namespace
}  // namespace augur::docs
