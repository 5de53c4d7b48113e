// Random access to the bytes of a file or of a buffer, and streams of them. Files are read on
// demand (pread) and not mapped: a mapped file that shrinks while it is read kills the process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace augur::checkpoint {

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;

  // For messages: the path as given, or what the buffer was called.
  const std::string& name() const { return name_; }
  // Bytes in all; fixed when opened.
  uint64_t size() const { return size_; }

  // Exactly the bytes [offset, offset+size), which must lie inside. Error if the file has become
  // shorter.
  void read(uint64_t offset, void* out, size_t size) const;

  // The same as a vector. Checks the range before it allocates.
  std::vector<uint8_t> read(uint64_t offset, uint64_t size) const;

 protected:
  ByteSource(std::string name, uint64_t size);
  virtual void do_read(uint64_t offset, void* out, size_t size) const = 0;

 private:
  void require_range(uint64_t offset, uint64_t size) const;

  std::string name_;
  uint64_t size_;
};

// Opens a regular file. Error if it is absent, not readable, a directory or a device.
std::unique_ptr<ByteSource> open_file(const std::filesystem::path& path);

// A view of bytes in memory, which must outlive it. `name` is what messages call it.
std::unique_ptr<ByteSource> view_bytes(const void* data, size_t size, std::string name);

// Bytes of one tensor, front to back.
class RawStream {
 public:
  virtual ~RawStream() = default;
  // Exactly the next `size` bytes, or an Error.
  virtual void read(void* out, size_t size) = 0;
  // To be called after the last byte: verifies what can be verified (length, checksum).
  virtual void finish() {}
};

// The bytes [offset, offset+size) of `source` (which must outlive the stream) as a stream.
std::unique_ptr<RawStream> stream_range(const ByteSource& source, uint64_t offset, uint64_t size);

}  // namespace augur::checkpoint
