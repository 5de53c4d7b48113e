// How many candidates are computed together, unless the app says.
#pragma once

#include <cstddef>

namespace augur {

// Measured: fewer candidates than this lose up to a tenth, more gain nothing
// (docs/performance.md#tiles).
inline constexpr std::size_t kEnoughCandidates = 32;

// Whole blocks of `block` candidates, which is what the kernels take together: enough of them, or
// as many as fit half of the cache with `candidate_bytes` of a session's memory each (the other
// half is for the weights), but one at least.
std::size_t choose_tile(std::size_t block, std::size_t candidate_bytes, std::size_t cache_bytes);

// Of the smallest second-level cache that this machine's cores have; a guess where the system does
// not tell.
std::size_t second_level_cache_bytes();

}  // namespace augur
