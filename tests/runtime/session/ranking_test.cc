// rank, rank_top_k and explain beside each other and beside the reference.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "reference/network.h"
#include "reference/random_model.h"
#include "runtime/support/compare.h"
#include "runtime/support/fixture.h"

namespace augur::testing {
namespace {

// The first k indices by logit, ties to the lower index.
std::vector<std::size_t> best(const std::vector<float>& logits, std::size_t k) {
  std::vector<std::size_t> order(logits.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return logits[a] > logits[b]; });
  order.resize(std::min(k, order.size()));
  return order;
}

}  // namespace

TEST_CASE("scores are the sigmoid of logits, and either can be left out") {
  const Fixture f;
  const ColumnSet candidates = f.candidates();
  std::vector<float> scores(10);
  std::vector<float> logits(10);
  REQUIRE(augur_rank(f.get(), candidates.data(), candidates.size(), 10, scores.data(),
                     logits.data()) == AUGUR_OK);
  CHECK(logits == f.logits());
  for (std::size_t i = 0; i < 10; ++i) {
    CHECK(std::abs(static_cast<double>(scores[i]) -
                   1.0 / (1.0 + std::exp(-static_cast<double>(logits[i])))) <= 2e-7);
  }
  std::vector<float> alone(10);
  REQUIRE(augur_rank(f.get(), candidates.data(), candidates.size(), 10, alone.data(), nullptr) ==
          AUGUR_OK);
  CHECK(alone == scores);
  CHECK(augur_rank(f.get(), candidates.data(), candidates.size(), 10, nullptr, nullptr) ==
        AUGUR_OK);
  CHECK(augur_rank(f.get(), nullptr, 0, 0, nullptr, nullptr) == AUGUR_OK);
}

TEST_CASE(
    "a regression's scores are its logits, its best k are the largest, and the model says so") {
  reference::ModelSpec spec;
  spec.output = fb::OutputKind::Identity;
  spec.calibrated = true;
  const TestModel model(reference::random_model(spec));
  augur_model_info info = {};
  info.struct_size = sizeof(info);
  REQUIRE(augur_model_get_info(model.get(), &info) == AUGUR_OK);
  CHECK(info.output == AUGUR_OUTPUT_IDENTITY);
  reference::Generator generator(41);
  const reference::Request request = reference::random_request(model.parts(), generator, 7, 12);
  const SessionHandle session = model.session();
  set_user(session.get(), model.parts(), request);
  const ColumnSet candidates(model.parts().candidate, request.candidates);
  std::vector<float> scores(12);
  std::vector<float> logits(12);
  REQUIRE(augur_rank(session.get(), candidates.data(), candidates.size(), 12, scores.data(),
                     logits.data()) == AUGUR_OK);
  CHECK(scores == logits);
  std::vector<double> expected;
  for (const reference::Trace& trace : reference::Network(model.parts()).score(request))
    expected.push_back(trace.score);
  CHECK(largest_difference(scores, expected) <= kLogitBound);
  CHECK(*std::min_element(scores.begin(), scores.end()) < 0.0f);
  std::size_t indices[3];
  float best_scores[3];
  std::size_t count = 0;
  REQUIRE(augur_rank_top_k(session.get(), candidates.data(), candidates.size(), 12, 3, indices,
                           best_scores, &count) == AUGUR_OK);
  const std::vector<std::size_t> order = best(logits, 3);
  REQUIRE(count == 3);
  for (std::size_t i = 0; i < count; ++i) {
    CHECK(indices[i] == order[i]);
    CHECK(best_scores[i] == logits[order[i]]);
  }
}

TEST_CASE("columns may come in any order") {
  const Fixture f;
  ColumnSet candidates = f.candidates();
  std::vector<augur_column> reversed(candidates.data(), candidates.data() + candidates.size());
  std::reverse(reversed.begin(), reversed.end());
  std::vector<float> logits(10);
  REQUIRE(augur_rank(f.get(), reversed.data(), reversed.size(), 10, nullptr, logits.data()) ==
          AUGUR_OK);
  CHECK(logits == f.logits());
}

