// augur_rank_each and augur_rank_top_k_each: what they report, and when they fail.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "reference/random_model.h"
#include "runtime/support/app_pools.h"
#include "runtime/support/fixture.h"
#include "runtime/support/unusable.h"

namespace augur::testing {
namespace {

using Statuses = std::vector<augur_status>;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

reference::ModelSpec plain_spec() {
  reference::ModelSpec spec;
  spec.head_activation = fb::ActivationKind::Prelu;  // hides no overflow
  return spec;
}

bool all_nan(const std::vector<float>& values) {
  return std::all_of(values.begin(), values.end(), [](float value) { return std::isnan(value); });
}

// The values at these places.
std::vector<float> at(const std::vector<float>& values, const std::vector<std::size_t>& places) {
  std::vector<float> found;
  for (const std::size_t place : places)
    found.push_back(values[place]);
  return found;
}

std::vector<std::size_t> places_of(const Statuses& statuses, bool usable) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < statuses.size(); ++i) {
    if ((statuses[i] == AUGUR_OK) == usable) places.push_back(i);
  }
  return places;
}

// A session with a user, and ten candidates of which some cannot be used.
struct Case {
  Case() : model(plain_spec()), request(model.request(81, 9, 10)), session(model.session()) {
    set_user(get(), model.parts(), request);
    model.use_bad_row(request.candidates, 2);
    model.overflow(request.candidates, 5);
    model.overflow(request.candidates, 9);
    statuses.assign(10, AUGUR_OK);
    statuses[2] = AUGUR_BAD_MODEL;
    statuses[5] = statuses[9] = AUGUR_NOT_FINITE;
  }
  augur_session* get() const { return session.get(); }
  ColumnSet columns() const { return {model.parts().candidate, request.candidates}; }

  UnusableModel model;
  reference::Request request;
  SessionHandle session;
  Statuses statuses;
};

}  // namespace

TEST_CASE("each candidate gets a status; the unusable ones get not-a-number, the others a score") {
  const Case c;
  const EachAnswer each = rank_each(c.get(), c.model.parts(), c.request.candidates);
  CHECK(each.status == AUGUR_OK);
  CHECK(std::string(augur_session_error(c.get())).empty());
  CHECK(each.statuses == c.statuses);
  const std::vector<std::size_t> usable = places_of(c.statuses, true);
  const std::vector<std::size_t> unusable = places_of(c.statuses, false);
  CHECK(all_nan(at(each.scores, unusable)));
  CHECK(all_nan(at(each.logits, unusable)));

  const ColumnSet alone(c.model.parts().candidate, reference::pick(c.request.candidates, usable));
  std::vector<float> scores(usable.size());
  std::vector<float> logits(usable.size());
  REQUIRE(augur_rank(c.get(), alone.data(), alone.size(), usable.size(), scores.data(),
                     logits.data()) == AUGUR_OK);
  CHECK(at(each.scores, usable) == scores);
  CHECK(at(each.logits, usable) == logits);

  // augur_rank fails as before.
  const ColumnSet all = c.columns();
  std::vector<float> none(10);
  CHECK(augur_rank(c.get(), all.data(), all.size(), 10, none.data(), nullptr) == AUGUR_BAD_MODEL);
  CHECK(std::string(augur_session_error(c.get())).find("candidate 2: ") == 0);
  CHECK(all_nan(none));
}

TEST_CASE("scores, logits, statuses and the options may be left out") {
  const Case c;
  const ColumnSet columns = c.columns();
  const EachAnswer each = rank_each(c.get(), c.model.parts(), c.request.candidates);
  const auto same = [](const std::vector<float>& a, const std::vector<float>& b) {
    return std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
  };
  std::vector<float> scores(10);
  std::vector<float> logits(10);
  augur_each_options options = {};
  options.struct_size = sizeof(options);
  CHECK(augur_rank_each(c.get(), columns.data(), columns.size(), 10, scores.data(), nullptr,
                        nullptr) == AUGUR_OK);
  CHECK(augur_rank_each(c.get(), columns.data(), columns.size(), 10, nullptr, logits.data(),
                        &options) == AUGUR_OK);
  CHECK(same(scores, each.scores));
  CHECK(same(logits, each.logits));
  Statuses statuses(10, AUGUR_UNSUPPORTED);
  options.statuses = statuses.data();
  CHECK(augur_rank_each(c.get(), columns.data(), columns.size(), 10, nullptr, nullptr, &options) ==
        AUGUR_OK);
  CHECK(statuses == c.statuses);
}

