// augur_session_cancel: a call that it ends gives no scores, the next one gives the same as ever.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstring>
#include <thread>

#include "reference/random_model.h"
#include "runtime/support/fixture.h"

namespace augur::testing {
namespace {

using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

// A pool that runs its tasks one after another, and cancels the session before task `at`.
struct CancellingPool {
  augur_session* session = nullptr;
  std::size_t at = 0;
  bool once = true;

  static void run(void* context, augur_task task, void* task_context, std::size_t count) {
    auto* pool = static_cast<CancellingPool*>(context);
    for (std::size_t i = 0; i < count; ++i) {
      if (pool->once && i == pool->at) {
        pool->once = false;
        augur_session_cancel(pool->session);
      }
      task(task_context, i);
    }
  }
};

// A fixture's user and a long list, ranked on a pool that cancels.
struct Long {
  explicit Long(std::uint32_t tile) {
    augur_session_options options = session_options(0, tile, 3);
    options.parallel_for = CancellingPool::run;
    options.parallel_for_context = &pool;
    session = fixture.model.session(options);
    set_user(session.get(), fixture.parts(), fixture.request);
    pool.session = session.get();
    pool.once = false;
    reference::Generator generator(5);
    request = reference::random_request(fixture.parts(), generator, 12, 1200);
    candidates = std::make_unique<ColumnSet>(fixture.parts().candidate, request.candidates);
    scores.resize(candidates->rows());
    logits.resize(candidates->rows());
    statuses.resize(candidates->rows());
  }

  augur_status rank() {
    return augur_rank(session.get(), candidates->data(), candidates->size(), candidates->rows(),
                      scores.data(), logits.data());
  }