TEST_CASE("rank_top_k gives the first k of a full sort, with ties in the order of the indices") {
  reference::Generator generator(61);
  for (const std::size_t candidates : {0u, 1u, 2u, 7u, 31u, 64u, 150u}) {
    const Fixture f(0, static_cast<std::uint32_t>(1 + generator.below(40)));
    // Every candidate occurs several times, which gives many ties.
    std::vector<std::size_t> order(candidates);
    for (std::size_t& i : order)
      i = generator.below(10);
    const reference::Rows rows = reference::pick(f.request.candidates, order);
    const ColumnSet columns(f.parts().candidate, rows);
    std::vector<float> scores(candidates);
    std::vector<float> logits(candidates);
    REQUIRE(augur_rank(f.get(), columns.data(), columns.size(), candidates, scores.data(),
                       logits.data()) == AUGUR_OK);
    for (const std::size_t k : {std::size_t{0}, std::size_t{1}, std::size_t{2}, std::size_t{10},
                                candidates / 2, candidates, candidates + 5}) {
      CAPTURE(candidates);
      CAPTURE(k);
      std::vector<std::size_t> indices(k);
      std::vector<float> best_scores(k);
      std::size_t count = 999;
      REQUIRE(augur_rank_top_k(f.get(), columns.data(), columns.size(), candidates, k,
                               indices.data(), best_scores.data(), &count) == AUGUR_OK);
      const std::vector<std::size_t> expected = best(logits, k);
      REQUIRE(count == expected.size());
      for (std::size_t i = 0; i < count; ++i) {
        CHECK(indices[i] == expected[i]);
        CHECK(best_scores[i] == scores[expected[i]]);
      }
    }
  }
}

TEST_CASE("explain gives the same attention as the reference") {
  for (const fb::AttentionKind kind : fb::EnumValuesAttentionKind()) {
    for (const fb::Normalisation normalisation : fb::EnumValuesNormalisation()) {
      reference::ModelSpec spec;
      spec.seed = 71;
      spec.stacks[0].attention->kind = kind;
      spec.stacks[0].attention->normalisation = normalisation;
      spec.stacks[0].extractor = {9};
      const TestModel model(reference::random_model(spec));
      reference::Generator generator(72);
      const reference::Request request = reference::random_request(model.parts(), generator, 20, 6);
      const SessionHandle session = model.session();
      set_user(session.get(), model.parts(), request);
      const std::vector<reference::Trace> traces = reference::Network(model.parts()).score(request);
      const ColumnSet columns(model.parts().candidate, request.candidates);
      for (std::size_t row = 0; row < 6; ++row) {
        std::vector<float> weights(12);
        std::size_t count = 0;
        REQUIRE(augur_explain(session.get(), nullptr, columns.data(), columns.size(), 6, row,
                              weights.data(), weights.size(), &count) == AUGUR_OK);
        REQUIRE(count == 12);
        CHECK(largest_difference(weights, traces[row].stacks[0].attention) <= 2e-6);
        if (normalisation == fb::Normalisation::Softmax) {
          CHECK(std::abs(std::accumulate(weights.begin(), weights.end(), 0.0) - 1.0) < 1e-6);
        }
      }
    }
  }
}

TEST_CASE("explain of an empty history needs no room, and changes no later score") {
  const Fixture f;
  const std::vector<float> before = f.logits();
  const ColumnSet candidates = f.candidates();
  float weights[12];
  std::size_t count = 99;
  REQUIRE(augur_explain(f.get(), "s0", candidates.data(), candidates.size(), 10, 3, weights, 12,
                        &count) == AUGUR_OK);
  CHECK(f.logits() == before);
  REQUIRE(augur_session_set_history(f.get(), "s0", nullptr, 0, 0) == AUGUR_OK);
  REQUIRE(augur_explain(f.get(), "s0", candidates.data(), candidates.size(), 10, 3, nullptr, 0,
                        &count) == AUGUR_OK);
  CHECK(count == 0);
}

}  // namespace augur::testing
