// POSIX files and mmap; every failure has a message of its own.
#include "memory/mapping.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace augur {

namespace {

// Files may be larger than 2 GiB on every platform (toolchains/modules/AugurCompile.cmake).
static_assert(sizeof(off_t) == 8, "off_t must have 64 bits");

augur_status refused(const char* action, const char* name, int reason, Fault& error) {
  augur_status status = AUGUR_IO_ERROR;
  if (reason == ENOMEM) status = AUGUR_OUT_OF_MEMORY;
  if (reason == ENOENT || reason == ENOTDIR) status = AUGUR_NOT_FOUND;
  return error.fail(status, "cannot %s the file '%s': %s", action, name, std::strerror(reason));
}

augur_status too_large(const char* name, Fault& error) {
  return error.fail(AUGUR_IO_ERROR, "the file '%s' is too large for this process", name);
}

}  // namespace

FilePart::~FilePart() {
  if (own_) ::close(fd_);
}

augur_status FilePart::open(const char* path, Fault& error) {
  const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return refused("open", path, errno, error);
  own_ = true;
  fd_ = fd;
  return check(fd, 0, 0, path, error);
}

augur_status FilePart::check(int fd, std::uint64_t offset, std::uint64_t length, const char* name,
                             Fault& error) {
  fd_ = fd;
  offset_ = offset;
  name_ = name;
  struct stat info;
  if (fstat(fd, &info) != 0) return refused("read", name, errno, error);
  if (!S_ISREG(info.st_mode)) {
    return error.fail(AUGUR_IO_ERROR, "the file '%s' is not a regular file", name);
  }
  const auto file_bytes = static_cast<std::uint64_t>(info.st_size);
  if (offset > file_bytes || length > file_bytes - offset) {
    return error.fail(
        AUGUR_IO_ERROR, "the file '%s' has %llu bytes; %llu at offset %llu were asked for", name,
        static_cast<unsigned long long>(file_bytes), static_cast<unsigned long long>(length),
        static_cast<unsigned long long>(offset));
  }
  if (length == 0) length = file_bytes - offset;
  if (length == 0) return error.fail(AUGUR_BAD_MODEL, "the file '%s' is empty", name);
  size_ = static_cast<std::size_t>(length);
  if (size_ != length) return too_large(name, error);
  return AUGUR_OK;
}

augur_status FilePart::read(void* to, Fault& error) const {
  std::size_t done = 0;
  while (done < size_) {
    const ssize_t count =
        pread(fd_, static_cast<char*>(to) + done, size_ - done, static_cast<off_t>(offset_ + done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return refused("read", name_, errno, error);
    if (count == 0) {
      return error.fail(AUGUR_IO_ERROR, "the file '%s' became shorter while it was read", name_);
    }
    done += static_cast<std::size_t>(count);
  }
  return AUGUR_OK;
}

Mapping::~Mapping() {
  if (mapped_ != nullptr) munmap(mapped_, mapped_bytes_);
}

Mapping& Mapping::operator=(Mapping&& other) noexcept {
  std::swap(mapped_, other.mapped_);
  std::swap(mapped_bytes_, other.mapped_bytes_);
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

augur_status Mapping::map(const FilePart& file, Fault& error) {
  const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  const std::uint64_t before = file.offset() % page;
  if (file.size() > SIZE_MAX - before) return too_large(file.name(), error);
  const auto bytes = static_cast<std::size_t>(file.size() + before);
  void* mapped = mmap(nullptr, bytes, PROT_READ, MAP_PRIVATE, file.fd(),
                      static_cast<off_t>(file.offset() - before));
  if (mapped == MAP_FAILED) return refused("map", file.name(), errno, error);
  madvise(mapped, bytes, MADV_RANDOM);
  *this = Mapping();
  mapped_ = mapped;
  mapped_bytes_ = bytes;
  data_ = static_cast<const char*>(mapped) + before;
  size_ = file.size();
  return AUGUR_OK;
}

void Mapping::prefetch_around(const void* begin, const void* end) const {
  if (mapped_ == nullptr) return;
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  auto* const first = static_cast<char*>(mapped_);
  const auto page_of = [&](const void* byte) {
    return static_cast<std::size_t>(static_cast<const char*>(byte) - first) / page * page;
  };
  const std::size_t before = page_of(begin) + page;
  madvise(first, before < mapped_bytes_ ? before : mapped_bytes_, MADV_WILLNEED);
  const std::size_t after = page_of(end);
  if (after < mapped_bytes_) madvise(first + after, mapped_bytes_ - after, MADV_WILLNEED);
}

void Mapping::read_all() const {
  if (mapped_ == nullptr) return;
  madvise(mapped_, mapped_bytes_, MADV_WILLNEED);
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  const auto* bytes = static_cast<const volatile unsigned char*>(mapped_);
  for (std::size_t i = 0; i < mapped_bytes_; i += page)
    static_cast<void>(bytes[i]);
}

}  // namespace augur
