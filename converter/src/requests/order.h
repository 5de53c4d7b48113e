// The order of scores: one that sorting can rely on whatever the numbers are.
#pragma once

#include <cmath>

namespace augur::requests {

// a stands before b: the greater one first, what is not a number last.
template <typename Number>
bool ranks_before(Number a, Number b) {
  return a > b || (std::isnan(b) && !std::isnan(a));
}

}  // namespace augur::requests
