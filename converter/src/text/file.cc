// Reads whole files; see file.h.
#include "text/file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

#include "error.h"
#include "text/text.h"

namespace augur {
namespace {

constexpr size_t kChunk = size_t{1} << 20;

// C's stream, for its errno says why it does not open.
struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

}  // namespace

std::vector<uint8_t> read_file(const std::string& path, uint64_t most, const char* too_large) {
  std::error_code unknown;
  if (std::filesystem::is_directory(path, unknown)) throw Error(path + ": is a folder");
  const std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "rb"));
  if (!file) {
    const int reason = errno;  // before anything else can change it
    throw Error(path + ": cannot be opened for reading: " + std::strerror(reason));
  }
  const uint64_t size = std::filesystem::file_size(path, unknown);
  if (!unknown && size > most) throw Error(path + ": " + bytes_text(size) + too_large);
  std::vector<uint8_t> bytes;
  size_t count = 0;
  do {
    const size_t before = bytes.size();
    bytes.resize(before + kChunk);
    count = std::fread(bytes.data() + before, 1, kChunk, file.get());
    bytes.resize(before + count);
    if (bytes.size() > most) throw Error(path + ": " + bytes_text(bytes.size()) + too_large);
  } while (count == kChunk);
  if (std::ferror(file.get()) != 0) throw Error(path + ": cannot be read");
  return bytes;
}

}  // namespace augur
