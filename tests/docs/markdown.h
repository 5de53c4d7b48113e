// The fenced blocks and the code words of a Markdown page.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

namespace augur::docs {

// Where the pages and the sources stand, seen from the folder that the tests run in.
inline const std::string kRoot = "../../";

std::string read_text(const std::string& path);

struct Block {
  std::string info;  // what stands after the fence: "json description"
  std::string text;
  std::size_t line = 0;  // of the opening fence, from 1
};

std::vector<Block> fenced_blocks(const std::string& page);

// The words inside code: fenced and indented blocks, and `spans`. A word is a run of letters,
// digits and the characters _ * - $.
std::set<std::string> code_words(const std::string& page);

// The words of a text, as above.
std::set<std::string> words_of(const std::string& text);

}  // namespace augur::docs
