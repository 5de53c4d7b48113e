// The fenced blocks and the code words of a Markdown page; see markdown.h.
#include "markdown.h"

#include <cctype>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace augur::docs {
namespace {

constexpr const char* kFence = "```";

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '*' || c == '-' ||
         c == '$';
}

bool begins_with(const std::string& text, const std::string& start) {
  return text.compare(0, start.size(), start) == 0;
}

// The text between pairs of backquotes.
std::string spans_of(const std::string& line) {
  std::string spans;
  bool inside = false;
  for (const char c : line) {
    if (c == '`') inside = !inside;
    spans += inside && c != '`' ? c : ' ';
  }
  return spans;
}

}  // namespace

std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error(path + ": cannot be read");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<Block> fenced_blocks(const std::string& page) {
  std::vector<Block> blocks;
  std::istringstream lines(page);
  std::string line;
  bool inside = false;
  for (std::size_t number = 1; std::getline(lines, line); ++number) {
    if (begins_with(line, kFence)) {
      inside = !inside;
      if (inside) blocks.push_back({line.substr(std::string(kFence).size()), "", number});
    } else if (inside) {
      blocks.back().text += line + "\n";
    }
  }
  if (inside) throw std::runtime_error("a fenced block is not closed");
  return blocks;
}

std::set<std::string> words_of(const std::string& text) {
  std::set<std::string> words;
  std::string word;
  for (const char c : text + " ") {
    if (is_word(c)) {
      word += c;
    } else if (!word.empty()) {
      words.insert(word);
      word.clear();
    }
  }
  return words;
}

std::set<std::string> code_words(const std::string& page) {
  std::string code;
  std::istringstream lines(page);
  std::string line;
  bool inside = false;
  while (std::getline(lines, line)) {
    if (begins_with(line, kFence)) inside = !inside;
    const bool whole = inside || begins_with(line, "    ");
    code += (whole ? line : spans_of(line)) + "\n";
  }
  return words_of(code);
}

}  // namespace augur::docs
