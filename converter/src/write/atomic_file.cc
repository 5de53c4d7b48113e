// Writes a file so that it is either there whole or not at all; see atomic_file.h.
#include "write/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <vector>

#include "error.h"

namespace augur::convert {
namespace {

std::string folder_of(const std::string& path) {
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  return parent.empty() ? "." : parent.string();
}

[[noreturn]] void fail(const std::string& path, const std::string& what, int code) {
  throw Error(path + ": " + what + ": " + std::strerror(code));
}

// An open file that is removed again unless it is kept.
class NewFile {
 public:
  explicit NewFile(const std::string& path) : target_(path) {
    const std::string pattern = path + ".new-XXXXXX";
    name_.assign(pattern.begin(), pattern.end());
    name_.push_back('\0');
    descriptor_ = mkstemp(name_.data());
    if (descriptor_ < 0) {
      fail(path, "a new file cannot be made in " + folder_of(path), errno);
    }
  }
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  ~NewFile() {
    if (descriptor_ >= 0) close(descriptor_);
    if (!kept_) unlink(name_.data());
  }

  void write(const void* data, size_t bytes) {
    const auto* at = static_cast<const uint8_t*>(data);
    while (bytes > 0) {
      const ssize_t written = ::write(descriptor_, at, bytes);
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) fail(target_, "cannot be written", errno);
      at += written;
      bytes -= static_cast<size_t>(written);
    }
  }

  void keep() {
    // mkstemp makes files for the owner alone; a model is made like any other file.
    const mode_t mask = umask(0);
    umask(mask);
    if (fchmod(descriptor_, 0666 & ~mask) != 0) fail(target_, "its mode cannot be set", errno);
    if (fsync(descriptor_) != 0) fail(target_, "cannot be flushed to the disk", errno);
    const int closed = close(descriptor_);
    descriptor_ = -1;
    if (closed != 0) fail(target_, "cannot be written", errno);
    if (std::rename(name_.data(), target_.c_str()) != 0) {
      fail(target_, "cannot be put into its place", errno);
    }
    kept_ = true;
  }

 private:
  std::string target_;
  std::vector<char> name_;
  int descriptor_ = -1;
  bool kept_ = false;
};

}  // namespace

void check_writable(const std::string& path) {
  std::error_code ignored;
  if (path.empty()) throw Error("the output's file name is empty");
  if (std::filesystem::is_directory(path, ignored)) throw Error(path + ": is a folder, not a file");
  const std::string folder = folder_of(path);
  if (!std::filesystem::exists(folder, ignored)) {
    throw Error(path + ": the folder " + folder + " does not exist");
  }
  if (!std::filesystem::is_directory(folder, ignored)) {
    throw Error(path + ": " + folder + " is not a folder");
  }
  if (access(folder.c_str(), W_OK | X_OK) != 0) {
    fail(path, "the folder " + folder + " cannot be written to", errno);
  }
}

void write_file_atomically(const std::string& path, const void* data, size_t bytes) {
  check_writable(path);
  NewFile file(path);
  file.write(data, bytes);
  file.keep();
  // The rename itself lasts once the folder is on the disk; a file system that cannot do it is no
  // reason to fail.
  const int folder = open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder >= 0) {
    fsync(folder);
    close(folder);
  }
}

}  // namespace augur::convert
