// Models whose histories are too long to keep everything of every step: against the float64
// reference; and the same bits however the events came.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "reference/network.h"
#include "reference/random_model.h"
#include "reference/random_spec.h"
#include "runtime/support/compare.h"
#include "runtime/support/fixture.h"

namespace augur::testing {
namespace {

constexpr std::uint32_t kLong = 270;  // events that these models keep

reference::ModelSpec long_spec(std::uint64_t seed) {
  reference::ModelSpec spec = reference::random_spec(seed);
  for (reference::StackSpec& stack : spec.stacks) {
    stack.max_history = kLong;
    // Sums over so many events would be far from 1.
    if (stack.attention) stack.attention->normalisation = fb::Normalisation::Softmax;
  }
  return spec;
}

void put(augur_session* session, const TestModel& model, const reference::Request& request,
         std::size_t first, std::size_t count, bool append) {
  for (const auto& stack : model.parts().stacks) {
    const auto found = request.histories.find(stack->name);
    if (found == request.histories.end()) continue;
    const std::size_t events = found->second.count;
    const std::size_t from = std::min(first, events);
    const reference::Rows rows =
        reference::slice(found->second, from, std::min(count, events - from));
    const ColumnSet columns(stack->fields, rows);
    const auto call = append ? augur_session_append : augur_session_set_history;
    REQUIRE(call(session, stack->name.c_str(), columns.data(), columns.size(), columns.rows()) ==
            AUGUR_OK);
  }
}

// The logits after the events have been given in pieces of `piece`; ranked after each one or not.
std::vector<float> given_in_pieces(augur_session* session, const TestModel& model,
                                   const reference::Request& request, std::size_t events,
                                   std::size_t piece, bool rank_each) {
  set_user(session, model.parts(), request);
  put(session, model, request, 0, 0, false);
  for (std::size_t done = 0; done < events; done += piece) {
    put(session, model, request, done, std::min(piece, events - done), true);
    if (rank_each) rank(session, model.parts(), request.candidates);
  }
  return rank(session, model.parts(), request.candidates);
}

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

}  // namespace

TEST_CASE("long histories score as the reference does, around the sizes of chunks") {
  Worst worst;
  for (std::uint64_t seed = 1; seed <= (emulated() ? 6u : 60u); ++seed) {
    const reference::ModelSpec spec = long_spec(seed);
    for (const std::size_t events : {1u, 31u, 32u, 33u, 65u, 280u}) {
      Sizes sizes;
      sizes.events = events;
      sizes.candidates = 1 + seed % 9;
      worst.add(compare_with_reference(spec, sizes));
    }
  }
  MESSAGE("logits differ by at most ", worst.largest());
}

TEST_CASE("streams of long histories score as the reference does, past their limit, too") {
  Worst worst;
  for (std::uint64_t seed = 1; seed <= (emulated() ? 4u : 25u); ++seed) {
    reference::ModelSpec spec = long_spec(seed);
    for (reference::StackSpec& stack : spec.stacks) {
      stack.window.reset();
      stack.truncation = fb::Truncation::Newest;
    }
    INFO(reference::describe(spec));
    const TestModel model(reference::random_model(spec));
    reference::Generator generator(seed);
    const std::size_t events = kLong + generator.below(kLong);
    const reference::Request request =
        reference::random_request(model.parts(), generator, events, 7);
    std::vector<double> expected;
    for (const reference::Trace& trace : reference::Network(model.parts()).score_stream(request, 0))
      expected.push_back(trace.logit);
    const SessionHandle session = model.streaming_session(0, 1);
    for (const std::size_t piece : {1u, 7u, 500u}) {
      const double difference = largest_difference(
          given_in_pieces(session.get(), model, request, events, piece, piece == 7), expected);
      CHECK(difference <= kLogitBound);
      worst.add(difference);
    }
  }
  MESSAGE("logits differ by at most ", worst.largest());
}

TEST_CASE("a history's scores have the same bits, however its events came") {
  for (std::uint64_t seed = 1; seed <= (emulated() ? 4u : 40u); ++seed) {
    const bool is_short = seed % 4 == 0;
    const bool streaming = seed % 2 == 0;
    reference::ModelSpec spec = long_spec(seed);
    for (reference::StackSpec& stack : spec.stacks) {
      stack.max_history = is_short ? 70 : kLong;
      stack.window.reset();
      stack.truncation = fb::Truncation::Newest;
    }
    INFO(reference::describe(spec));
    const TestModel model(reference::random_model(spec));
    reference::Generator generator(seed);
    const std::size_t limit = spec.stacks[0].max_history;
    for (const std::size_t rows : {1u, 7u, 33u}) {
      for (const std::size_t events :
           {std::size_t{31}, std::size_t{32}, std::size_t{33}, std::size_t{65}, limit, limit + 5}) {
        CAPTURE(rows);
        CAPTURE(events);
        CAPTURE(streaming);
        const reference::Request request =
            reference::random_request(model.parts(), generator, events, rows);
        const SessionHandle whole = model.streaming_session(0, streaming ? 1 : 0);
        const SessionHandle growing = model.streaming_session(0, streaming ? 1 : 0);
        const std::vector<float> expected =
            given_in_pieces(whole.get(), model, request, events, events, false);
        CHECK(
            same_bits(given_in_pieces(growing.get(), model, request, events, 1, false), expected));
        CHECK(same_bits(given_in_pieces(growing.get(), model, request, events, 3, true), expected));
      }
    }
  }
}

}  // namespace augur::testing
