// Sessions with augur_session_options.streaming, against the float64 reference that runs the
// extractor over the whole stream and takes its newest states.
#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "reference/network.h"
#include "reference/random_model.h"
#include "reference/random_spec.h"
#include "runtime/support/compare.h"
#include "runtime/support/fixture.h"

namespace augur::testing {
namespace {

void put(augur_session* session, const fb::StackT& stack, const reference::Rows& rows,
         bool append) {
  const ColumnSet columns(stack.fields, rows);
  const auto call = append ? augur_session_append : augur_session_set_history;
  REQUIRE(call(session, stack.name.c_str(), columns.data(), columns.size(), columns.rows()) ==
          AUGUR_OK);
}

// The events' beginning by one call, the others in pieces of at most `most`, ranking in between or
// not.
std::vector<float> streamed(augur_session* session, const TestModel& model,
                            const reference::Request& request, std::size_t first, std::size_t most,
                            reference::Generator& generator) {
  set_user(session, model.parts(), request);
  for (const auto& stack : model.parts().stacks) {
    const auto found = request.histories.find(stack->name);
    if (found == request.histories.end()) continue;
    const reference::Rows& events = found->second;
    std::size_t done = std::min(first, events.count);
    put(session, *stack, reference::slice(events, 0, done), false);
    while (done < events.count) {
      const std::size_t count = std::min(1 + generator.below(most), events.count - done);
      put(session, *stack, reference::slice(events, done, count), true);
      done += count;
      if (generator.one_in(2)) rank(session, model.parts(), request.candidates);
    }
  }
  return rank(session, model.parts(), request.candidates);
}

}  // namespace

TEST_CASE("a stream scores as the reference does, however its events are split into calls") {
  Worst worst;
  int differing = 0;
  int cases = 0;
  for (std::uint64_t seed = 700; seed < (emulated() ? 706u : 760u); ++seed) {
    const reference::ModelSpec spec = reference::random_spec(seed);
    INFO(reference::describe(spec));
    const TestModel model(reference::random_model(spec));
    reference::Generator generator(seed);
    for (const std::uint32_t limit : {0u, 1u, 2u, 3u, 7u}) {
      CAPTURE(limit);
      const std::size_t events = generator.below(60);
      const reference::Request request =
          reference::random_request(model.parts(), generator, events, 5);
      const reference::Network network(model.parts());
      std::vector<double> expected;
      for (const reference::Trace& trace : network.score_stream(request, limit))
        expected.push_back(trace.logit);
      const SessionHandle session = model.streaming_session(limit, 1);
      for (const std::size_t most : {1u, 4u, 100u}) {
        CAPTURE(most);
        const std::vector<float> logits =
            streamed(session.get(), model, request, generator.below(20), most, generator);
        const double difference = largest_difference(logits, expected);
        CHECK(difference <= kLogitBound);
        worst.add(difference);
      }
      std::vector<double> windowed;
      for (const reference::Trace& trace : network.score(request, limit))
        windowed.push_back(trace.logit);
      ++cases;
      if (windowed != expected) ++differing;
    }
  }
  MESSAGE("largest difference ", worst.largest(), "; ", differing, " of ", cases,
          " streams score otherwise than their windows");
  CHECK(differing > cases / 4);
}

TEST_CASE("set_history, clear and restore start a stream from its beginning") {
  const TestModel model(reference::random_model(everything_spec()));
  reference::Generator generator(5);
  const reference::Request old = reference::random_request(model.parts(), generator, 40, 6);
  const reference::Request now = reference::random_request(model.parts(), generator, 30, 6);
  const SessionHandle fresh = model.streaming_session(0, 1);
  const std::vector<float> expected = streamed(fresh.get(), model, now, 3, 4, generator);
  const SessionHandle used = model.streaming_session(0, 1);
  const std::vector<float> of_old = streamed(used.get(), model, old, 3, 4, generator);
  CHECK(largest_difference(streamed(used.get(), model, now, 3, 4, generator), expected) <=
        kOtherCandidatesBound);
  REQUIRE(augur_session_clear(used.get()) == AUGUR_OK);
  CHECK(largest_difference(streamed(used.get(), model, now, 0, 4, generator), expected) <=
        kOtherCandidatesBound);

  // What is restored is the window: the scores are those of a session that got no more.
  std::size_t bytes = 0;
  REQUIRE(augur_session_save(used.get(), nullptr, &bytes) == AUGUR_OK);
  std::vector<std::uint8_t> state(bytes);
  REQUIRE(augur_session_save(used.get(), state.data(), &bytes) == AUGUR_OK);
  const SessionHandle windowed = model.streaming_session(0, 0);
  set_user(windowed.get(), model.parts(), now);
  const std::vector<float> of_window = rank(windowed.get(), model.parts(), now.candidates);
  CHECK(of_window != expected);
  REQUIRE(augur_session_restore(used.get(), state.data(), state.size()) == AUGUR_OK);
  CHECK(largest_difference(rank(used.get(), model.parts(), now.candidates), of_window) <=
        kOtherCandidatesBound);
}

TEST_CASE("options: streaming must be 0 or 1, and is 0 in options of older apps") {
  const TestModel model(reference::random_model(everything_spec()));
  augur_session_options options = session_options(0, 0);
  options.streaming = 2;
  augur_error error = empty_error();
  augur_session* session = nullptr;
  CHECK(augur_session_create(model.get(), &options, nullptr, 0, &session, &error) ==
        AUGUR_INVALID_ARGUMENT);
  CHECK(std::string(error.message).find("streaming is 2") != std::string::npos);
  // A caller that knows no `streaming` has something else there.
  options.struct_size = offsetof(augur_session_options, streaming);
  REQUIRE(augur_session_create(model.get(), &options, nullptr, 0, &session, &error) == AUGUR_OK);
  augur_session_destroy(session);
}

}  // namespace augur::testing
