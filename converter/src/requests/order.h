// The order of scores: one that sorting can rely on whatever the numbers are.
#pragma once

namespace augur::requests {

// a stands before b: the greater one first, what is not a number last.
template <typename Number>
bool ranks_before(Number a, Number b) {
  return a > b || (a == a && b != b);
}

}  // namespace augur::requests
