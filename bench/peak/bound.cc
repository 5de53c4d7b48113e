// The bound's arithmetic; see bound.h.
#include "peak/bound.h"

namespace augur::bench {
namespace {

constexpr double kHead = 200.0 * 80 + 80;    // multiply-adds of the head after its first layer
constexpr double kFirst = 80, kSecond = 40;  // units of the attention's layers
// The latency of one step of a recurrence over the history, which needs the result of the step
// before it.
constexpr double kLatencyCycles = 110;

}  // namespace

double bound_seconds(const RequestShape& shape, double ops, double clock,
                     const FunctionCosts& costs) {
  const auto h = static_cast<double>(shape.hidden);
  const auto t = static_cast<double>(shape.steps);
  const auto n = static_cast<double>(shape.candidates);
  const double recurrence = 3 * h * h;

  double pair = recurrence;
  double pair_exps = 2 * h + 1;  // the gates u and r, and the softmax
  if (shape.mlp_attention) {
    pair += h * kFirst + kFirst * kSecond + kSecond;
    pair_exps += kFirst + kSecond;
  } else {
    pair += h;
  }
  const double head = 2 * h * 200 + kHead;  // the first layer without its columns for the user
  double multiply_adds = n * (t * pair + head);
  double functions = n * t * (pair_exps * costs.exp + h * costs.tanh);
  double latency = 0;
  if (shape.user_part) {
    multiply_adds += t * 3 * recurrence;  // the extractor, and the evolution's projections
    functions += t * (2 * h * costs.exp + h * costs.tanh);
    latency = t * kLatencyCycles;
  }
  return 2 * multiply_adds / ops + functions / clock + latency / clock;
}

}  // namespace augur::bench
