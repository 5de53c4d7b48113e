// Reads a text file line by line, so that files of any size are read in little memory.
#pragma once

#include <cstddef>
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
  // valid until the next call. Throws Error if the file cannot be read, or if a line is
  // longer than 64 MiB.
  bool next(std::string_view& line);

  // Where the last line stands: "requests.jsonl:12".
  std::string where() const;
  const std::string& name() const { return name_; }

 private:
  // Reads more behind the line that is begun; false at the end of the file.
  bool fill();

  std::string name_;
  int file_;
  std::string buffer_;  // read, and from begin_ on not yet handed out
  size_t begin_ = 0;
  size_t number_ = 0;
};

}  // namespace augur::requests
