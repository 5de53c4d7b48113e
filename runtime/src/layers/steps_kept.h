// What of a history's steps a layer has seen before.
#pragma once

#include <cstddef>

namespace augur {

// `steps` is never 1: see ProductRun::run_from(). Since the last call the oldest `slid` steps went,
// and the first `steps` of those that are there now were there already, unchanged; the others are
// new.
struct StepsKept {
  std::size_t steps = 0;
  std::size_t slid = 0;

  // The same for what is computed from all steps before: a state from which the oldest steps were
  // taken is another one.
  std::size_t states() const { return slid == 0 ? steps : 0; }
};

}  // namespace augur
