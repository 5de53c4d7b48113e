// What a session keeps of a user: features, the newest events, saving and restoring.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>

#include "reference/random_model.h"
#include "runtime/support/compare.h"
#include "runtime/support/fixture.h"
#include "runtime/support/saved_states.h"

namespace augur::testing {
namespace {

void put(augur_session* session, const char* stack, const Fields& fields,
         const reference::Rows& rows, bool append) {
  const ColumnSet columns(fields, rows);
  const auto call = append ? augur_session_append : augur_session_set_history;
  REQUIRE(call(session, stack, columns.data(), columns.size(), columns.rows()) == AUGUR_OK);
}

}  // namespace

TEST_CASE("appending events in any pieces equals setting all of them at once") {
  const Fixture f;
  reference::Generator generator(51);
  for (const std::size_t events : {1u, 5u, 12u, 13u, 40u}) {
    CAPTURE(events);
    const reference::Rows all =
        reference::random_rows(f.parts(), f.stack_fields(0), generator, events, "s0_f0");
    put(f.get(), "s0", f.stack_fields(0), all, false);
    const std::vector<float> expected = f.logits();
    const std::vector<std::uint8_t> state = f.saved();
    for (int repetition = 0; repetition < 5; ++repetition) {
      put(f.get(), "s0", f.stack_fields(0), reference::slice(all, 0, 0), false);
      CHECK(augur_session_history_length(f.get(), "s0") == 0);
      for (std::size_t first = 0; first < events;) {
        const std::size_t count = 1 + generator.below(events - first);
        put(f.get(), "s0", f.stack_fields(0), reference::slice(all, first, count), true);
        if (generator.one_in(2)) f.logits();  // ranking in between changes nothing
        first += count;
      }
      CHECK(f.saved() == state);
      CHECK(f.logits() == expected);
    }
  }
}

TEST_CASE("a history keeps its newest events, and does not count masked ones") {
  const std::uint32_t limit = 4;
  const Fixture f(limit);
  reference::Generator generator(52);
  for (std::size_t events = 0; events < 20; ++events) {
    CAPTURE(events);
    const reference::Rows all =
        reference::random_rows(f.parts(), f.stack_fields(0), generator, events, "s0_f0");
    std::vector<std::size_t> real;
    for (std::size_t row = 0; row < events; ++row) {
      if (all.columns.at("s0_f0")[row].ids[0] != 0) real.push_back(row);
    }
    put(f.get(), "s0", f.stack_fields(0), all, false);
    const std::vector<float> logits = f.logits();
    const std::size_t kept = std::min<std::size_t>(real.size(), limit);
    CHECK(augur_session_history_length(f.get(), "s0") == kept);
    real.erase(real.begin(), real.end() - static_cast<std::ptrdiff_t>(kept));
    put(f.get(), "s0", f.stack_fields(0), reference::pick(all, real), false);
    CHECK(f.logits() == logits);
  }
}

TEST_CASE("an empty history, given in any form, scores as in a new session") {
  const Fixture f;
  const SessionHandle fresh = f.model.session();
  reference::Request features_only;
  features_only.features = f.request.features;
  set_user(fresh.get(), f.parts(), features_only);
  const std::vector<float> expected = rank(fresh.get(), f.parts(), f.request.candidates);

  REQUIRE(augur_session_set_history(f.get(), "s0", nullptr, 0, 0) == AUGUR_OK);
  put(f.get(), "s1", f.stack_fields(1), reference::slice(f.request.histories.at("s1"), 0, 0),
      false);
  CHECK(f.logits() == expected);
  CHECK(augur_session_append(f.get(), "s0", nullptr, 0, 0) == AUGUR_OK);
  CHECK(f.logits() == expected);
}

TEST_CASE("clear resets a session to its first state, in which features are 0") {
  const Fixture f;
  const SessionHandle fresh = f.model.session();
  REQUIRE(augur_session_clear(f.get()) == AUGUR_OK);
  CHECK(f.saved() == saved(fresh.get()));
  const std::vector<float> logits = f.logits();
  CHECK(logits == rank(fresh.get(), f.parts(), f.request.candidates));

  reference::Request zero;
  zero.features.count = 1;
  zero.features.columns = {{"f0", {{{0}, {}}}},
                           {"f1", {{{}, {0.0f}}}},
                           {"f2", {{{}, {0.0f, 0.0f, 0.0f}}}},
                           {"f3", {{{}, {}}}}};
  set_user(f.get(), f.parts(), zero);
  CHECK(f.logits() == logits);
}

TEST_CASE("features can be changed one by one") {
  const Fixture f;
  const std::vector<float> before = f.logits();
  reference::Request other = f.request;
  other.features.columns.at("f2")[0].values = {0.25f, -0.5f, 0.75f};
  const ColumnSet changed(f.parts().features, other.features);
  REQUIRE(augur_session_set_feature(f.get(), changed.data() + 2) == AUGUR_OK);
  const std::vector<float> after = f.logits();
  CHECK(after != before);
  const SessionHandle second = f.model.session();
  set_user(second.get(), f.parts(), other);
  CHECK(rank(second.get(), f.parts(), f.request.candidates) == after);
}

TEST_CASE("a saved session is restored, also into a new session") {
  const Fixture f;
  const std::vector<std::uint8_t> state = f.saved();
  const std::vector<float> expected = f.logits();
  const SessionHandle second = f.model.session();
  // Unaligned, to be sure.
  std::vector<std::uint8_t> moved(state.size() + 1);
  std::memcpy(moved.data() + 1, state.data(), state.size());
  REQUIRE(augur_session_restore(second.get(), moved.data() + 1, state.size()) == AUGUR_OK);
  CHECK(rank(second.get(), f.parts(), f.request.candidates) == expected);
  CHECK(saved(second.get()) == state);
  // In other tiles a candidate may stand alone, for which XNNPACK may add up in another order.
  const SessionHandle third = f.model.session(0, 3);
  REQUIRE(augur_session_restore(third.get(), state.data(), state.size()) == AUGUR_OK);
  CHECK(largest_difference(rank(third.get(), f.parts(), f.request.candidates), expected) <=
        kOtherCandidatesBound);
  CHECK(augur_session_history_length(second.get(), "s0") ==
        augur_session_history_length(f.get(), "s0"));

  std::size_t too_small = state.size() - 1;
  CHECK(augur_session_save(f.get(), moved.data(), &too_small) == AUGUR_OUT_OF_MEMORY);
  CHECK(too_small == state.size());
}

TEST_CASE("damaged and foreign saved sessions are refused") {
  const Fixture f;
  const std::vector<std::uint8_t> state = f.saved();
  for (std::size_t length = 0; length < state.size(); ++length) {
    const std::vector<std::uint8_t> cut(state.begin(),
                                        state.begin() + static_cast<std::ptrdiff_t>(length));
    const std::uint8_t nothing = 0;
    CHECK(augur_session_restore(f.get(), length == 0 ? &nothing : cut.data(), length) ==
          AUGUR_INVALID_ARGUMENT);
  }
  std::vector<std::uint8_t> longer = state;
  longer.push_back(0);
  f.check_failed(augur_session_restore(f.get(), longer.data(), longer.size()),
                 AUGUR_INVALID_ARGUMENT, {"damaged"});
  for (std::size_t byte = 0; byte < state.size(); ++byte) {
    std::vector<std::uint8_t> damaged = state;
    damaged[byte] ^= 0x10;
    CAPTURE(byte);
    CHECK(augur_session_restore(f.get(), damaged.data(), damaged.size()) != AUGUR_OK);
  }
  std::vector<std::uint8_t> newer = state;
  newer[8] = 99;
  f.check_failed(augur_session_restore(f.get(), newer.data(), newer.size()), AUGUR_UNSUPPORTED,
                 {"version 99"});

  // The same inputs, but for the limit of one history.
  auto other_parts = reference::random_model(everything_spec());
  other_parts->id.assign(32, 200);
  other_parts->stacks[0]->max_history += 1;
  const TestModel other(std::move(other_parts));
  const SessionHandle session = other.session();
  const std::vector<std::uint8_t> foreign = saved(session.get());
  f.check_failed(augur_session_restore(f.get(), foreign.data(), foreign.size()),
                 AUGUR_INVALID_ARGUMENT, {"a model with other inputs", "events, the newest"});

  // A session that keeps fewer events.
  const SessionHandle small = f.model.session(2);
  CHECK(augur_session_restore(small.get(), state.data(), state.size()) == AUGUR_INVALID_ARGUMENT);
  CHECK(std::string(augur_session_error(small.get())).find("keeps 2") != std::string::npos);
}

TEST_CASE(
    "a saved session with changed contents and a valid checksum is restored completely or "
    "refused") {
  const Fixture f;
  const std::vector<std::uint8_t> state = f.saved();
  const std::vector<float> expected = f.logits();
  reference::Generator generator(58);
  int taken = 0;
  for (int repetition = 0; repetition < 3000; ++repetition) {
    std::vector<std::uint8_t> other = state;
    if (generator.one_in(3))
      other.resize(kSavedHeader + generator.below(state.size() - kSavedHeader));
    for (std::size_t changes = 1 + generator.below(3); changes > 0 && other.size() > kSavedHeader;
         --changes) {
      std::uint8_t& byte = other[kSavedHeader + generator.below(other.size() - kSavedHeader)];
      byte = generator.one_in(2) ? 0xFF : static_cast<std::uint8_t>(generator.below(256));
    }
    seal(other);
    if (augur_session_restore(f.get(), other.data(), other.size()) == AUGUR_OK) {
      ++taken;
      CHECK(f.saved() == other);
      const ColumnSet candidates = f.candidates();
      const augur_status status = augur_rank(f.get(), candidates.data(), candidates.size(),
                                             candidates.rows(), nullptr, nullptr);
      CHECK((status == AUGUR_OK || status == AUGUR_NOT_FINITE || status == AUGUR_BAD_MODEL));
      REQUIRE(augur_session_restore(f.get(), state.data(), state.size()) == AUGUR_OK);
    }
    CHECK(f.saved() == state);
  }
  CHECK(f.logits() == expected);
  CHECK(taken > 10);
  CHECK(taken < 2000);
}

}  // namespace augur::testing
