// Recurrent cells: the GRU of the interest extractor, and the interest evolution's GRU, AIGRU, AGRU
// or AUGRU.
#pragma once

#include "kernels/product.h"
#include "kernels/recurrence.h"

namespace augur {

// The weights of one cell. A step has two parts: W x + b, which is computed for all steps at once,
// and the part that depends on the state after the step before.
struct Gru {
  std::uint32_t inputs = 0;
  std::uint32_t hidden = 0;
  bool unit_input = false;  // the inputs are states of a GRU, so that they lie in [-1, 1]
  Product input;            // W x + b; an AIGRU's is W x, because its attention scales W x alone
  Cell cell;                // U, the position of the reset gate, and how the attention enters

  std::uint32_t gate_rows() const { return static_cast<std::uint32_t>(cell.gate_rows()); }
};

// The interest evolution: a recurrence over the interest states.
struct Evolution {
  Gru gru;
  bool uses_attention = false;  // false: a GRU, whose last state is the same for all candidates
};

}  // namespace augur
