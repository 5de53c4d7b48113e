// Attention without softmax is unbounded, so states may grow far beyond 1 and shrink again. The
// runtime's error must then stay small relative to the largest value that a state can have had.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "reference/network.h"
#include "reference/random_model.h"
#include "runtime/support/compare.h"
#include "runtime/support/handles.h"

namespace augur::testing {
namespace {

// How large a state can become with these attention weights: |h'| <= |1 - s| |h| + |s|, where the
// share s lies between 0 and a, or between a and 1.
double largest_state(const std::vector<double>& attention) {
  double size = 0.0;
  double largest = 0.0;
  for (const double a : attention) {
    size = std::max(1.0, std::abs(1.0 - a)) * size + std::max(1.0, std::abs(a));
    largest = std::max(largest, size);
  }
  return largest;
}

}  // namespace

TEST_CASE(
    "without softmax, logits match the reference within a bound relative to the states' size") {
  Worst worst;
  double largest_logit = 0.0;
  std::uint64_t seed = 9000;
  for (const fb::AugruForm form : fb::EnumValuesAugruForm()) {
    for (const fb::EvolutionKind kind : {fb::EvolutionKind::Agru, fb::EvolutionKind::Augru}) {
      for (const float scale : {1.0f, 4.0f, -4.0f}) {
        for (int repetition = 0; repetition < 10; ++repetition) {
          reference::ModelSpec spec;
          spec.seed = seed++;
          spec.stacks[0].evolution = kind;
          spec.stacks[0].form = form;
          spec.stacks[0].attention->normalisation = fb::Normalisation::None;
          spec.stacks[0].attention->score_scale = scale;
          spec.head_activation = fb::ActivationKind::Relu;
          CAPTURE(reference::describe(spec));
          const TestModel model(reference::random_model(spec));
          reference::Generator generator(spec.seed);
          const reference::Request request =
              reference::random_request(model.parts(), generator, 10, 5);
          const SessionHandle session = model.session();
          set_user(session.get(), model.parts(), request);
          const std::vector<float> logits = rank(session.get(), model.parts(), request.candidates);
          const std::vector<reference::Trace> traces =
              reference::Network(model.parts()).score(request);
          for (std::size_t i = 0; i < traces.size(); ++i) {
            const double size =
                std::max(std::abs(traces[i].logit), largest_state(traces[i].stacks[0].attention));
            const double difference = std::abs(static_cast<double>(logits[i]) - traces[i].logit);
            CHECK(difference <= kLogitBound * size);
            worst.add(difference / size);
            largest_logit = std::max(largest_logit, std::abs(traces[i].logit));
          }
        }
      }
    }
  }
  CHECK(largest_logit > 1e3);
  MESSAGE("logits up to ", largest_logit, " differ, relative to the states, by at most ",
          worst.largest());
}

}  // namespace augur::testing
