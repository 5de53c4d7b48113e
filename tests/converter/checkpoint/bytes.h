// Building files byte by byte, and looking at the errors that they cause.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "checkpoint/byte_source.h"
#include "checkpoint/checkpoint.h"
#include "error.h"

namespace augur::checkpoint::test {

using Bytes = std::vector<uint8_t>;

// Appends the low `width` bytes of `value`.
inline void put(Bytes* out, uint64_t value, unsigned width, bool big_endian = false) {
  for (unsigned i = 0; i < width; ++i) {
    const unsigned shift = 8 * (big_endian ? width - 1 - i : i);
    out->push_back(static_cast<uint8_t>((value >> shift) & 0xff));
  }
}

inline void put(Bytes* out, std::string_view text) {
  for (const char c : text)
    out->push_back(static_cast<uint8_t>(c));
}

inline void put(Bytes* out, const Bytes& bytes) {
  out->insert(out->end(), bytes.begin(), bytes.end());
}

// Overwrites bytes that are there.
inline void patch(Bytes* out, size_t at, uint64_t value, unsigned width) {
  for (unsigned i = 0; i < width; ++i) {
    out->at(at + i) = static_cast<uint8_t>((value >> (8 * i)) & 0xff);
  }
}

// The bits of numbers, one after another.
template <typename T>
Bytes bytes_of(const std::vector<T>& values, bool big_endian = false) {
  Bytes out;
  for (const T value : values) {
    uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof value);  // the tests run on little-endian machines
    put(&out, bits, sizeof value, big_endian);
  }
  return out;
}

// Where a text first occurs in a file.
inline size_t find(const Bytes& bytes, std::string_view text, size_t from = 0) {
  const std::string_view all(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return all.find(text, from);
}

inline std::unique_ptr<ByteSource> view(const Bytes& bytes, const std::string& name = "test file") {
  return view_bytes(bytes.data(), bytes.size(), name);
}

// The message of the augur::Error that `action` throws; "" if it throws none. Anything else passes.
template <typename Action>
std::string error_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

inline bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// Reads everything that can be read. For damaged files, in builds with sanitizers.
inline void read_all(const Checkpoint& checkpoint) {
  for (const TensorInfo& tensor : checkpoint.tensors()) {
    try {
      checkpoint.read(tensor);
    } catch (const Error&) {
    }
  }
}

// A temporary folder; the destructor removes it.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    static int made = 0;
    path_ = std::filesystem::temp_directory_path() /
            ("augur-checkpoint-test-" + std::to_string(::getpid()) + "-" + std::to_string(++made));
    std::filesystem::create_directories(path_);
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }

  std::filesystem::path write(const std::string& name, const Bytes& bytes) const {
    std::ofstream out(path_ / name, std::ios::binary);
    out.write(reinterpret_cast<const char*>(bytes.data()),
              static_cast<std::streamsize>(bytes.size()));
    return path_ / name;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace augur::checkpoint::test

// Whether `action` throws an augur::Error whose message has `part` in it.
#define CHECK_REFUSED(action, part)                                            \
  do {                                                                         \
    const std::string message_ =                                               \
        augur::checkpoint::test::error_of([&] { static_cast<void>(action); }); \
    CAPTURE(message_);                                                         \
    CHECK(augur::checkpoint::test::contains(message_, part));                  \
  } while (false)
