// Comparing with the reference.
#include "runtime/support/compare.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <limits>

#include "reference/network.h"
#include "reference/random_model.h"
#include "runtime/support/handles.h"

namespace augur::testing {
namespace {

template <typename Reference>
double largest(const std::vector<float>& a, const std::vector<Reference>& b) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (a.size() != b.size()) return kInfinity;
  double worst = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double expected = static_cast<double>(b[i]);
    const double difference =
        std::abs(static_cast<double>(a[i]) - expected) / std::max(1.0, std::abs(expected));
    if (!std::isfinite(difference)) return kInfinity;
    worst = std::max(worst, difference);
  }
  return worst;
}

}  // namespace

double largest_difference(const std::vector<float>& a, const std::vector<double>& b) {
  return largest(a, b);
}

double largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  return largest(a, b);
}

double compare_with_reference(const reference::ModelSpec& spec, const Sizes& sizes) {
  INFO(reference::describe(spec));
  CAPTURE(sizes.events);
  CAPTURE(sizes.candidates);
  CAPTURE(sizes.max_history);
  CAPTURE(sizes.tile);
  double difference = std::numeric_limits<double>::infinity();
  try {
    const TestModel model(reference::random_model(spec));
    reference::Generator generator(spec.seed + 1000003 * sizes.candidates + sizes.events);
    const reference::Request request =
        reference::random_request(model.parts(), generator, sizes.events, sizes.candidates);
    const SessionHandle session = model.session(sizes.max_history, sizes.tile);
    set_user(session.get(), model.parts(), request);
    const std::vector<float> logits = rank(session.get(), model.parts(), request.candidates);
    std::vector<double> expected;
    for (const reference::Trace& trace :
         reference::Network(model.parts()).score(request, sizes.max_history)) {
      expected.push_back(trace.logit);
    }
    difference = largest_difference(logits, expected);
  } catch (const std::exception& error) {
    FAIL_CHECK(error.what());
  }
  CHECK(difference <= kLogitBound);
  return difference;
}

}  // namespace augur::testing
