// A lower bound for the time of a request on this machine: its multiply-adds at the measured peak
// speed, and its exponentials, sigmoids and tanhs at a fixed cost each.
#pragma once

#include <cstddef>

namespace augur::bench {

struct RequestShape {
  std::size_t hidden;  // H, which is the behaviours' width too
  std::size_t steps;   // T
  std::size_t candidates;
  bool mlp_attention;     // 4 H -> 80 -> 40 -> 1 with sigmoids; else bilinear
  bool user_part = true;  // the history has changed: the extractor and the projections run too
};

// The bound in seconds for a DIEN whose head has 200, 80 and 1 units. `ops` is the peak in
// operations a second (a multiply-add is two), `clock` is in Hz.
double bound_seconds(const RequestShape& shape, double ops, double clock);

}  // namespace augur::bench
