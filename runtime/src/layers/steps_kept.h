// What of a history's steps a layer has seen before.
#pragma once

#include <cstddef>

namespace augur {

// Since the last call the oldest `slid` steps went, and the first `steps` of those that are there
// now were there already, unchanged; the others are new. `steps` is never 1
// (ProductRun::run_from()), but in a stream.
struct StepsKept {
  std::size_t steps = 0;
  std::size_t slid = 0;
  // A stream goes on: states are those of all steps that there have ever been.
  bool continued = false;

  // The same for what is computed from all steps before: a state from which the oldest steps were
  // taken is another one, unless the stream goes on.
  std::size_t states() const { return slid == 0 || continued ? steps : 0; }
  // Of the kept states, how far they are from their place.
  std::size_t states_slid() const { return continued ? slid : 0; }
};

// Moves the kept ones of rows that are computed from states to their place.
void move_kept_states(StepsKept kept, std::size_t width, float* rows);

}  // namespace augur
