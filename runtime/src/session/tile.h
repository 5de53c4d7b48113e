// How many candidates are computed together, unless the app gives a number.
#pragma once

#include <cstddef>

namespace augur {

// Measured: with fewer candidates, ranking is up to a tenth slower; more candidates make it no
// faster (docs/performance.md#tiles).
inline constexpr std::size_t kEnoughCandidates = 32;

// The number of candidates in a tile. It is a multiple of `block`, the candidates that the kernels
// compute side by side. Each candidate takes `candidate_bytes` of a session's memory, and a tile
// may take half of the cache; the other half is for the weights. The tile has at least
// kEnoughCandidates or, if these do not fit, as many as fit; in any case it has at least one block.
std::size_t choose_tile(std::size_t block, std::size_t candidate_bytes, std::size_t cache_bytes);

// The size of the smallest second-level cache of this machine's cores; a guess if the system does
// not report it.
std::size_t second_level_cache_bytes();

}  // namespace augur
