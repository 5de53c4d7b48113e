// One model shared by threads that each have sessions of their own, and threads that open and close
// models meanwhile. ThreadSanitizer runs this.
#include <doctest/doctest.h>

#include <atomic>
#include <thread>

#include "reference/random_model.h"
#include "reference/random_spec.h"
#include "runtime/support/handles.h"

namespace augur::testing {
namespace {

constexpr int kThreads = 4;

// Runs work(thread) in several threads at once, and waits.
template <typename Work>
void in_threads(Work work) {
  std::vector<std::thread> threads;
  std::atomic<int> ready{0};
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      ++ready;
      while (ready < kThreads)
        std::this_thread::yield();
      work(thread);
    });
  }
  for (std::thread& thread : threads)
    thread.join();
}

std::vector<float> score(const TestModel& model, const reference::Request& request) {
  const SessionHandle session = model.session(0, 7);
  set_user(session.get(), model.parts(), request);
  return rank(session.get(), model.parts(), request.candidates);
}

}  // namespace

TEST_CASE("threads share a model, each with its own sessions") {
  for (const std::uint64_t seed : {601u, 602u, 603u, 604u}) {
    INFO(reference::describe(reference::random_spec(seed)));
    const TestModel model(reference::random_model(reference::random_spec(seed)));
    std::vector<reference::Request> requests;
    std::vector<std::vector<float>> expected;
    reference::Generator generator(seed);
    for (int thread = 0; thread < kThreads; ++thread) {
      requests.push_back(reference::random_request(model.parts(), generator, 8, 20));
      expected.push_back(score(model, requests.back()));
    }
    std::atomic<int> wrong{0};
    in_threads([&](int thread) {
      const auto t = static_cast<std::size_t>(thread);
      for (int repetition = 0; repetition < (emulated() ? 3 : 20); ++repetition) {
        if (score(model, requests[t]) != expected[t]) ++wrong;
      }
    });
    CHECK(wrong == 0);
  }
}

TEST_CASE("threads open, use and close models of their own at the same time") {
  std::atomic<int> wrong{0};
  in_threads([&](int thread) {
    for (std::uint64_t seed = 610; seed < (emulated() ? 613u : 630u); ++seed) {
      const reference::ModelSpec spec =
          reference::random_spec(seed + static_cast<std::uint64_t>(thread));
      const TestModel model(reference::random_model(spec));
      reference::Generator generator(seed);
      const reference::Request request = reference::random_request(model.parts(), generator, 6, 9);
      if (score(model, request) != score(model, request)) ++wrong;
    }
  });
  CHECK(wrong == 0);
}

}  // namespace augur::testing
