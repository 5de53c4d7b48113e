// Checks that floats are finite.
#pragma once

#include <cmath>
#include <cstddef>

namespace augur {

// Infinity and not-a-number, times 0, are not-a-number, and so is every sum with such a term. The
// sums are kept in lanes, so that a compiler makes vector code: every weight of a model and every
// embedding in use is checked here.
inline bool all_finite(const float* values, std::size_t count) {
  constexpr std::size_t kLanes = 16;
  float sums[kLanes] = {};
  std::size_t first = 0;
  for (; first + kLanes <= count; first += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane)
      sums[lane] += 0.0f * values[first + lane];
  }
  float sum = 0.0f;
  for (const float lane : sums)
    sum += lane;
  for (; first < count; ++first)
    sum += 0.0f * values[first];
  return std::isfinite(sum);
}

// The first of `rows` rows that holds a value that is not finite, or `rows`.
inline std::size_t first_not_finite(const float* values, std::size_t rows, std::size_t width) {
  if (all_finite(values, rows * width)) return rows;
  std::size_t row = 0;
  while (row < rows && all_finite(values + row * width, width))
    ++row;
  return row;
}

}  // namespace augur
