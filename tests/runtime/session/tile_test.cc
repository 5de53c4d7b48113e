// The rule for how many candidates are computed together.
#include "session/tile.h"

#include <doctest/doctest.h>

#include <initializer_list>

#include "kernels/kernel_set.h"
#include "kernels/packing.h"

namespace augur::testing {

TEST_CASE("choose_tile gives enough whole blocks, fewer if the cache is small, at least one") {
  constexpr std::size_t kLarge = std::size_t{2} << 20;
  for (const std::size_t block : {1u, 4u, 8u, 16u, 32u})
    CHECK(choose_tile(block, 2400, kLarge) == 32);
  CHECK(choose_tile(12, 2400, kLarge) == 36);
  CHECK(choose_tile(64, 2400, kLarge) == 64);
  CHECK(choose_tile(8, 2400, 128 << 10) == 24);
  CHECK(choose_tile(8, 4500, 128 << 10) == 8);
  CHECK(choose_tile(32, 2400, 128 << 10) == 32);
  CHECK(choose_tile(8, 1 << 20, 128 << 10) == 8);
  CHECK(choose_tile(8, 0, 0) == 32);
}

TEST_CASE("every kernel set has a block size, and the cache size of this machine is plausible") {
  for (std::size_t i = 0; kernel_set(i) != nullptr; ++i) {
    CAPTURE(kernel_set(i)->name);
    CHECK(kernel_set(i)->block >= 1);
    CHECK(kernel_set(i)->block <= kMaxLanes);
  }
  CHECK(second_level_cache_bytes() >= 16u << 10);
  CHECK(second_level_cache_bytes() == second_level_cache_bytes());
}

}  // namespace augur::testing
