// Quantises one row: integers with a scale, chosen for the least squared error.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace augur::convert {

// value ≈ scale * (integer + offset / 16)
struct IntegerRow {
  float scale = 1;
  int8_t offset = 0;
  std::vector<int8_t> integers;
};

enum class ScaleKind { kFloat, kHalf };  // what the scale is rounded to

// Integers in [-limit, limit] (127: int8, 7: int4). The scale covers the largest magnitude, or is
// smaller and cuts off the largest magnitudes, whichever has the least squared error.
void quantise_symmetric(const float* values, size_t count, int limit, ScaleKind kind,
                        IntegerRow& row);

// int4, in [-8, 7], with an offset: scale and offset are searched together.
void quantise_with_offset(const float* values, size_t count, ScaleKind kind, IntegerRow& row);

}  // namespace augur::convert
