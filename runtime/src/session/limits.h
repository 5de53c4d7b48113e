// Upper bounds on what a session's options may ask for.
#pragma once

#include <cstdint>

namespace augur {

inline constexpr std::uint32_t kMaxTile = 1024;     // candidates computed together
inline constexpr std::uint32_t kMaxKeptIds = 4096;  // of a row and field
inline constexpr std::uint32_t kMaxThreads = 64;
// Bytes of a session that the library takes from the heap by itself.
inline constexpr std::uint32_t kMaxOwnSession = 1u << 30;

}  // namespace augur
