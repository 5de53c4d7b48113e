// Compares the runtime with the float64 reference.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "augur_generated.h"
#include "reference/request.h"
#include "reference/spec.h"

namespace augur::testing {

// DESIGN: a logit lies within this of the float64 one, times max(1, |logit|).
inline constexpr double kLogitBound = 2e-5;
// DESIGN: what a candidate's logit may differ by when it stands among others.
inline constexpr double kOtherCandidatesBound = 1e-6;

// The largest |a - b| / max(1, |b|); infinity where either is not finite or the sizes differ.
double largest_difference(const std::vector<float>& a, const std::vector<double>& b);
double largest_difference(const std::vector<float>& a, const std::vector<float>& b);

struct Sizes {
  std::size_t events = 0;
  std::size_t candidates = 1;
  std::uint32_t max_history = 0;  // of the session; 0: the model's
  std::uint32_t tile = 0;
};

// Makes the model, a request of these sizes, and compares all logits; returns the largest
// difference. A failing check prints the specification and the sizes.
double compare_with_reference(const reference::ModelSpec& spec, const Sizes& sizes);

// Collects the largest of many differences; not-a-number counts as infinity.
class Worst {
 public:
  void add(double difference) {
    if (std::isnan(difference)) difference = std::numeric_limits<double>::infinity();
    if (difference > largest_) largest_ = difference;
  }
  double largest() const { return largest_; }

 private:
  double largest_ = 0.0;
};

}  // namespace augur::testing
