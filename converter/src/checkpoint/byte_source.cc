// Files through pread, buffers through memcpy, and ranges of either as streams.
#include "checkpoint/byte_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <utility>

#include "error.h"

namespace augur::checkpoint {
namespace {

class FileSource final : public ByteSource {
 public:
  FileSource(std::string name, uint64_t size, int descriptor)
      : ByteSource(std::move(name), size), descriptor_(descriptor) {}
  ~FileSource() override { ::close(descriptor_); }

 private:
  void do_read(uint64_t offset, void* out, size_t size) const override {
    auto* to = static_cast<uint8_t*>(out);
    while (size > 0) {
      const size_t part = std::min<size_t>(size, size_t{1} << 30);
      const ssize_t got = ::pread(descriptor_, to, part, static_cast<off_t>(offset));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) throw Error(name() + ": reading failed: " + std::strerror(errno));
      if (got == 0) throw Error(name() + ": the file became shorter while it was read");
      to += got;
      offset += static_cast<uint64_t>(got);
      size -= static_cast<size_t>(got);
    }
  }

  int descriptor_;
};

class MemorySource final : public ByteSource {
 public:
  MemorySource(const void* data, size_t size, std::string name)
      : ByteSource(std::move(name), size), data_(static_cast<const uint8_t*>(data)) {}

 private:
  void do_read(uint64_t offset, void* out, size_t size) const override {
    if (size > 0) std::memcpy(out, data_ + offset, size);
  }

  const uint8_t* data_;
};

class RangeStream final : public RawStream {
 public:
  RangeStream(const ByteSource& source, uint64_t offset, uint64_t size)
      : source_(source), next_(offset), left_(size) {}

  void read(void* out, size_t size) override {
    if (size > left_) throw Error(source_.name() + ": a tensor's data ends too early");
    source_.read(next_, out, size);
    next_ += size;
    left_ -= size;
  }

  void finish() override {
    if (left_ != 0) throw Error(source_.name() + ": a tensor's data is longer than its shape");
  }

 private:
  const ByteSource& source_;
  uint64_t next_;
  uint64_t left_;
};

}  // namespace

ByteSource::ByteSource(std::string name, uint64_t size) : name_(std::move(name)), size_(size) {}

void ByteSource::require_range(uint64_t offset, uint64_t size) const {
  if (offset > size_ || size > size_ - offset) {
    throw Error(name_ + ": needs " + std::to_string(size) + " bytes at offset " +
                std::to_string(offset) + ", but the file has " + std::to_string(size_) +
                " bytes: it is truncated or damaged");
  }
}

void ByteSource::read(uint64_t offset, void* out, size_t size) const {
  require_range(offset, size);
  do_read(offset, out, size);
}

std::vector<uint8_t> ByteSource::read(uint64_t offset, uint64_t size) const {
  require_range(offset, size);
  if (size > std::numeric_limits<size_t>::max()) {
    throw Error(name_ + ": too large for this machine's memory");
  }
  std::vector<uint8_t> out(static_cast<size_t>(size));
  do_read(offset, out.data(), out.size());
  return out;
}

std::unique_ptr<ByteSource> open_file(const std::filesystem::path& path) {
  const std::string name = path.string();
  // Not blocking, so that a FIFO in place of a file is refused instead of waited for.
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) throw Error(name + ": cannot be opened: " + std::strerror(errno));
  struct stat status = {};
  const bool known = ::fstat(descriptor, &status) == 0;
  if (!known || !S_ISREG(status.st_mode)) {
    ::close(descriptor);
    throw Error(name + (known && S_ISDIR(status.st_mode) ? ": is a directory, expected a file"
                                                         : ": is not a regular file"));
  }
  return std::make_unique<FileSource>(name, static_cast<uint64_t>(status.st_size), descriptor);
}

std::unique_ptr<ByteSource> view_bytes(const void* data, size_t size, std::string name) {
  return std::make_unique<MemorySource>(data, size, std::move(name));
}

std::unique_ptr<RawStream> stream_range(const ByteSource& source, uint64_t offset, uint64_t size) {
  return std::make_unique<RangeStream>(source, offset, size);
}

}  // namespace augur::checkpoint
