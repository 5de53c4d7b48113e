// A file in the folder for temporary ones, removed at the end.
#pragma once

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace augur::testing {

class TempFile {
 public:
  explicit TempFile(const std::vector<std::uint8_t>& bytes) {
    const char* folder = std::getenv("TMPDIR");
    path_ = std::string(folder == nullptr ? "/tmp" : folder) + "/augur-test-XXXXXX";
    fd_ = mkstemp(path_.data());
    REQUIRE(fd_ >= 0);
    std::size_t written = 0;
    while (written < bytes.size()) {
      const ssize_t count = write(fd_, bytes.data() + written, bytes.size() - written);
      REQUIRE(count > 0);
      written += static_cast<std::size_t>(count);
    }
  }
  ~TempFile() {
    close(fd_);
    std::remove(path_.c_str());
  }
  TempFile(const TempFile&) = delete;
  TempFile& operator=(const TempFile&) = delete;

  const char* path() const { return path_.c_str(); }
  int fd() const { return fd_; }

 private:
  std::string path_;
  int fd_ = -1;
};

}  // namespace augur::testing
