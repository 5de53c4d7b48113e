// Moving rows that are kept.
#include "layers/steps_kept.h"

#include <cstring>

namespace augur {

void move_kept_states(StepsKept kept, std::size_t width, float* rows) {
  if (kept.states_slid() == 0) return;
  std::memmove(rows, rows + kept.states_slid() * width, kept.steps * width * sizeof(float));
}

}  // namespace augur
