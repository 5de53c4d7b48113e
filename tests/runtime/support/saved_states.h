// The bytes of saved sessions, for tests that change them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace augur::testing {

inline constexpr std::size_t kSavedHeader = 64;   // bytes before the payload
inline constexpr std::size_t kSavedModelId = 16;  // where the model's id begins
inline constexpr std::size_t kSavedVersion = 8;   // where the version stands

// Writes the payload's size and a valid checksum into the header.
inline void seal(std::vector<std::uint8_t>& state) {
  const std::uint64_t payload = state.size() - kSavedHeader;
  std::uint64_t hash = 0xcbf29ce484222325u;
  // From version 3 on, the checksum covers the model's id, too.
  const std::size_t first = state[kSavedVersion] >= 3 ? kSavedModelId : kSavedHeader;
  for (std::size_t i = first; i < state.size(); ++i) {
    if (i >= kSavedModelId + 32 && i < kSavedHeader) continue;
    hash = (hash ^ state[i]) * 0x100000001b3u;
  }
  std::memcpy(state.data() + 48, &payload, sizeof(payload));
  std::memcpy(state.data() + 56, &hash, sizeof(hash));
}

}  // namespace augur::testing
