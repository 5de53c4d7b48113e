// The time below which a request cannot be answered on this machine: multiply-adds at the measured
// peak, and exponentials, sigmoids and tanhs at a fixed cost each.
#pragma once

#include <cstddef>

namespace augur::compare {

struct Shape {
  std::size_t hidden;  // H, which is the behaviours' width too
  std::size_t steps;   // T
  std::size_t candidates;
  bool mlp_attention;
};

// `ops` is the peak in operations a second, two for a multiply-add; `clock` in Hz. The fixed costs
// are those of the best functions known for a core of 3.69 GHz: 0.16 ns for a sigmoid or an
// exponential, 0.19 ns for a tanh. A recurrent step of the user's part waits 110 cycles for the
// step before it.
inline double bound_seconds(const Shape& shape, double ops, double clock) {
  constexpr double kHead = 200.0 * 80 + 80;
  constexpr double kFirst = 80, kSecond = 40;  // units of the attention's layers
  constexpr double kReferenceClock = 3.69e9, kExp = 0.16e-9, kTanh = 0.19e-9;
  constexpr double kLatencyCycles = 110;
  const auto h = static_cast<double>(shape.hidden);
  const auto t = static_cast<double>(shape.steps);
  const auto n = static_cast<double>(shape.candidates);
  const double recurrence = 3 * h * h;

  double user = t * (2 * recurrence + recurrence);  // the extractor, the AUGRU's projections
  double pair = recurrence;
  double exps = 2 * h + 1;  // a pair's sigmoids and exponentials: u, r, the softmax
  if (shape.mlp_attention) {
    pair += h * kFirst + kFirst * kSecond + kSecond;
    exps += kFirst + kSecond;
  } else {
    pair += h;
  }
  const double inputs = 2 * h;  // of the head's first layer, what is not the user's
  const double multiply_adds = user + n * (t * pair + inputs * 200 + kHead);
  const double scale = kReferenceClock / clock;
  const double functions =
      (n * t * (exps * kExp + h * kTanh) + t * (2 * h * kExp + h * kTanh)) * scale;
  return 2 * multiply_adds / ops + functions + t * kLatencyCycles / clock;
}

}  // namespace augur::compare
