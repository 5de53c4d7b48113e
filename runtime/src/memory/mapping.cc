// Mapping: POSIX mmap with every way of failing named.
#include "memory/mapping.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace augur {

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

augur_status Mapping::open(const char* path, Fault& error) {
  const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    const int reason = errno;
    return error.fail(reason == ENOENT || reason == ENOTDIR ? AUGUR_NOT_FOUND : AUGUR_IO_ERROR,
                      "cannot open the file '%s': %s", path, std::strerror(reason));
  }
  const augur_status status = map(fd, 0, 0, path, error);
  ::close(fd);
  return status;
}

augur_status Mapping::map(int fd, std::uint64_t offset, std::uint64_t length, const char* name,
                          Fault& error) {
  struct stat info;
  if (fstat(fd, &info) != 0) {
    return error.fail(AUGUR_IO_ERROR, "cannot read the file '%s': %s", name, std::strerror(errno));
  }
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

  const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  const std::uint64_t before = offset % page;
  if (length > SIZE_MAX - before) {
    return error.fail(AUGUR_IO_ERROR, "the file '%s' is too large for this process", name);
  }
  const auto bytes = static_cast<std::size_t>(length + before);
  void* mapped =
      mmap(nullptr, bytes, PROT_READ, MAP_PRIVATE, fd, static_cast<off_t>(offset - before));
  if (mapped == MAP_FAILED) {
    return error.fail(AUGUR_IO_ERROR, "cannot map the file '%s': %s", name, std::strerror(errno));
  }
  madvise(mapped, bytes, MADV_RANDOM);
  *this = Mapping();
  mapped_ = mapped;
  mapped_bytes_ = bytes;
  data_ = static_cast<const char*>(mapped) + before;
  size_ = static_cast<std::size_t>(length);
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
