// Files that are there whole or not at all, one by one or all those of a run together.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace augur {

// What a name may stand for, besides a regular file or nothing yet.
enum class OutputTo {
  kFile,     // nothing else: a pipe, a device, the standard output are errors
  kAnything  // a pipe or a device is written directly, and never replaced
};

// Writes into a new file beside the path, which finish() renames over it; without finish() nothing
// is left behind, also when a signal ends the process (SIGINT, SIGTERM, SIGHUP). Of a symbolic link
// the target is replaced. Every function throws Error: what failed, and why.
class OutputFile {
 public:
  // With kAnything, an empty path is the standard output.
  explicit OutputFile(const std::string& path, OutputTo to = OutputTo::kAnything);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&&) = delete;

  void write(std::string_view text);
  // What was written so far reaches the reader of a pipe or of the standard output.
  void flush();
  // Puts the file into its place.
  void finish();

 private:
  friend void finish_together(std::vector<OutputFile>& files);

  void open_new();
  void sync();     // its bytes are on the disk
  void replace();  // renames it over the path
  void close();
  void keep_old();  // what stands at the path gets a second name
  // Undoes keep_old() and replace(). Where what stood there cannot be put back it stays under its
  // second name, and the end of a sentence that says so is returned; else "".
  std::string restore_old();
  void drop_old();  // the second name goes
  [[noreturn]] void fail(const char* what) const;

  std::string path_;
  std::string new_path_;  // empty: written directly, or in its place
  std::string old_path_;  // the second name of what stood there
  std::FILE* file_ = nullptr;
};

// Puts the files of one run into their places in this order: the last is the commit point. Any
// failure before it gives every path back what stood there; the error names what could not be.
// Signals that end the process wait.
void finish_together(std::vector<OutputFile>& files);

// Throws Error if OutputFile(name, OutputTo::kFile) is bound to fail. For asking before the long
// work, not after it.
void check_writable(const std::string& name);

// The files beside `name` that a run left which was killed: a new file that never came into its
// place, or an old one that was being replaced. Those of a run that is still at work do not count.
std::vector<std::string> left_behind(const std::string& name);

}  // namespace augur
