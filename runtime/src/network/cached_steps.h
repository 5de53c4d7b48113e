// The steps of a history that an earlier call computed and that a layer need not compute again.
#pragma once

#include <cstddef>

namespace augur {

// Since the last call, the oldest `slid` steps were dropped. The first `count` of the remaining
// steps have not changed since then; all later steps are new.
struct CachedSteps {
  std::size_t count = 0;
  std::size_t slid = 0;
  bool stream = false;  // states depend on all steps so far, dropped ones included

  // How many cached steps are valid in a layer whose steps depend on all earlier steps. Dropping
  // the oldest steps changes all states, except in a stream.
  std::size_t states() const { return slid == 0 || stream ? count : 0; }
  // Whether a recurrence begins anew.
  bool restarts() const { return states() == 0 && !stream; }
};

}  // namespace augur
