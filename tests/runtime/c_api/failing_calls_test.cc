// Every call of a session is made to fail in every way that it can. The session must stay bit for
// bit the same: what it saves, what it scores, and how its stream continues. It is compared with a
// second session, its twin, on which no failing call was made.
#include <doctest/doctest.h>

#include <cstring>
#include <functional>
#include <limits>

#include "reference/random_model.h"
#include "runtime/support/fixture.h"

namespace augur::testing {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kHuge = 3e38f;

// The fixture's model, in which the last row of s0_f0, an id field of stack s0, and of c0, one of
// the candidates, hold a value that is not finite, and whose logits are so large that a huge c2
// makes them overflow.
std::unique_ptr<fb::ModelT> spoilt_model() {
  auto parts = reference::random_model(everything_spec());
  parts->calibration = std::make_unique<fb::CalibrationT>();
  parts->calibration->scale = 1e6f;
  for (auto& table : parts->tables) {
    if (table->name != "s0_f0" && table->name != "c0") continue;
    auto& data = table->weights->data;
    std::memcpy(data.data() + data.size() - sizeof(kNan), &kNan, sizeof(kNan));
  }
  return parts;
}

std::int64_t last_row(const fb::ModelT& model, const std::string& name) {
  for (const auto& table : model.tables) {
    if (table->name == name) return static_cast<std::int64_t>(table->weights->shape[0]) - 1;
  }
  return 0;
}

class Twins {
 public:
  Twins(bool streaming, std::uint32_t max_history) : model(spoilt_model()) {
    augur_session_options options = session_options(max_history, 0);
    options.streaming = streaming ? 1 : 0;
    options.max_ids_per_event = 2;
    for (SessionHandle* twin : {&tried_, &spared_}) {
      augur_session* session = nullptr;
      REQUIRE(augur_session_create(model.get(), &options, nullptr, 0, &session, nullptr) ==
              AUGUR_OK);
      twin->reset(session);
    }
    reference::Generator generator(71);
    request = reference::random_request(parts(), generator, 30, 10);
    // The request itself contains no id of these rows.
    for (std::size_t row = 0; row < 30; ++row)
      request.histories.at("s0").columns.at("s0_f0")[row].ids[0] %= last_row(parts(), "s0_f0");
    for (std::size_t row = 0; row < 10; ++row)
      request.candidates.columns.at("c0")[row].ids = {1};
    for (const SessionHandle* twin : {&tried_, &spared_}) {
      set_user(twin->get(), parts(), request);
      rank(twin->get(), parts(), request.candidates);
    }
  }

  const fb::ModelT& parts() const { return model.parts(); }
  augur_session* session() const { return tried_.get(); }
  const Fields& events_fields() const { return parts().stacks[0]->fields; }
  const reference::Rows& events() const { return request.histories.at("s0"); }

  // `call` must fail and change nothing: a ranking and three more events must give the same results
  // as on the twin.
  void check(augur_status expected, const std::function<augur_status()>& call) const {
    const std::vector<std::uint8_t> before = saved(session());
    const augur_status came = call();
    CAPTURE(augur_session_error(session()));
    CHECK(std::string(augur_status_name(came)) == augur_status_name(expected));
    CHECK(saved(session()) == before);
    CHECK(logits(tried_) == logits(spared_));
    const ColumnSet more(events_fields(), reference::slice(events(), 7, 3));
    for (const SessionHandle* twin : {&tried_, &spared_})
      REQUIRE(augur_session_append(twin->get(), "s0", more.data(), more.size(), 3) == AUGUR_OK);
    CHECK(saved(session()) == saved(spared_.get()));
    CHECK(logits(tried_) == logits(spared_));
    // And the same with events that no ranking has computed yet.
    for (const SessionHandle* twin : {&tried_, &spared_})
      REQUIRE(augur_session_append(twin->get(), "s0", more.data(), more.size(), 3) == AUGUR_OK);
    CHECK(call() == expected);
    CHECK(saved(session()) == saved(spared_.get()));
    CHECK(logits(tried_) == logits(spared_));
  }

  // set_history and append, both.
  void check_events(augur_status expected, const reference::Rows& rows,
                    const std::function<void(ColumnSet&)>& spoil = nullptr) const {
    ColumnSet columns(events_fields(), rows);
    if (spoil) spoil(columns);
    for (const auto put : {augur_session_set_history, augur_session_append}) {
      check(expected,
            [&] { return put(session(), "s0", columns.data(), columns.size(), columns.rows()); });
    }
  }

