// A file's bytes: read into memory, or a read-only view, mapped so that only touched pages are
// resident.
#pragma once

#include <cstddef>
#include <cstdint>

#include "common/error.h"

namespace augur {

// A part of an open file. The file has been checked to be long enough.
class FilePart {
 public:
  FilePart() = default;
  ~FilePart();
  FilePart(const FilePart&) = delete;
  FilePart& operator=(const FilePart&) = delete;

  // Opens the whole file; this object closes it. `path` must live as long as this object.
  augur_status open(const char* path, Fault& error);
  // Takes `length` bytes (0: up to the end) at `offset` of a descriptor that stays the caller's.
  // `name` is for messages and must live as long as this object.
  augur_status check(int fd, std::uint64_t offset, std::uint64_t length, const char* name,
                     Fault& error);

  int fd() const { return fd_; }
  std::uint64_t offset() const { return offset_; }
  std::size_t size() const { return size_; }
  const char* name() const { return name_; }

  // Reads all of it into to[size()].
  augur_status read(void* to, Fault& error) const;

 private:
  int fd_ = -1;
  bool own_ = false;
  std::uint64_t offset_ = 0;
  std::size_t size_ = 0;
  const char* name_ = "";
};

class Mapping {
 public:
  Mapping() = default;
  ~Mapping();
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  Mapping(Mapping&& other) noexcept { *this = static_cast<Mapping&&>(other); }
  Mapping& operator=(Mapping&& other) noexcept;

  augur_status map(const FilePart& file, Fault& error);

  const void* data() const { return data_; }
  std::size_t size() const { return size_; }

  // Asks the system to read everything outside [begin, end) now. Inside are tables, of which
  // few rows are used, in no particular order, so each of their pages is read when it is touched.
  void prefetch_around(const void* begin, const void* end) const;
  // Reads and maps all of it now, so that no later read waits for a page.
  void read_all() const;

 private:
  void* mapped_ = nullptr;  // begins at a page boundary
  std::size_t mapped_bytes_ = 0;
  const void* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace augur
