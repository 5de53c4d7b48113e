// Stored quantised models give the same scores on every processor as they gave on x86-64.
#include <doctest/doctest.h>

#include <cmath>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "reference/build.h"
#include "reference/random_model.h"
#include "runtime/support/compare.h"
#include "runtime/support/quantised_models.h"

namespace augur::testing {
namespace {

using fb::TensorType;

// The largest difference of scores between processors. Those that multiply integers round states to
// 8 bits and compute gates to 1e-3; others expand the weights to f32.
constexpr double kBound = 1e-3;

struct Stored {
  const char* name;
  TensorType weights;
  TensorType embeddings;
};
constexpr Stored kStored[] = {{"int8", TensorType::I8, TensorType::I8},
                              {"int4", TensorType::I8, TensorType::I4},
                              {"fp16", TensorType::F16, TensorType::F16}};

std::vector<float> logits_of(const TestModel& model) {
  reference::Generator generator(29);
  const reference::Request request = reference::random_request(model.parts(), generator, 10, 40);
  const SessionHandle session = model.session();
  set_user(session.get(), model.parts(), request);
  return rank(session.get(), model.parts(), request.candidates);
}

std::vector<float> scores_of(std::vector<float> logits) {
  for (float& x : logits)
    x = 1.0f / (1.0f + std::exp(-x));
  return logits;
}

std::string path(const Stored& stored, const char* ending) {
  return std::string("data/") + stored.name + ending;
}

}  // namespace

TEST_CASE("stored models score as they did on x86-64") {
  for (const Stored& stored : kStored) {
    const std::string name = stored.name;
    CAPTURE(name);
    std::ifstream file(path(stored, ".augur"), std::ios::binary);
    REQUIRE(file);
    const std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>(file), {}};
    const TestModel model(reference::unpack(bytes));
    std::ifstream scores(path(stored, ".logits"));
    REQUIRE(scores);
    const std::vector<float> expected{std::istream_iterator<float>(scores), {}};
    REQUIRE(expected.size() == 40);
    const double difference = largest_difference(scores_of(logits_of(model)), scores_of(expected));
    MESSAGE(name, ": scores differ by at most ", difference);
    CHECK(difference <= kBound);
  }
}

// runtime_quantised_test -ns -tc="write the stored*"
TEST_CASE("write the stored models and their scores" * doctest::skip()) {
  for (const Stored& stored : kStored) {
    reference::ModelSpec spec;
    spec.seed = 5;
    spec.stacks[0].fields = {{fb::FieldKind::Id, 18}, {fb::FieldKind::Id, 18}};
    spec.stacks[0].extractor = {36};
    spec.stacks[0].hidden = 36;
    spec.head = {40, 20};
    const TestModel model(quantised_model(spec, precision(stored.weights, stored.embeddings)));
    std::ofstream(path(stored, ".augur"), std::ios::binary)
        .write(reinterpret_cast<const char*>(model.file().data()),
               static_cast<std::streamsize>(model.file().size()));
    std::ofstream scores(path(stored, ".logits"));
    for (const float logit : logits_of(model)) {
      char text[32];
      std::snprintf(text, sizeof text, "%.9g\n", static_cast<double>(logit));
      scores << text;
    }
  }
}

}  // namespace augur::testing