  void check_candidates(augur_status expected, const reference::Rows& rows) const {
    const ColumnSet columns(parts().candidate, rows);
    std::vector<float> floats(64);
    std::size_t indices[4];
    std::size_t count = 0;
    check(expected, [&] {
      return augur_rank(session(), columns.data(), columns.size(), 10, floats.data(), nullptr);
    });
    check(expected, [&] {
      return augur_rank_top_k(session(), columns.data(), columns.size(), 10, 4, indices,
                              floats.data(), &count);
    });
    check(expected, [&] {
      return augur_explain(session(), "s0", columns.data(), columns.size(), 10, 3, floats.data(),
                           64, &count);
    });
  }

  TestModel model;
  reference::Request request;

 private:
  std::vector<float> logits(const SessionHandle& twin) const {
    return rank(twin.get(), parts(), request.candidates);
  }

  SessionHandle tried_;
  SessionHandle spared_;
};

void check_history_calls(const Twins& twins) {
  const reference::Rows& events = twins.events();
  augur_session* session = twins.session();
  twins.check_events(AUGUR_OUT_OF_RANGE, with_id(events, "s0_f0", 29, 1000));
  twins.check_events(AUGUR_INVALID_ARGUMENT, with_value(events, "s0_f2", 29, kNan));
  twins.check_events(AUGUR_SHAPE_MISMATCH, without(events, "s0_f1"));
  twins.check_events(AUGUR_SHAPE_MISMATCH, events,
                     [](ColumnSet& columns) { columns["s0_f1"].length -= 1; });
  twins.check_events(AUGUR_NOT_FOUND, events,
                     [](ColumnSet& columns) { columns["s0_f2"].name = "price"; });
  twins.check_events(AUGUR_INVALID_ARGUMENT, events,
                     [](ColumnSet& columns) { columns["s0_f2"].name = "s0_f1"; });
  twins.check_events(AUGUR_INVALID_ARGUMENT, events,
                     [](ColumnSet& columns) { columns["s0_f0"].ids = nullptr; });
  // A newer caller's columns, with a member that this library does not know, and an array in which
  // the columns' struct_size differs.
  struct NewerColumn {
    augur_column known;
    std::uint64_t unknown;
  };
  ColumnSet given(twins.events_fields(), events);
  std::vector<NewerColumn> newer(given.size());
  for (std::size_t i = 0; i < newer.size(); ++i) {
    newer[i].known = given[i];
    newer[i].known.struct_size = sizeof(NewerColumn);
    newer[i].unknown = i;
  }
  for (const auto put : {augur_session_set_history, augur_session_append}) {
    twins.check(AUGUR_UNSUPPORTED,
                [&] { return put(session, "s0", &newer[0].known, newer.size(), 30); });
  }
  twins.check_events(AUGUR_INVALID_ARGUMENT, events, [](ColumnSet& columns) {
    columns["s0_f1"].struct_size = sizeof(NewerColumn);
  });
  const ColumnSet columns(twins.events_fields(), events);
  for (const auto put : {augur_session_set_history, augur_session_append}) {
    twins.check(AUGUR_NOT_FOUND,
                [&] { return put(session, "clicks", columns.data(), columns.size(), 30); });
    twins.check(AUGUR_NOT_FOUND,
                [&] { return put(session, nullptr, columns.data(), columns.size(), 30); });
    twins.check(AUGUR_INVALID_ARGUMENT, [&] { return put(session, "s0", nullptr, 3, 30); });
  }
}

void check_feature_calls(const Twins& twins) {
  augur_session* session = twins.session();
  const auto spoilt = [&](std::size_t index, auto spoil, augur_status expected) {
    ColumnSet columns(twins.parts().features, twins.request.features);
    spoil(columns[index]);
    twins.check(expected, [&] { return augur_session_set_feature(session, &columns[index]); });
  };
  const std::int64_t outside = 1000;
  const float not_finite[] = {kNan, 0, 0};
  spoilt(
      0, [&](augur_column& column) { column.ids = &outside; }, AUGUR_OUT_OF_RANGE);
  spoilt(
      0, [&](augur_column& column) { column.length = 2; }, AUGUR_SHAPE_MISMATCH);
  spoilt(
      1, [&](augur_column& column) { column.name = "age"; }, AUGUR_NOT_FOUND);
  spoilt(
      2, [&](augur_column& column) { column.values = not_finite; }, AUGUR_INVALID_ARGUMENT);
  spoilt(
      3, [&](augur_column& column) { column.counts = nullptr; }, AUGUR_INVALID_ARGUMENT);
  twins.check(AUGUR_INVALID_ARGUMENT, [&] { return augur_session_set_feature(session, nullptr); });
}

void check_scoring_calls(const Twins& twins) {
  const reference::Rows& candidates = twins.request.candidates;
  twins.check_candidates(AUGUR_OUT_OF_RANGE, with_id(candidates, "s0_q0", 9, 1000));
  twins.check_candidates(AUGUR_INVALID_ARGUMENT, with_value(candidates, "c2", 3, kNan));
  twins.check_candidates(AUGUR_SHAPE_MISMATCH, without(candidates, "c3"));
  // c0's last row holds a value that is not finite.
  twins.check_candidates(AUGUR_BAD_MODEL,
                         with_id(candidates, "c0", 3, last_row(twins.parts(), "c0")));
  reference::Rows overflowing = candidates;
  for (reference::Cell& cell : overflowing.columns.at("c2"))
    cell.values = {kHuge, -kHuge};
  twins.check_candidates(AUGUR_NOT_FINITE, overflowing);
  augur_session* session = twins.session();
  const ColumnSet columns(twins.parts().candidate, candidates);
  float weights[1];
  std::size_t count = 0;
  twins.check(AUGUR_INVALID_ARGUMENT, [&] {
    return augur_explain(session, "s0", columns.data(), columns.size(), 10, 10, weights, 1, &count);
  });
  twins.check(AUGUR_NOT_FOUND, [&] {
    return augur_explain(session, "s1", columns.data(), columns.size(), 10, 0, weights, 1, &count);
  });
}

void check_state_calls(const Twins& twins) {
  augur_session* session = twins.session();
  const std::vector<std::uint8_t> state = saved(session);
  const auto restore = [&](std::vector<std::uint8_t> bytes, augur_status expected) {
    twins.check(expected,
                [&] { return augur_session_restore(session, bytes.data(), bytes.size()); });
  };
  std::vector<std::uint8_t> damaged = state;
  damaged.at(70) ^= 1;
  restore(damaged, AUGUR_INVALID_ARGUMENT);
  restore({state.begin(), state.end() - 9}, AUGUR_INVALID_ARGUMENT);
  std::vector<std::uint8_t> older = state;
  older[8] = 0;
  restore(older, AUGUR_UNSUPPORTED);
  std::vector<std::uint8_t> of_other_model = state;
  of_other_model[16] ^= 1;
  restore(of_other_model, AUGUR_INVALID_ARGUMENT);
  // More events than this session keeps.
  const SessionHandle larger = twins.model.session();
  set_user(larger.get(), twins.parts(), twins.request);
  restore(saved(larger.get()), AUGUR_INVALID_ARGUMENT);
  twins.check(AUGUR_OUT_OF_MEMORY, [&] {
    std::vector<std::uint8_t> small(10);
    std::size_t bytes = small.size();
    return augur_session_save(session, small.data(), &bytes);
  });
  twins.check(AUGUR_INVALID_ARGUMENT,
              [&] { return augur_session_save(session, nullptr, nullptr); });
}

}  // namespace

