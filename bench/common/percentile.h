// Medians and other percentiles of measured times.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "requests/answer.h"

namespace augur::bench {

// The smallest of the values such that at least `share` (0 to 1) of them are not larger; 0 if there
// are none. Reorders the values.
inline double percentile(std::vector<double>& values, double share) {
  if (values.empty()) return 0;
  const double rank = share * static_cast<double>(values.size());
  auto index = static_cast<std::size_t>(rank);
  if (static_cast<double>(index) == rank && index > 0) --index;
  index = std::min(index, values.size() - 1);
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(index);
  const auto before = [](double a, double b) { return requests::ranks_before(b, a); };
  std::nth_element(values.begin(), at, values.end(), before);
  return *at;
}

}  // namespace augur::bench
