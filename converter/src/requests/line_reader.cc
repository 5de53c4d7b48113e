// Reads a text file line by line; see line_reader.h.
#include "requests/line_reader.h"

#include <sys/stat.h>
#include <sys/types.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "error.h"

namespace augur::requests {

LineReader::LineReader(const std::string& path)
    : name_(path == "-" ? "standard input" : path),
      file_(path == "-" ? stdin : std::fopen(path.c_str(), "re")) {
  if (file_ == nullptr) throw Error(name_ + ": cannot be opened: " + std::strerror(errno));
  struct stat status;
  if (fstat(fileno(file_), &status) == 0 && S_ISDIR(status.st_mode)) {
    if (file_ != stdin) std::fclose(file_);
    throw Error(name_ + ": is a folder, not a file of JSON lines");
  }
}

LineReader::~LineReader() {
  std::free(buffer_);
  if (file_ != stdin) std::fclose(file_);
}

bool LineReader::next(std::string_view& line) {
  for (;;) {
    errno = 0;
    const ssize_t length = getline(&buffer_, &capacity_, file_);
    if (length < 0) {
      if (std::feof(file_) && !std::ferror(file_)) return false;
      throw Error(name_ + ": cannot be read after line " + std::to_string(number_) + ": " +
                  std::strerror(errno));
    }
    ++number_;
    line = std::string_view(buffer_, static_cast<size_t>(length));
    const size_t end = line.find_last_not_of(" \t\r\n");
    if (end == std::string_view::npos) continue;
    line = line.substr(0, end + 1);
    return true;
  }
}

std::string LineReader::where() const {
  return name_ + ":" + std::to_string(number_);
}

}  // namespace augur::requests
