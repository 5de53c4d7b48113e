// A fast checksum of 64 bits. It tells contents apart, and finds damage; it is no protection
// against an attacker.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "common/splitmix64.h"

namespace augur {

// The checksum of some bytes that follow bytes whose checksum is `before`: 0 if there are none.
// Damage within 8 bytes that are aligned to 8 always changes it. Null bytes leave it as it was.
inline std::uint64_t checksum64(const void* bytes, std::size_t size, std::uint64_t before) {
  if (bytes == nullptr) return before;
  const auto* from = static_cast<const unsigned char*>(bytes);
  std::uint64_t hash = before;
  for (std::size_t i = 0; i < size; i += sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, from + i, size - i < sizeof(word) ? size - i : sizeof(word));
    hash = (hash ^ word) * 0x9E3779B97F4A7C15u;
    hash ^= hash >> 32;
  }
  return splitmix64(hash ^ size);
}

}  // namespace augur
