// The rule for tiles, and the machine's caches.
#include "session/tile.h"

#include <cpuinfo.h>

#include <cstdint>

namespace augur {
namespace {

// The smallest second-level cache of phone cores.
constexpr std::size_t kGuessedCacheBytes = std::size_t{256} << 10;

}  // namespace

std::size_t choose_tile(std::size_t block, std::size_t candidate_bytes, std::size_t cache_bytes) {
  std::size_t blocks = (kEnoughCandidates + block - 1) / block;
  while (blocks > 1 && blocks * block * candidate_bytes > cache_bytes / 2)
    --blocks;
  return blocks * block;
}

std::size_t second_level_cache_bytes() {
  std::size_t smallest = 0;
  const std::uint32_t count = cpuinfo_initialize() ? cpuinfo_get_l2_caches_count() : 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const cpuinfo_cache* cache = cpuinfo_get_l2_cache(i);
    if (cache->size != 0 && (smallest == 0 || cache->size < smallest)) smallest = cache->size;
  }
  return smallest == 0 ? kGuessedCacheBytes : smallest;
}

}  // namespace augur
