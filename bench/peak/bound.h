// The time below which a request cannot be answered on this machine: multiply-adds at the measured
// peak, and exponentials, sigmoids and tanhs at a fixed cost each.
#pragma once

#include <cstddef>

namespace augur::bench {

struct RequestShape {
  std::size_t hidden;  // H, which is the behaviours' width too
  std::size_t steps;   // T
  std::size_t candidates;
  bool mlp_attention;     // 4 H -> 80 -> 40 -> 1 with sigmoids; else bilinear
  bool user_part = true;  // the history is new: the extractor and the projections run too
};

// DIEN with a head of 200, 80 and 1 units. `ops` is the peak in operations a second, two for a
// multiply-add; `clock` in Hz.
double bound_seconds(const RequestShape& shape, double ops, double clock);

}  // namespace augur::bench
