// Numbers that overflow in the network: the call fails, names the first candidate, and fills the
// scores with not-a-number.
#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "reference/random_model.h"
#include "runtime/support/fixture.h"

namespace augur::testing {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr std::size_t kCandidates = 90;

// The candidates' vector goes to the head alone.
reference::ModelSpec head_spec(fb::ActivationKind activation) {
  reference::ModelSpec spec;
  spec.candidate = {{fb::FieldKind::Vector, 6}, {fb::FieldKind::Id, 3}};
  spec.head_activation = activation;
  return spec;
}

void overflow(reference::Rows& candidates, std::size_t row) {
  candidates.columns.at("c0")[row].values = {3e38f, -3e38f, 3e38f, -3e38f, 3e38f, -3e38f};
}

// Of every call that scores; the message begins with the candidate.
void check_all_fail(augur_session* session, const TestModel& model, const reference::Rows& rows,
                    augur_status status, std::size_t candidate) {
  const ColumnSet columns(model.parts().candidate, rows);
  const std::string named = "candidate " + std::to_string(candidate) + ":";
  const auto check = [&](augur_status came) {
    CHECK(std::string(augur_status_name(came)) == augur_status_name(status));
    CAPTURE(augur_session_error(session));
    CHECK(std::string(augur_session_error(session)).find(named) == 0);
  };
  std::vector<float> scores(rows.count, 0.5f);
  std::vector<float> logits(rows.count, 0.5f);
  check(augur_rank(session, columns.data(), columns.size(), rows.count, scores.data(),
                   logits.data()));
  for (std::size_t i = 0; i < rows.count; ++i) {
    CHECK(std::isnan(scores[i]));
    CHECK(std::isnan(logits[i]));
  }
  check(augur_rank(session, columns.data(), columns.size(), rows.count, nullptr, nullptr));
  std::vector<std::size_t> indices(rows.count);
  std::size_t count = 7;
  check(augur_rank_top_k(session, columns.data(), columns.size(), rows.count, 3, indices.data(),
                         scores.data(), &count));
  CHECK(count == 0);
  count = 7;
  std::vector<float> weights(64, 0.5f);
  check(augur_explain(session, nullptr, columns.data(), columns.size(), rows.count, candidate,
                      weights.data(), weights.size(), &count));
  CHECK(count == 0);
  CHECK(weights == std::vector<float>(64, 0.5f));
}

}  // namespace

TEST_CASE(
    "a logit that is not finite fails every call, in any tile, and the session stays usable") {
  for (const fb::ActivationKind activation :
       {fb::ActivationKind::Prelu, fb::ActivationKind::None}) {
    const TestModel model(reference::random_model(head_spec(activation)));
    reference::Generator generator(61);
    const reference::Request request =
        reference::random_request(model.parts(), generator, 6, kCandidates);
    for (const std::uint32_t tile : {0u, 1u, 5u, 16u, 200u}) {
      CAPTURE(tile);
      const SessionHandle session = model.session(0, tile);
      set_user(session.get(), model.parts(), request);
      const std::vector<float> before = rank(session.get(), model.parts(), request.candidates);
      reference::Rows rows = request.candidates;
      for (const std::size_t first : {std::size_t{89}, std::size_t{40}, std::size_t{0}}) {
        overflow(rows, first);
        check_all_fail(session.get(), model, rows, AUGUR_NOT_FINITE, first);
      }
      CHECK(rank(session.get(), model.parts(), request.candidates) == before);
    }
  }
}

TEST_CASE("an infinite logit fails a ranking as not-a-number does") {
  reference::ModelSpec spec = head_spec(fb::ActivationKind::None);
  spec.calibrated = true;
  auto parts = reference::random_model(spec);
  parts->calibration->scale = 3e38f;
  const TestModel model(std::move(parts));
  reference::Generator generator(62);
  reference::Request request = reference::random_request(model.parts(), generator, 6, 3);
  request.candidates.columns.at("c0")[1].values = {9e9f, -9e9f, 3e9f, 2e9f, 5e9f, 1e9f};
  for (const std::size_t row : {std::size_t{0}, std::size_t{2}})
    request.candidates.columns.at("c0")[row] = request.candidates.columns.at("c0")[1];
  const SessionHandle session = model.session();
  set_user(session.get(), model.parts(), request);
  check_all_fail(session.get(), model, request.candidates, AUGUR_NOT_FINITE, 0);
}

