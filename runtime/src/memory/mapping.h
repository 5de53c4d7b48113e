// A read-only view of a file's bytes, mapped so that only touched pages are resident.
#pragma once

#include <cstddef>
#include <cstdint>

#include "common/error.h"

namespace augur {

class Mapping {
 public:
  Mapping() = default;
  ~Mapping();
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  Mapping(Mapping&& other) noexcept { *this = static_cast<Mapping&&>(other); }
  Mapping& operator=(Mapping&& other) noexcept;

  augur_status open(const char* path, Fault& error);
  // `length` bytes at `offset`, any alignment; 0: to the end. `name` is for messages.
  augur_status map(int fd, std::uint64_t offset, std::uint64_t length, const char* name,
                   Fault& error);

  const void* data() const { return data_; }
  std::size_t size() const { return size_; }

  // Has the system read all but [begin, end) now. Other pages are read when they are touched, each
  // alone, for tables are read here and there.
  void prefetch_around(const void* begin, const void* end) const;
  // Reads and maps all of it now, so that no later read waits for a page.
  void read_all() const;

 private:
  void* mapped_ = nullptr;  // begins at a page
  std::size_t mapped_bytes_ = 0;
  const void* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace augur