  Fixture fixture;
  CancellingPool pool;
  SessionHandle session;
  reference::Request request;
  std::unique_ptr<ColumnSet> candidates;
  std::vector<float> scores, logits;
  std::vector<augur_status> statuses;
};

bool all_nan(const std::vector<float>& values) {
  return std::all_of(values.begin(), values.end(), [](float v) { return std::isnan(v); });
}

TEST_CASE("a cancelled ranking has no scores, and the next one has the same bits as ever") {
  Long call(16);
  REQUIRE(call.rank() == AUGUR_OK);
  const std::vector<float> expected = call.scores;
  const std::vector<std::uint8_t> before = saved(call.session.get());

  // Before the first task, and after one task has computed all it can claim: nothing is left then.
  call.pool.at = 0;
  call.pool.once = true;
  CHECK(call.rank() == AUGUR_CANCELLED);
  CHECK(std::string(augur_session_error(call.session.get())).find("augur_session_cancel") !=
        std::string::npos);
  CHECK(all_nan(call.scores));
  CHECK(all_nan(call.logits));
  CHECK(saved(call.session.get()) == before);
  CHECK(call.rank() == AUGUR_OK);
  CHECK(std::memcmp(call.scores.data(), expected.data(), expected.size() * sizeof(float)) == 0);

  call.pool.at = 1;
  call.pool.once = true;
  CHECK(call.rank() == AUGUR_OK);
  CHECK(std::memcmp(call.scores.data(), expected.data(), expected.size() * sizeof(float)) == 0);
}

TEST_CASE("each form of ranking can be cancelled") {
  Long call(16);
  augur_each_options options = {sizeof options, call.statuses.data()};
  call.pool.once = true;
  CHECK(augur_rank_each(call.session.get(), call.candidates->data(), call.candidates->size(),
                        call.candidates->rows(), call.scores.data(), call.logits.data(),
                        &options) == AUGUR_CANCELLED);
  CHECK(all_nan(call.scores));
  CHECK(all_nan(call.logits));
  for (const augur_status status : call.statuses)
    CHECK(status == AUGUR_CANCELLED);

  std::vector<std::size_t> best(5);
  std::vector<float> best_scores(5);
  std::size_t count = 5;
  call.pool.once = true;
  CHECK(augur_rank_top_k(call.session.get(), call.candidates->data(), call.candidates->size(),
                         call.candidates->rows(), 5, best.data(), best_scores.data(),
                         &count) == AUGUR_CANCELLED);
  CHECK(count == 0);
  call.pool.once = true;
  count = 5;
  std::fill(call.statuses.begin(), call.statuses.end(), AUGUR_OK);
  CHECK(augur_rank_top_k_each(call.session.get(), call.candidates->data(), call.candidates->size(),
                              call.candidates->rows(), 5, best.data(), best_scores.data(), &count,
                              &options) == AUGUR_CANCELLED);
  CHECK(count == 0);
  for (const augur_status status : call.statuses)
    CHECK(status == AUGUR_CANCELLED);
}

TEST_CASE("cancelling without a call does nothing") {
  augur_session_cancel(nullptr);
  Fixture fixture;
  const std::vector<float> expected = fixture.logits();
  augur_session_cancel(fixture.get());
  CHECK(fixture.logits() == expected);
}

// On the caller's thread and on three: a long ranking ends within a few tiles.
TEST_CASE("a ranking ends soon after it is cancelled from another thread") {
  for (const std::uint32_t threads : {1u, 3u}) {
    CAPTURE(threads);
    Fixture fixture;
    const SessionHandle session = fixture.model.session(0, 32, threads);
    set_user(session.get(), fixture.parts(), fixture.request);
    reference::Generator generator(6);
    const reference::Request request =
        reference::random_request(fixture.parts(), generator, 12, 20000);
    const ColumnSet candidates(fixture.parts().candidate, request.candidates);
    const auto rank = [&] {
      return augur_rank(session.get(), candidates.data(), candidates.size(), candidates.rows(),
                        nullptr, nullptr);
    };
    const Clock::time_point begin = Clock::now();
    REQUIRE(rank() == AUGUR_OK);
    const double whole = milliseconds_since(begin);
    CAPTURE(whole);

    // Of the ranking's 625 tiles each thread finishes one more. The machine may be busy, so the
    // shortest time of several counts.
    double after = whole;
    for (int attempt = 0; attempt < 50 && after >= whole / 4; ++attempt) {
      std::atomic<bool> ranking{false};
      Clock::time_point cancelled;
      std::thread other([&] {
        while (!ranking)
          std::this_thread::yield();
        std::this_thread::sleep_for(std::chrono::duration<double, std::milli>(whole / 10));
        cancelled = Clock::now();
        augur_session_cancel(session.get());
      });
      ranking = true;
      const augur_status status = rank();
      const Clock::time_point end = Clock::now();
      other.join();
      CHECK((status == AUGUR_OK || status == AUGUR_CANCELLED));
      if (status == AUGUR_CANCELLED)
        after = std::min(after, std::chrono::duration<double, std::milli>(end - cancelled).count());
    }
    CAPTURE(after);
    CHECK(after < whole / 4);
  }
}

// At random moments, on calls of every kind: each either has its result or is cancelled.
TEST_CASE("a call that is cancelled at any moment has its result, or is cancelled") {
  Fixture fixture(0, 8);
  const ColumnSet candidates = fixture.candidates();
  const std::size_t count = candidates.rows();
  std::vector<float> expected(count), expected_weights(12), scores(count), weights(12);
  std::size_t events = 0;
  const auto rank = [&](std::vector<float>& to) {
    return augur_rank(fixture.get(), candidates.data(), candidates.size(), count, to.data(),
                      nullptr);
  };
  const auto explain = [&](std::vector<float>& to) {
    return augur_explain(fixture.get(), "s0", candidates.data(), candidates.size(), count,
                         count - 1, to.data(), to.size(), &events);
  };
  REQUIRE(rank(expected) == AUGUR_OK);
  REQUIRE(explain(expected_weights) == AUGUR_OK);
  const std::size_t length = events;

  std::atomic<bool> stop{false};
  std::thread other([&] {
    while (!stop) {
      augur_session_cancel(fixture.get());
      std::this_thread::yield();
    }
  });
  int wrong = 0;
  const int calls = emulated() ? 200 : 2000;
  for (int i = 0; i < calls; ++i) {
    const augur_status ranked = rank(scores);
    if (ranked == AUGUR_OK ? scores != expected : ranked != AUGUR_CANCELLED || !all_nan(scores))
      ++wrong;
    const augur_status explained = explain(weights);
    if (explained == AUGUR_OK)
      wrong += events != length || weights != expected_weights ? 1 : 0;
    else
      wrong += explained != AUGUR_CANCELLED || events != 0 ? 1 : 0;
  }
  stop = true;
  other.join();
  CHECK(wrong == 0);
  CHECK(rank(scores) == AUGUR_OK);
  CHECK(scores == expected);
}

}  // namespace
}  // namespace augur::testing
