// Reads and fills structs of callers that were compiled with another version of the header.
#include "common/struct_size.h"

#include <cstring>

namespace augur {
namespace {

// No struct will ever grow by more than this, so a larger struct_size was not initialised.
constexpr std::size_t kLargestGrowth = 4096;

std::size_t size_of(const void* given) {
  std::size_t size = 0;
  std::memcpy(&size, given, sizeof(size));
  return size;
}

}  // namespace

augur_status read_struct_bytes(const void* given, const char* name, std::size_t first_bytes,
                               void* copy, std::size_t bytes, Fault& error) {
  const std::size_t size = size_of(given);
  if (size < first_bytes || size > bytes + kLargestGrowth) {
    return error.fail(AUGUR_INVALID_ARGUMENT,
                      "%s has struct_size %zu, expected %zu (its sizeof; at least %zu)", name, size,
                      bytes, first_bytes);
  }
  const auto* tail = static_cast<const unsigned char*>(given);
  for (std::size_t i = bytes; i < size; ++i) {
    if (tail[i] == 0) continue;
    return error.fail(AUGUR_UNSUPPORTED,
                      "%s has struct_size %zu and is not zero at byte %zu, which this library does "
                      "not know (it knows %zu bytes): set such members to 0 or update the library",
                      name, size, i, bytes);
  }
  std::memset(copy, 0, bytes);
  std::memcpy(copy, given, size < bytes ? size : bytes);
  std::memcpy(copy, &bytes, sizeof(bytes));
  return AUGUR_OK;
}

bool write_struct_bytes(const void* filled, std::size_t bytes, std::size_t first_bytes, void* out) {
  const std::size_t size = size_of(out);
  if (size < first_bytes || size > bytes + kLargestGrowth) return false;
  const std::size_t known = size < bytes ? size : bytes;
  auto* to = static_cast<unsigned char*>(out);
  std::memcpy(to + sizeof(size), static_cast<const unsigned char*>(filled) + sizeof(size),
              known - sizeof(size));
  std::memset(to + known, 0, size - known);
  return true;
}

}  // namespace augur
