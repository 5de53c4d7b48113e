// Files that are there whole or not at all, one by one or all those of a run together.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace augur {

// What an output's path may name, besides a regular file or a file that does not exist yet.
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
  // Passes what was written so far on to the reader of a pipe or of the standard output.
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
  // Undoes keep_old() and replace(). If the old file cannot be put back, it keeps its second name,
  // and the end of a sentence that says so is returned; otherwise "".
  std::string restore_old();
  void drop_old();  // the second name goes
  [[noreturn]] void fail(const char* what) const;

  std::string path_;
  std::string new_path_;  // empty: written directly, or in its place
  std::string old_path_;  // the second name of what stood there
  std::FILE* file_ = nullptr;
};

// Renames the files of one run over their paths, in this order. If one of the renames fails, every
// path gets back the file that was there before, and the error names those for which that failed
// too. Signals that would end the process are held back until all is done.
void finish_together(std::vector<OutputFile>& files);

// Throws Error if OutputFile(name, OutputTo::kFile) would fail. So a command can check its outputs
// before its long work.
void check_writable(const std::string& name);

// The files beside `name` that a killed run has left: new files that were not renamed yet, and old
// files that were being replaced. Files of a run that is still working are not listed.
std::vector<std::string> left_behind(const std::string& name);

}  // namespace augur
