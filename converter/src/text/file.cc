// Reads whole files; see file.h.
#include "text/file.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "error.h"
#include "text/text.h"

namespace augur::convert {

std::vector<uint8_t> read_file(const std::string& path, uint64_t most, const char* too_large) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) throw Error(path + ": is a folder");
  errno = 0;
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) {
    throw Error(path + ": cannot be opened for reading" +
                (errno == 0 ? "" : std::string(": ") + std::strerror(errno)));
  }
  const std::streamoff size = file.tellg();
  if (size < 0) throw Error(path + ": cannot be read");
  if (static_cast<uint64_t>(size) > most) {
    throw Error(path + ": " + bytes_text(static_cast<uint64_t>(size)) + too_large);
  }
  std::vector<uint8_t> bytes(static_cast<size_t>(size));
  file.seekg(0);
  if (!bytes.empty() &&
      !file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size))) {
    throw Error(path + ": cannot be read");
  }
  return bytes;
}

}  // namespace augur::convert
