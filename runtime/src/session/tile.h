// How many candidates are computed together, unless the app gives a number.
#pragma once

#include <cstddef>

namespace augur {

// Measured: with fewer candidates, ranking is up to a tenth slower; more candidates make it no
// faster (docs/performance.md#tiles).
inline constexpr std::size_t kEnoughCandidates = 32;

// The tile consists of whole blocks of `block` candidates, which the kernels compute side by side.
// It has at least kEnoughCandidates or, if half of the cache is too small for that, as many as fit
// there with `candidate_bytes` of a session's memory each (the other half is for the weights); at
// least one block.
std::size_t choose_tile(std::size_t block, std::size_t candidate_bytes, std::size_t cache_bytes);

// The size of the smallest second-level cache of this machine's cores; a guess if the system does
// not report it.
std::size_t second_level_cache_bytes();

}  // namespace augur
