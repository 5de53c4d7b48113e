// Reads a text file line by line, so that files of any size are read in little memory.
#pragma once

#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>

namespace augur::requests {

class LineReader {
 public:
  // "-" is the standard input. Throws Error if the file cannot be opened.
  explicit LineReader(const std::string& path);
  ~LineReader();
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;

  // The next line that is not blank, without its end; false at the end of the file. The line is
  // valid until the next call. Throws Error if the file cannot be read.
  bool next(std::string_view& line);

  // Where the last line stands: "requests.jsonl:12".
  std::string where() const;
  const std::string& name() const { return name_; }

 private:
  std::string name_;
  std::FILE* file_;
  char* buffer_ = nullptr;
  size_t capacity_ = 0;
  size_t number_ = 0;
};

}  // namespace augur::requests
