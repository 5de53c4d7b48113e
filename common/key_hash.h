// The hashes of keys. docs/file-format.md specifies them, with check values.
#pragma once

#include <cstddef>
#include <cstdint>

#include "common/farm_hash.h"
#include "common/murmur3.h"
#include "common/splitmix64.h"

namespace augur {

// What vocabularies are looked up by, and what a saved session keeps of a string.
inline Hash128 hash_string(const void* bytes, std::size_t size) {
  return murmur3_128(bytes, size, 0);
}

// Different integers have different hashes.
inline Hash128 hash_integer(std::int64_t key) {
  const std::uint64_t low = splitmix64(static_cast<std::uint64_t>(key));
  return {low, splitmix64(low)};
}

}  // namespace augur
