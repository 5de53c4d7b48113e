// Upper bounds on what a model file may declare. They are far above any real model. They are low
// enough that sizes computed from them cannot overflow, and that a hostile file fails early.
#pragma once

#include <cstdint>

namespace augur {

inline constexpr std::uint32_t kMaxWidth = 1u << 14;    // units, inputs, embedding widths
inline constexpr std::uint32_t kMaxRows = 1u << 30;     // of an embedding table
inline constexpr std::uint32_t kMaxHistory = 1u << 16;  // events of a sequence
inline constexpr std::uint32_t kMaxParts = 256;  // fields, tables, sequences, layers, slots: each
inline constexpr std::uint32_t kFormat = 4;      // the newest file format that this runtime reads

}  // namespace augur