TEST_CASE("a failing call changes nothing in a session, its stream included") {
  for (const bool streaming : {false, true}) {
    CAPTURE(streaming);
    const Twins twins(streaming, 4);
    check_history_calls(twins);
    check_feature_calls(twins);
    check_scoring_calls(twins);
    check_state_calls(twins);
  }
}

TEST_CASE("a stream refuses a call with an event that is not finite, at any position in the call") {
  const Twins twins(true, 4);
  const std::int64_t bad = last_row(twins.parts(), "s0_f0");
  for (const std::size_t row : {std::size_t{0}, std::size_t{3}, std::size_t{17}, std::size_t{29}})
    twins.check_events(AUGUR_BAD_MODEL, with_id(twins.events(), "s0_f0", row, bad));
}

TEST_CASE("without streaming, an event that is not finite fails rankings until it is dropped") {
  const Twins twins(false, 4);
  augur_session* session = twins.session();
  const std::int64_t bad = last_row(twins.parts(), "s0_f0");
  const ColumnSet spoilt(twins.events_fields(), with_id(twins.events(), "s0_f0", 29, bad));
  REQUIRE(augur_session_set_history(session, "s0", spoilt.data(), spoilt.size(), 30) == AUGUR_OK);
  const std::vector<std::uint8_t> before = saved(session);
  const ColumnSet candidates(twins.parts().candidate, twins.request.candidates);
  std::vector<float> scores(10);
  for (int repetition = 0; repetition < 2; ++repetition) {
    CHECK(augur_rank(session, candidates.data(), candidates.size(), 10, scores.data(), nullptr) ==
          AUGUR_BAD_MODEL);
    CHECK(scores[0] != scores[0]);
    CHECK(saved(session) == before);
  }
  reference::Rows good = reference::slice(twins.events(), 0, 4);
  for (reference::Cell& cell : good.columns.at("s0_f0"))
    cell.ids = {1};
  const ColumnSet columns(twins.events_fields(), good);
  REQUIRE(augur_session_append(session, "s0", columns.data(), columns.size(), 4) == AUGUR_OK);
  CHECK(augur_rank(session, candidates.data(), candidates.size(), 10, scores.data(), nullptr) ==
        AUGUR_OK);
}

}  // namespace augur::testing
