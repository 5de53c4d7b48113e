// The runtime against the float64 reference: random models of the whole family.
#include <doctest/doctest.h>

#include "reference/generator.h"
#include "reference/random_spec.h"
#include "runtime/support/compare.h"
#include "runtime/support/handles.h"

namespace augur::testing {

TEST_CASE("random models of the whole family score as the reference does") {
  const std::uint64_t models = emulated() ? 60 : 600;
  Worst worst;
  for (std::uint64_t seed = 1; seed <= models; ++seed) {
    const reference::ModelSpec spec = reference::random_spec(seed);
    reference::Generator generator(seed);
    Sizes sizes;
    // Sometimes none, and sometimes more than the session keeps.
    sizes.events = generator.below(26);
    sizes.candidates = 1 + generator.below(20);
    sizes.tile = static_cast<std::uint32_t>(generator.below(8));
    if (generator.one_in(4)) sizes.max_history = static_cast<std::uint32_t>(generator.below(12));
    worst.add(compare_with_reference(spec, sizes));
  }
  MESSAGE(models, " models: logits differ by at most ", worst.largest());
}

}  // namespace augur::testing
