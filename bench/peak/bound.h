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

// What an exponential or a sigmoid and what a tanh cost: fixed figures, in cycles for one value. If
// the costs of the measured library's functions were taken, slower functions would raise the bound
// and so the share of it.
struct FunctionCosts {
  double exp, tanh;
};
// The best functions known: ours, with AVX-512 on a Zen 5.
inline constexpr FunctionCosts kBestFunctions = {0.33, 0.37};
// The best that were known before version 0.6. Aims were set with them.
inline constexpr FunctionCosts kFunctionsOfAims = {0.59, 0.70};

// The bound in seconds for a DIEN whose head has 200, 80 and 1 units. `ops` is the peak in
// operations a second (a multiply-add is two), `clock` is in Hz.
double bound_seconds(const RequestShape& shape, double ops, double clock,
                     const FunctionCosts& costs = kBestFunctions);

}  // namespace augur::bench