TEST_CASE("the best k are chosen among the usable candidates, ties in the order of the indices") {
  const Case c;
  // Every candidate occurs several times.
  reference::Generator generator(5);
  std::vector<std::size_t> order(60);
  for (std::size_t& i : order)
    i = generator.below(10);
  const reference::Rows list = reference::pick(c.request.candidates, order);
  const EachAnswer each = rank_each(c.get(), c.model.parts(), list);
  std::vector<std::size_t> best = places_of(each.statuses, true);
  REQUIRE(best.size() < 60);
  std::stable_sort(best.begin(), best.end(),
                   [&](std::size_t a, std::size_t b) { return each.logits[a] > each.logits[b]; });
  for (const std::size_t k : {std::size_t{0}, std::size_t{1}, std::size_t{9}, best.size() - 1,
                              best.size(), std::size_t{60}, std::size_t{100}}) {
    CAPTURE(k);
    const TopAnswer found = top_k_each(c.get(), c.model.parts(), list, k);
    CHECK(found.status == AUGUR_OK);
    CHECK(found.statuses == each.statuses);
    std::vector<std::size_t> expected = best;
    expected.resize(std::min(k, best.size()));
    CHECK(found.indices == expected);
    CHECK(found.scores == at(each.scores, expected));
  }
}

TEST_CASE("an id that its table refuses and a number that is not finite get their statuses") {
  Case c;
  c.model.use_unknown_id(c.request.candidates, 7);
  c.model.use_bad_number(c.request.candidates, 1);
  c.model.use_bad_number(c.request.candidates, 2);  // whose row is not finite either
  c.statuses[7] = AUGUR_OUT_OF_RANGE;
  c.statuses[1] = c.statuses[2] = AUGUR_INVALID_ARGUMENT;
  const EachAnswer each = rank_each(c.get(), c.model.parts(), c.request.candidates);
  CHECK(each.status == AUGUR_OK);
  CHECK(each.statuses == c.statuses);
  const std::vector<std::size_t> usable = places_of(c.statuses, true);
  CHECK(at(each.logits, usable) ==
        rank(c.get(), c.model.parts(), reference::pick(c.request.candidates, usable)));
  CHECK(all_nan(at(each.scores, places_of(c.statuses, false))));
  const TopAnswer top = top_k_each(c.get(), c.model.parts(), c.request.candidates, 10);
  CHECK(top.indices.size() == usable.size());
  CHECK(top.statuses == c.statuses);

  // augur_rank refuses such a list before it scores anything.
  const ColumnSet columns = c.columns();
  std::vector<float> scores(10, 0.5f);
  CHECK(augur_rank(c.get(), columns.data(), columns.size(), 10, scores.data(), nullptr) ==
        AUGUR_INVALID_ARGUMENT);
  CHECK(scores == std::vector<float>(10, 0.5f));
}

TEST_CASE("a list without candidates, and one without a usable candidate, are ranked") {
  Case c;
  CHECK(augur_rank_each(c.get(), nullptr, 0, 0, nullptr, nullptr, nullptr) == AUGUR_OK);
  std::size_t count = 7;
  CHECK(augur_rank_top_k_each(c.get(), nullptr, 0, 0, 0, nullptr, nullptr, &count, nullptr) ==
        AUGUR_OK);
  CHECK(count == 0);

  for (std::size_t row = 0; row < 10; ++row)
    c.model.spoil(c.request.candidates, row, row);
  const EachAnswer each = rank_each(c.get(), c.model.parts(), c.request.candidates);
  CHECK(each.status == AUGUR_OK);
  CHECK(places_of(each.statuses, true).empty());
  CHECK(all_nan(each.scores));
  CHECK(all_nan(each.logits));
  const TopAnswer top = top_k_each(c.get(), c.model.parts(), c.request.candidates, 4);
  CHECK(top.status == AUGUR_OK);
  CHECK(top.indices.empty());
  CHECK(top.statuses == each.statuses);
}

