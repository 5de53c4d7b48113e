// A file that is written piece by piece and yet is there whole or not at all.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

namespace augur::requests {

// Writes into a new file beside `path`, which finish() renames over it; without finish() nothing is
// left behind. An empty path is the standard output. What is not a regular file (a pipe, a device)
// is written directly. Every function throws Error: what failed, and why.
class OutputFile {
 public:
  explicit OutputFile(const std::string& path);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  void write(std::string_view text);
  // What was written so far reaches the reader of a pipe or of the standard output.
  void flush();
  void finish();

 private:
  void open_new();
  [[noreturn]] void fail(const char* what) const;

  std::string path_;
  std::string new_path_;  // empty: written directly
  std::FILE* file_ = nullptr;
};

}  // namespace augur::requests
