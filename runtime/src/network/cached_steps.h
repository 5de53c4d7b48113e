// The steps of a history that an earlier call computed and that a layer need not compute again.
#pragma once

#include <cstddef>
#include <cstring>

namespace augur {

// Since the last call, the oldest `slid` steps were dropped. The first `count` of the remaining
// steps have not changed since then; all later steps are new. `count` is never 1
// (ProductRun::run_from()), except in a stream.
struct CachedSteps {
  std::size_t count = 0;
  std::size_t slid = 0;
  bool stream = false;  // states depend on all steps so far, dropped ones included

  // How many cached steps are valid in a layer whose steps depend on all earlier steps. Dropping
  // the oldest steps changes all states, except in a stream.
  std::size_t states() const { return slid == 0 || stream ? count : 0; }
  // How many steps towards the front the cached states have to move.
  std::size_t states_slid() const { return stream ? slid : 0; }
};

// Moves the cached rows [steps, width] to their new places. For rows that depend on their own step
// alone.
inline void move_cached_rows(const CachedSteps& cached, std::size_t width, float* rows) {
  if (cached.slid == 0) return;
  std::memmove(rows, rows + cached.slid * width, cached.count * width * sizeof(float));
}

// As move_cached_rows(), for rows that depend on all earlier steps, too.
inline void move_cached_states(const CachedSteps& cached, std::size_t width, float* rows) {
  if (cached.states_slid() == 0) return;
  std::memmove(rows, rows + cached.states_slid() * width, cached.count * width * sizeof(float));
}

}  // namespace augur