TEST_CASE("a call that is wrong as a whole fails, and changes nothing") {
  const Fixture f;
  std::vector<float> scores(10, 0.5f);
  std::size_t indices[3];
  const auto check = [&](augur_status expected, const ColumnSet& columns, std::size_t candidates,
                         const augur_each_options* options, const std::string& part) {
    f.check_failed(augur_rank_each(f.get(), columns.data(), columns.size(), candidates,
                                   scores.data(), nullptr, options),
                   expected, {part});
    std::size_t count = 7;
    f.check_failed(augur_rank_top_k_each(f.get(), columns.data(), columns.size(), candidates, 3,
                                         indices, scores.data(), &count, options),
                   expected, {part});
    // As augur_rank, which does not know the arrays' lengths if the columns contradict each other.
    CHECK(scores == std::vector<float>(10, 0.5f));
  };
  const ColumnSet right = f.candidates();
  check(AUGUR_SHAPE_MISMATCH, {f.parts().candidate, without(f.request.candidates, "c3")}, 10,
        nullptr, "'c3' is missing");
  check(AUGUR_SHAPE_MISMATCH, right, 9, nullptr, "expected 9");
  ColumnSet unknown = f.candidates();
  unknown[0].name = "colour";
  check(AUGUR_NOT_FOUND, unknown, 10, nullptr, "'colour'");
  for (const std::size_t size : {std::size_t{0}, sizeof(std::size_t), SIZE_MAX}) {
    const augur_each_options options = {size, nullptr};
    check(AUGUR_INVALID_ARGUMENT, right, 10, &options, "augur_each_options has struct_size");
  }
  struct {
    augur_each_options known = {sizeof(augur_each_options) + sizeof(std::size_t), nullptr};
    std::size_t unknown = 1;
  } newer;
  check(AUGUR_UNSUPPORTED, right, 10, &newer.known, "augur_each_options");
  newer.unknown = 0;
  CHECK(augur_rank_each(f.get(), right.data(), right.size(), 10, nullptr, nullptr, &newer.known) ==
        AUGUR_OK);

  CHECK(augur_rank_each(nullptr, right.data(), right.size(), 10, nullptr, nullptr, nullptr) ==
        AUGUR_INVALID_ARGUMENT);
  f.check_failed(augur_rank_top_k_each(f.get(), right.data(), right.size(), 10, 3, indices,
                                       scores.data(), nullptr, nullptr),
                 AUGUR_INVALID_ARGUMENT, {"count"});
}

TEST_CASE("an error of the user's part or of the app's pool fails the call for all candidates") {
  const auto check = [](augur_session* session, const fb::ModelT& model,
                        const reference::Rows& rows, augur_status status, const char* part) {
    const EachAnswer each = rank_each(session, model, rows);
    CHECK(each.status == status);
    CHECK(std::string(augur_session_error(session)).find(part) != std::string::npos);
    CHECK(each.statuses == Statuses(rows.count, status));
    CHECK(all_nan(each.scores));
    CHECK(all_nan(each.logits));
    const TopAnswer top = top_k_each(session, model, rows, 3);
    CHECK(top.status == status);
    CHECK(top.indices.empty());
    CHECK(top.statuses == Statuses(rows.count, status));
  };
  constexpr std::int64_t kBadRow = 5;
  auto parts = reference::random_model(plain_spec());
  for (auto& table : parts->tables) {
    if (table->name != "s0_f0") continue;
    std::memcpy(table->weights->data.data() + kBadRow * table->weights->shape[1] * sizeof(kNan),
                &kNan, sizeof(kNan));
  }
  const TestModel model(std::move(parts));
  reference::Generator generator(82);
  reference::Request request = reference::random_request(model.parts(), generator, 12, 300);
  reference::Rows& history = request.histories.at("s0");
  for (reference::Rows* rows : {&history, &request.candidates}) {
    for (reference::Cell& cell : rows->columns.at(rows == &history ? "s0_f0" : "s0_q0"))
      cell.ids[0] %= kBadRow;
  }
  augur_session_options options = session_options(0, 0, 2);
  options.parallel_for = [](void*, augur_task, void*, std::size_t) {};  // runs nothing
  const SessionHandle idle = model.session(options);
  set_user(idle.get(), model.parts(), request);
  check(idle.get(), model.parts(), request.candidates, AUGUR_INVALID_ARGUMENT, "parallel_for");

  history = with_id(history, "s0_f0", 3, kBadRow);
  const SessionHandle session = model.session();
  set_user(session.get(), model.parts(), request);
  check(session.get(), model.parts(), request.candidates, AUGUR_BAD_MODEL, "s0");
}

