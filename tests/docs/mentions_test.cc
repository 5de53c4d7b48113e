// The pages mention everything that the sources know. The words are taken from the sources' string
// literals, so there is no second list to keep.
#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "markdown.h"

namespace augur::docs {
namespace {

// The string literals of a C++ source, without comments. Neighbouring ones are one literal.
std::vector<std::string> literals_of(const std::string& source) {
  std::vector<std::string> literals;
  std::size_t end = std::string::npos;  // of the last literal, as long as only blanks follow it
  for (std::size_t i = 0; i < source.size(); ++i) {
    if (source.compare(i, 2, "//") == 0) {
      i = std::min(source.find('\n', i), source.size());
    } else if (source[i] == '\'') {
      i = source.find('\'', i + (source[i + 1] == '\\' ? 3 : 2));
    } else if (source[i] == '"') {
      std::string literal;
      for (++i; source[i] != '"'; ++i) {
        if (source[i] == '\\') ++i;
        literal += source[i];
      }
      if (end == std::string::npos) {
        literals.push_back(literal);
      } else {
        literals.back() += literal;
      }
      end = i;
    } else if (std::isspace(static_cast<unsigned char>(source[i])) == 0) {
      end = std::string::npos;
    }
  }
  return literals;
}

// Includes name files, which are no words of the language.
std::string without_includes(const std::string& source) {
  std::string text = source;
  for (std::size_t at = text.find("#include"); at != std::string::npos;
       at = text.find("#include")) {
    text.erase(at, text.find('\n', at) - at);
  }
  return text;
}

// "max_history", "q-k", "$if", "--out": a literal that is one lower-case word.
bool is_key(const std::string& literal) {
  const bool word = std::all_of(literal.begin(), literal.end(), [](char c) {
    return std::islower(static_cast<unsigned char>(c)) != 0 ||
           std::isdigit(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '*' || c == '-' ||
           c == '$';
  });
  return word && std::any_of(literal.begin(), literal.end(), [](char c) {
           return std::islower(static_cast<unsigned char>(c)) != 0;
         });
}

std::set<std::string> keys_in(const std::string& file) {
  std::set<std::string> keys;
  for (const std::string& literal : literals_of(without_includes(read_text(kRoot + file)))) {
    if (is_key(literal)) keys.insert(literal);
  }
  return keys;
}

std::vector<std::string> sources_in(const std::string& folder) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(kRoot + folder)) {
    if (entry.path().extension() == ".cc") {
      files.push_back(folder + "/" + entry.path().filename().string());
    }
  }
  return files;
}

// Each word is on one of the pages.
void check_mentions(const std::vector<std::string>& pages, const std::vector<std::string>& files,
                    std::size_t at_least) {
  const std::string& page = pages.front();
  std::set<std::string> words;
  for (const std::string& each : pages)
    words.merge(code_words(read_text(kRoot + each)));
  std::size_t found = 0;
  for (const std::string& file : files) {
    for (const std::string& key : keys_in(file)) {
      CAPTURE(page);
      CAPTURE(file);
      CAPTURE(key);
      CHECK(words.count(key) == 1);
      ++found;
    }
  }
  CHECK(found >= at_least);  // the sources were read
}

TEST_CASE("docs/description.md and description-ids.md mention every word of a description") {
  std::vector<std::string> files = sources_in("converter/src/assemble");
  files.emplace_back("converter/src/description/expression.cc");
  check_mentions({"docs/description.md", "docs/description-ids.md"}, files, 100);
}

TEST_CASE("docs/options.md mentions every key of the report") {
  check_mentions({"docs/options.md"},
                 {"converter/src/convert/outputs.cc", "converter/src/validate/validation.cc"}, 40);
}

TEST_CASE("docs/options.md mentions every option of the commands") {
  const std::set<std::string> words = code_words(read_text(kRoot + "docs/options.md"));
  int options = 0;
  for (const char* folder : {"converter/src/commands", "bench/augur-rank", "bench/augur-bench"}) {
    for (const std::string& source : sources_in(folder)) {
      for (const std::string& key : keys_in(source)) {
        if (key.compare(0, 2, "--") != 0) continue;
        CAPTURE(source);
        CAPTURE(key);
        CHECK(words.count(key) == 1);
        ++options;
      }
    }
  }
  CHECK(options >= 40);
}

TEST_CASE("words and blocks are found in a page") {
  const std::string page = "a `b` c\n\n    d e\n```json x\n{\"f\": 1}\n```\ng `$h i-j`\n";
  CHECK(code_words(page) ==
        std::set<std::string>{"$h", "1", "b", "d", "e", "f", "i-j", "json", "x"});
  REQUIRE(fenced_blocks(page).size() == 1);
  CHECK(fenced_blocks(page)[0].info == "json x");
  CHECK(fenced_blocks(page)[0].line == 4);
  CHECK(literals_of("f(\"a\", 'b', \"c \\\" d\"); // \"e\"\n g(\"h\"\n  \"i\");") ==
        std::vector<std::string>{"a", "c \" d", "hi"});
}

}  // namespace
}  // namespace augur::docs
