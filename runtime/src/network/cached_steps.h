// Steps of a history that were computed before, and that a layer need not compute again.
#pragma once

#include <cstddef>
#include <cstring>

namespace augur {

// Since the last call the oldest `slid` steps were dropped. The first `count` of those that are
// left were there in that call, unchanged; all after them are new. `count` is never 1
// (ProductRun::run_from()), except in a stream.
struct CachedSteps {
  std::size_t count = 0;
  std::size_t slid = 0;
  bool stream = false;  // states depend on all steps there have ever been

  // How many cached steps hold for a layer whose step depends on all steps before it. A state whose
  // oldest steps were dropped is another state, except in a stream.
  std::size_t states() const { return slid == 0 || stream ? count : 0; }
  // By how many steps the cached states have to move.
  std::size_t states_slid() const { return stream ? slid : 0; }
};

// Moves the cached rows [steps, width] to their place, where a row depends on its own step alone.
inline void move_cached_rows(const CachedSteps& cached, std::size_t width, float* rows) {
  if (cached.slid == 0) return;
  std::memmove(rows, rows + cached.slid * width, cached.count * width * sizeof(float));
}

// The same where a row depends on all steps before it.
inline void move_cached_states(const CachedSteps& cached, std::size_t width, float* rows) {
  if (cached.states_slid() == 0) return;
  std::memmove(rows, rows + cached.states_slid() * width, cached.count * width * sizeof(float));
}

}  // namespace augur
