// The model with keys on many random requests: the runtime's lookups and hashes lead to the rows
// that the float64 reference finds in plain maps.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "golden/keyed_model.h"
#include "reference/network.h"
#include "runtime/support/compare.h"
#include "runtime/support/handles.h"

namespace augur::testing {

TEST_CASE("keys of all sorts score as in the float64 reference") {
  const golden::KeyedModel keyed = golden::keyed_model();
  const TestModel model(std::make_unique<fb::ModelT>(*keyed.model));
  const reference::Network network(*keyed.model, keyed.vocabularies);
  const SessionHandle session = model.session();
  Worst worst;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    reference::Generator generator(seed);
    const reference::Request request =
        golden::keyed_request(keyed, generator, generator.below(20), 1 + generator.below(20));
    set_user(session.get(), model.parts(), request);
    const std::vector<float> logits = rank(session.get(), model.parts(), request.candidates);
    const std::vector<reference::Trace> traces = network.score(request);
    REQUIRE(traces.size() == logits.size());
    for (std::size_t i = 0; i < traces.size(); ++i) {
      const double logit = traces[i].logit;
      worst.add(std::abs(static_cast<double>(logits[i]) - logit) / std::max(1.0, std::abs(logit)));
    }
  }
  CHECK(worst.largest() <= kLogitBound);
}

}  // namespace augur::testing
