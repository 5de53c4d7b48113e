// Reads a text file line by line; see line_reader.h.
#include "requests/line_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "error.h"

namespace augur::requests {
namespace {

constexpr size_t kChunk = size_t{1} << 16;
constexpr size_t kLongestLine = size_t{64} << 20;

}  // namespace

LineReader::LineReader(const std::string& path)
    : name_(path == "-" ? "standard input" : path),
      file_(path == "-" ? STDIN_FILENO : open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
  if (file_ < 0) throw Error(name_ + ": cannot be opened: " + std::strerror(errno));
  struct stat status;
  if (fstat(file_, &status) == 0 && S_ISDIR(status.st_mode)) {
    if (file_ != STDIN_FILENO) close(file_);
    throw Error(name_ + ": is a folder, not a file of JSON lines");
  }
}

LineReader::~LineReader() {
  if (file_ != STDIN_FILENO) close(file_);
}

bool LineReader::fill() {
  buffer_.erase(0, begin_);
  begin_ = 0;
  if (buffer_.size() > kLongestLine) {
    throw Error(name_ + ":" + std::to_string(number_ + 1) + ": the line is longer than " +
                std::to_string(kLongestLine >> 20) + " MiB; expected a line of JSON a request");
  }
  const size_t before = buffer_.size();
  buffer_.resize(before + kChunk);
  ssize_t count = 0;
  do {
    count = read(file_, &buffer_[before], kChunk);
  } while (count < 0 && errno == EINTR);
  buffer_.resize(before + static_cast<size_t>(count > 0 ? count : 0));
  if (count >= 0) return count > 0;
  throw Error(name_ + ": cannot be read after line " + std::to_string(number_) + ": " +
              std::strerror(errno));
}

bool LineReader::next(std::string_view& line) {
  for (;;) {
    size_t searched = begin_;
    size_t end = 0;
    while ((end = buffer_.find('\n', searched)) == std::string::npos) {
      searched = buffer_.size() - begin_;
      if (fill()) continue;
      if (buffer_.empty()) return false;
      end = buffer_.size();
      break;
    }
    ++number_;
    line = std::string_view(buffer_).substr(begin_, end - begin_);
    begin_ = std::min(end + 1, buffer_.size());
    const size_t last = line.find_last_not_of(" \t\r\n");
    if (last == std::string_view::npos) continue;
    line = line.substr(0, last + 1);
    return true;
  }
}

std::string LineReader::where() const {
  return name_ + ":" + std::to_string(number_);
}

}  // namespace augur::requests