TEST_CASE("if candidates of a tile fail for different reasons, the error names the first one") {
  auto parts = reference::random_model(head_spec(fb::ActivationKind::Prelu));
  std::uint32_t bad_row = 0;
  for (auto& table : parts->tables) {
    if (table->name != "c1") continue;
    bad_row = table->weights->shape[0] - 1;
    auto& data = table->weights->data;
    std::memcpy(data.data() + data.size() - sizeof(kNan), &kNan, sizeof(kNan));
  }
  REQUIRE(bad_row > 0);
  const TestModel model(std::move(parts));
  reference::Generator generator(63);
  reference::Request request = reference::random_request(model.parts(), generator, 6, kCandidates);
  for (std::size_t row = 0; row < kCandidates; ++row)
    request.candidates = with_id(std::move(request.candidates), "c1", row, 1);
  for (const std::uint32_t tile : {0u, 1u, 200u}) {
    CAPTURE(tile);
    const SessionHandle session = model.session(0, tile);
    set_user(session.get(), model.parts(), request);
    reference::Rows rows = with_id(request.candidates, "c1", 8, bad_row);
    overflow(rows, 9);
    check_all_fail(session.get(), model, rows, AUGUR_BAD_MODEL, 8);
    overflow(rows, 7);
    check_all_fail(session.get(), model, rows, AUGUR_NOT_FINITE, 7);
  }
}

TEST_CASE("diverging states fail a ranking, even if an activation of the head hides them") {
  for (const fb::ActivationKind activation :
       {fb::ActivationKind::Relu, fb::ActivationKind::Sigmoid, fb::ActivationKind::Prelu}) {
    reference::ModelSpec spec;
    spec.head_activation = activation;
    spec.stacks[0].evolution = fb::EvolutionKind::Agru;
    spec.stacks[0].attention->kind = fb::AttentionKind::Dot;
    spec.stacks[0].query_width = 8;
    spec.stacks[0].attention->normalisation = fb::Normalisation::None;
    spec.stacks[0].attention->score_scale = 1e30f;
    const TestModel model(reference::random_model(spec));
    reference::Generator generator(64);
    const reference::Request request = reference::random_request(model.parts(), generator, 12, 5);
    const SessionHandle session = model.session();
    set_user(session.get(), model.parts(), request);
    check_all_fail(session.get(), model, request.candidates, AUGUR_NOT_FINITE, 0);
    // Without events there is nothing that diverges.
    REQUIRE(augur_session_clear(session.get()) == AUGUR_OK);
    rank(session.get(), model.parts(), request.candidates);
  }
}

TEST_CASE("explain fails if the attention is not finite") {
  reference::ModelSpec spec;
  spec.stacks[0].attention->kind = fb::AttentionKind::Dot;
  spec.stacks[0].query_width = 8;
  spec.stacks[0].attention->normalisation = fb::Normalisation::None;
  spec.stacks[0].attention->score_scale = 3e38f;
  // The head does not read the stack.
  spec.slots = {{{fb::SourceKind::Feature, 0}, std::nullopt},
                {{fb::SourceKind::Candidate, 0}, std::nullopt}};
  auto parts = reference::random_model(spec);
  for (auto& table : parts->tables) {
    if (table->name != "s0_q0") continue;
    std::vector<float> large(table->weights->data.size() / sizeof(float), 100.0f);
    std::memcpy(table->weights->data.data(), large.data(), table->weights->data.size());
  }
  parts->stacks[0]->result = fb::ResultKind::LastState;
  parts->stacks[0]->evolution.reset();
  const TestModel model(std::move(parts));
  reference::Generator generator(65);
  const reference::Request request = reference::random_request(model.parts(), generator, 6, 3);
  const SessionHandle session = model.session();
  set_user(session.get(), model.parts(), request);
  rank(session.get(), model.parts(), request.candidates);
  const ColumnSet columns(model.parts().candidate, request.candidates);
  std::vector<float> weights(6, 0.5f);
  std::size_t count = 7;
  CHECK(augur_explain(session.get(), nullptr, columns.data(), columns.size(), 3, 2, weights.data(),
                      6, &count) == AUGUR_NOT_FINITE);
  CHECK(std::string(augur_session_error(session.get())).find("candidate 2: its attention") == 0);
  CHECK(count == 0);
  CHECK(weights == std::vector<float>(6, 0.5f));
}

}  // namespace augur::testing
