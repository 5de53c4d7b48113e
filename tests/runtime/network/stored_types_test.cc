// Every type of tables and weights against the float64 reference of the dequantised weights.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "reference/random_model.h"
#include "reference/random_spec.h"
#include "runtime/support/compare.h"
#include "runtime/support/quantised_models.h"

namespace augur::testing {
namespace {

using fb::TensorType;

// Tables are dequantised exactly, and fp16 and grouped int4 weights are multiplied in f32: these
// are held to the bound of f32. Where inputs are rounded to 8 bits the logit may move by this much,
// times max(1, |logit|): every product's input has an error of half of 1/255 of its range.
constexpr double kIntegerBound = 0.05;

// Largest difference over random models of the whole family.
double worst_of(const convert::Precision& chosen, bool bounded_only) {
  const std::uint64_t models = emulated() ? 25 : 150;
  double worst = 0.0;
  for (std::uint64_t seed = 1; seed <= models; ++seed) {
    const reference::ModelSpec spec = reference::random_spec(seed);
    const bool unbounded =
        std::any_of(spec.stacks.begin(), spec.stacks.end(), [](const reference::StackSpec& stack) {
          return stack.attention && stack.attention->normalisation == fb::Normalisation::None;
        });
    if (bounded_only && unbounded) continue;
    reference::Generator generator(seed);
    const std::size_t events = generator.below(26);
    const Logits logits =
        score(quantised_model(spec, chosen), seed, events, 1 + generator.below(20));
    const double difference = largest_difference(logits.found, logits.expected);
    INFO(reference::describe(spec));
    CHECK(difference < kIntegerBound);
    worst = std::max(worst, difference);
  }
  return worst;
}

}  // namespace

TEST_CASE("tables of every type are dequantised exactly") {
  for (const TensorType type : {TensorType::F16, TensorType::I8, TensorType::I4}) {
    const double worst = worst_of(precision(TensorType::F32, type), false);
    MESSAGE(convert::type_name(type), " tables: logits differ by at most ", worst);
    CHECK(worst <= kLogitBound);
  }
  // Groups of 2, which do not divide every width.
  CHECK(worst_of(precision(TensorType::F32, TensorType::I4, 2), false) <= kLogitBound);
}

TEST_CASE("fp16 weights and int4 weights in groups are multiplied in f32") {
  CHECK(worst_of(precision(TensorType::F16, TensorType::F32), false) <= kLogitBound);
  // Every matrix of these models has more than two inputs, and so more than one group.
  double worst = 0.0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    reference::ModelSpec spec;
    spec.seed = seed;
    const Logits logits =
        score(quantised_model(spec, precision(TensorType::I4, TensorType::F32, 2)), seed, 9, 8);
    worst = std::max(worst, largest_difference(logits.found, logits.expected));
  }
  CHECK(worst <= kLogitBound);
}

TEST_CASE("int8 and int4 weights stay within the rounding of their inputs") {
  for (const TensorType type : {TensorType::I8, TensorType::I4}) {
    const double worst = worst_of(precision(type, TensorType::F32), true);
    MESSAGE(convert::type_name(type), " weights: logits differ by at most ", worst);
  }
}

TEST_CASE("int8 models keep long histories as fp16") {
  double worst = 0.0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    reference::ModelSpec spec;
    spec.seed = seed;
    reference::StackSpec& stack = spec.stacks[0];
    stack.max_history = 300;
    if (seed % 2 == 0) {
      stack.attention->kind = fb::AttentionKind::Mlp;
      stack.attention->pair_product = false;  // it would need equal widths
    }
    if (seed % 3 == 0) stack.extractor = {12, 8};
    if (seed % 5 == 0) stack.evolution = fb::EvolutionKind::Aigru;
    const Logits logits =
        score(quantised_model(spec, precision(TensorType::I8, TensorType::F32)), seed, 150, 40);
    INFO(reference::describe(spec));
    const double difference = largest_difference(logits.found, logits.expected);
    CHECK(difference < kIntegerBound);
    worst = std::max(worst, difference);
  }
  MESSAGE("logits differ by at most ", worst);
}

TEST_CASE("without softmax, states may grow, and each row gets its own scale") {
  // The states of AUGRU may leave [-1, 1] here; cut to that interval the logits would be far off.
  reference::ModelSpec spec;
  spec.stacks[0].attention->normalisation = fb::Normalisation::None;
  double worst = 0.0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    spec.seed = seed;
    const Logits logits =
        score(quantised_model(spec, precision(TensorType::I8, TensorType::I8)), seed, 4, 8);
    worst = std::max(worst, largest_difference(logits.found, logits.expected));
  }
  MESSAGE("logits differ by at most ", worst);
  CHECK(worst < 2 * kIntegerBound);
}

TEST_CASE("a candidate's int8 score does not depend on the other candidates") {
  for (std::uint64_t seed = 1; seed <= (emulated() ? 5u : 30u); ++seed) {
    reference::ModelSpec spec = reference::random_spec(seed);
    const TestModel model(quantised_model(spec, precision(TensorType::I8, TensorType::I8)));
    reference::Generator generator(seed);
    const reference::Request request = reference::random_request(model.parts(), generator, 9, 70);
    const SessionHandle session = model.session();
    set_user(session.get(), model.parts(), request);
    const std::vector<float> all = rank(session.get(), model.parts(), request.candidates);
    for (const std::size_t row : {std::size_t{0}, std::size_t{33}, std::size_t{69}}) {
      const std::vector<float> alone =
          rank(session.get(), model.parts(), reference::slice(request.candidates, row, 1));
      INFO(reference::describe(spec));
      CHECK(largest_difference(alone, std::vector<float>{all[row]}) <= 1e-3);
    }
  }
}

}  // namespace augur::testing