TEST_CASE("a history that overflows makes every candidate unusable, and does not fail the call") {
  reference::ModelSpec spec;
  spec.stacks[0].evolution = fb::EvolutionKind::Agru;
  spec.stacks[0].attention->kind = fb::AttentionKind::Dot;
  spec.stacks[0].query_width = 8;
  spec.stacks[0].attention->normalisation = fb::Normalisation::None;
  spec.stacks[0].attention->score_scale = 1e30f;
  spec.head_activation = fb::ActivationKind::Sigmoid;  // hides what the states are
  const TestModel model(reference::random_model(spec));
  reference::Generator generator(64);
  const reference::Request request = reference::random_request(model.parts(), generator, 12, 50);
  for (const std::uint32_t tile : {0u, 1u, 7u}) {
    const SessionHandle session = model.session(0, tile);
    set_user(session.get(), model.parts(), request);
    const EachAnswer each = rank_each(session.get(), model.parts(), request.candidates);
    CHECK(each.status == AUGUR_OK);
    CHECK(each.statuses == Statuses(50, AUGUR_NOT_FINITE));
    CHECK(all_nan(each.logits));
  }
}

TEST_CASE("a streaming session ranks each candidate, and its stream goes on as before") {
  const Case c;
  augur_session_options options = session_options(4, 3);
  options.streaming = 1;
  const SessionHandle session = c.model.session(options);
  const SessionHandle twin = c.model.session(options);
  const reference::Rows usable = reference::pick(c.request.candidates, places_of(c.statuses, true));
  const fb::ModelT& parts = c.model.parts();
  const ColumnSet events(parts.stacks[0]->fields, c.request.histories.at("s0"));
  for (int round = 0; round < 3; ++round) {
    for (augur_session* each : {session.get(), twin.get()}) {
      REQUIRE(augur_session_append(each, nullptr, events.data(), events.size(), events.rows()) ==
              AUGUR_OK);
    }
    const EachAnswer answer = rank_each(session.get(), parts, c.request.candidates);
    CHECK(answer.status == AUGUR_OK);
    CHECK(answer.statuses == c.statuses);
    CHECK(at(answer.logits, places_of(c.statuses, true)) == rank(twin.get(), parts, usable));
  }
}

TEST_CASE("explain fails for an unusable candidate, and gives the same for the others") {
  const Case c;
  const ColumnSet columns = c.columns();
  const std::vector<std::size_t> order = places_of(c.statuses, true);
  const ColumnSet usable(c.model.parts().candidate, reference::pick(c.request.candidates, order));
  (void)rank_each(c.get(), c.model.parts(), c.request.candidates);
  std::vector<float> weights(9);
  std::vector<float> expected(9);
  std::size_t count = 0;
  CHECK(augur_explain(c.get(), nullptr, columns.data(), columns.size(), 10, 5, weights.data(), 9,
                      &count) == AUGUR_NOT_FINITE);
  for (std::size_t i = 0; i < order.size(); ++i) {
    REQUIRE(augur_explain(c.get(), nullptr, columns.data(), columns.size(), 10, order[i],
                          weights.data(), 9, &count) == AUGUR_OK);
    REQUIRE(augur_explain(c.get(), nullptr, usable.data(), usable.size(), order.size(), i,
                          expected.data(), 9, &count) == AUGUR_OK);
    CHECK(weights == expected);
  }
}

}  // namespace augur::testing
