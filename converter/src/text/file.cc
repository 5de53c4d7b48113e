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

// C's stream: errno says why a file cannot be opened.
struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

bool is_same_file(const std::string& a, const std::string& b) {
  std::error_code failed;
  if (std::filesystem::equivalent(a, b, failed)) return true;
  const auto whole_a = std::filesystem::weakly_canonical(a, failed);
  if (failed) return a == b;
  const auto whole_b = std::filesystem::weakly_canonical(b, failed);
  return failed ? a == b : whole_a == whole_b;
}

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

void require_distinct(const std::vector<NamedFile>& inputs, const std::vector<NamedFile>& outputs) {
  const auto check = [](const NamedFile& output, const NamedFile& other) {
    std::error_code ignored;
    const bool special = std::filesystem::exists(output.path, ignored) &&
                         !std::filesystem::is_regular_file(output.path, ignored);
    if (output.path.empty() || other.path.empty() || special) return;
    if (!is_same_file(output.path, other.path)) return;
    throw Error(output.flag + ": " + output.path + " is " + other.flag +
                " too, and would be lost; choose another name");
  };
  for (size_t i = 0; i < outputs.size(); ++i) {
    for (const NamedFile& input : inputs)
      check(outputs[i], input);
    for (size_t j = 0; j < i; ++j)
      check(outputs[i], outputs[j]);
  }
}

}  // namespace augur
