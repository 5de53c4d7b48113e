// Upper bounds on what a session's options may ask for.
#pragma once

#include <cstdint>

namespace augur {

inline constexpr std::uint32_t kMaxTile = 1024;     // candidates computed together
inline constexpr std::uint32_t kMaxKeptIds = 4096;  // ids kept of one field in one row
inline constexpr std::uint32_t kMaxThreads = 64;
// The largest session, in bytes, that the library itself takes from the heap.
inline constexpr std::uint32_t kMaxOwnSession = 1u << 30;

}  // namespace augur
