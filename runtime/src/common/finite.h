// Checks that floats are finite.
#pragma once

#include <cmath>
#include <cstddef>

namespace augur {

// Whether all values are finite. 0 times infinity or not-a-number is not-a-number, and a sum with
// such a term is, too; so one test of the sum is enough. There are kLanes sums, so that a compiler
// makes vector code: the function must be fast, because it checks every weight of a model and every
// embedding in use.
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

// The index of the first row with a value that is not finite; `rows` if there is none.
inline std::size_t first_not_finite(const float* values, std::size_t rows, std::size_t width) {
  if (all_finite(values, rows * width)) return rows;
  std::size_t row = 0;
  while (row < rows && all_finite(values + row * width, width))
    ++row;
  return row;
}

}  // namespace augur
