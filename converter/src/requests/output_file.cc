// A file that is written piece by piece; see output_file.h.
#include "requests/output_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "error.h"

namespace augur::requests {

OutputFile::OutputFile(const std::string& path) : path_(path) {
  if (path.empty()) {
    path_ = "standard output";
    file_ = stdout;
    return;
  }
  std::error_code code;
  if (std::filesystem::is_symlink(path, code)) {
    // The file that the link points to is replaced, not the link.
    const std::filesystem::path target = std::filesystem::weakly_canonical(path, code);
    if (!code) path_ = target.string();
  }
  const std::filesystem::file_status status = std::filesystem::status(path_, code);
  if (std::filesystem::is_directory(status)) throw Error(path_ + ": is a folder, not a file");
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
    file_ = std::fopen(path_.c_str(), "we");
    if (file_ == nullptr) fail("cannot be opened for writing");
    return;
  }
  open_new();
}

OutputFile::~OutputFile() {
  if (file_ != nullptr && file_ != stdout) std::fclose(file_);
  if (!new_path_.empty()) unlink(new_path_.c_str());
}

void OutputFile::open_new() {
  std::string name = path_ + ".new-XXXXXX";
  const int descriptor = mkstemp(name.data());
  if (descriptor < 0) fail("a new file cannot be made beside it");
  new_path_ = name;
  // mkstemp makes files for the owner alone; answers are made like any other file.
  const mode_t mask = umask(0);
  umask(mask);
  fchmod(descriptor, 0666 & ~mask);
  file_ = fdopen(descriptor, "w");
  if (file_ == nullptr) {
    close(descriptor);
    fail("cannot be opened for writing");
  }
}

void OutputFile::write(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), file_) != text.size()) fail("cannot be written");
}

void OutputFile::flush() {
  if (std::fflush(file_) != 0) fail("cannot be written");
}

void OutputFile::finish() {
  flush();
  if (file_ == stdout) return;
  if (!new_path_.empty() && fsync(fileno(file_)) != 0) fail("cannot be flushed to the disk");
  std::FILE* closing = file_;
  file_ = nullptr;
  if (std::fclose(closing) != 0) fail("cannot be written");
  if (new_path_.empty()) return;
  if (std::rename(new_path_.c_str(), path_.c_str()) != 0) fail("cannot be put into its place");
  new_path_.clear();
}

void OutputFile::fail(const char* what) const {
  throw Error(path_ + ": " + what + ": " + std::strerror(errno));
}

}  // namespace augur::requests
