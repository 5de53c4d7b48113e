// The app's own thread pool: when it is called, how its tasks run, and what happens if it makes
// mistakes. That scores are the same on every pool is tested in threads_in_session_test.cc.
// ThreadSanitizer runs this.
#include <doctest/doctest.h>

#include <algorithm>
#include <cfenv>
#include <cmath>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "runtime/support/app_pools.h"
#include "runtime/support/fixture.h"
#include "session/thread_pool.h"

namespace augur::testing {
namespace {

constexpr std::uint32_t kThreads = 4;

// A pool that does what a test asks for.
class CustomPool : public AppPool {
 public:
  using Run = std::function<void(augur_task task, void* task_context, std::size_t count)>;
  explicit CustomPool(Run run) : run_(std::move(run)) {}
  void run(augur_task task, void* task_context, std::size_t count) override {
    run_(task, task_context, count);
  }

 private:
  Run run_;
};

augur_session_options options_with(AppPool& pool, std::uint32_t threads = kThreads) {
  augur_session_options options = session_options(0, 0, threads);
  pool.serve(options);
  return options;
}

// The fixture's candidates, `count` of them, again and again.
ColumnSet repeated_candidates(const Fixture& f, std::size_t count) {
  std::vector<std::size_t> order(count);
  for (std::size_t i = 0; i < count; ++i)
    order[i] = i % f.request.candidates.count;
  return {f.parts().candidate, reference::pick(f.request.candidates, order)};
}

struct Ranked {
  augur_status status = AUGUR_OK;
  std::vector<float> scores;
  std::vector<float> logits;
};

Ranked rank_all(augur_session* session, const ColumnSet& candidates) {
  Ranked ranked;
  ranked.scores.resize(candidates.rows());
  ranked.logits.resize(candidates.rows());
  ranked.status = augur_rank(session, candidates.data(), candidates.size(), candidates.rows(),
                             ranked.scores.data(), ranked.logits.data());
  return ranked;
}

augur_status rank_best(augur_session* session, const ColumnSet& candidates, std::size_t* count) {
  std::vector<std::size_t> indices(5);
  std::vector<float> scores(5);
  return augur_rank_top_k(session, candidates.data(), candidates.size(), candidates.rows(), 5,
                          indices.data(), scores.data(), count);
}

bool all_nan(const std::vector<float>& values) {
  return std::all_of(values.begin(), values.end(), [](float value) { return std::isnan(value); });
}

// A fixture, so many candidates that every thread has work, and their logits on one thread.
struct LargeRanking {
  Fixture f;
  ColumnSet candidates = repeated_candidates(f, 1000);
  std::vector<float> expected = rank_all(f.get(), candidates).logits;

  SessionHandle session(AppPool& pool) const {
    SessionHandle created = f.model.session(options_with(pool));
    set_user(created.get(), f.parts(), f.request);
    return created;
  }
};

}  // namespace

TEST_CASE("only large rankings call the app's pool: once, on the caller's thread") {
  const LargeRanking large;
  const Fixture& f = large.f;
  const ColumnSet few = repeated_candidates(f, 20);
  for (std::uint32_t threads = 0; threads <= 5; ++threads) {
    CAPTURE(threads);
    SerialPool pool;
    const SessionHandle session = f.model.session(options_with(pool, threads));
    set_user(session.get(), f.parts(), f.request);
    CHECK(rank_all(session.get(), few).status == AUGUR_OK);
    CHECK(pool.calls() == 0);

    const std::size_t calls = threads > 1 ? 1 : 0;
    CHECK(rank_all(session.get(), large.candidates).logits == large.expected);
    CHECK(pool.calls() == calls);
    std::size_t count = 0;
    CHECK(rank_best(session.get(), large.candidates, &count) == AUGUR_OK);
    CHECK(pool.calls() == 2 * calls);
    if (threads > 1) {
      CHECK(pool.least_tasks() == threads);
      CHECK(pool.most_tasks() == threads);
      CHECK((pool.caller() == std::this_thread::get_id()));
    }

    pool.reset_counts();
    std::vector<float> weights(64);
    CHECK(augur_explain(session.get(), "s0", large.candidates.data(), large.candidates.size(),
                        large.candidates.rows(), 900, weights.data(), weights.size(),
                        &count) == AUGUR_OK);
    const ColumnSet events = f.history(0);
    CHECK(augur_session_append(session.get(), "s0", events.data(), events.size(), events.rows()) ==
          AUGUR_OK);
    CHECK(augur_session_clear(session.get()) == AUGUR_OK);
    CHECK(pool.calls() == 0);
  }
}

TEST_CASE("a ranking that has work for fewer threads asks for fewer tasks") {
  const LargeRanking large;
  SerialPool pool;
  const SessionHandle session = large.f.model.session(options_with(pool, 64));
  set_user(session.get(), large.f.parts(), large.f.request);
  for (const std::size_t count : {300u, 500u, 1000u}) {
    CAPTURE(count);
    pool.reset_counts();
    const ColumnSet candidates = repeated_candidates(large.f, count);
    const std::vector<float> logits = rank_all(session.get(), candidates).logits;
    CHECK(std::equal(logits.begin(), logits.end(), large.expected.begin()));
    CHECK(pool.calls() == 1);
    CHECK(pool.most_tasks() >= 2);
    CHECK(pool.most_tasks() <= count / 16);
  }
}

TEST_CASE("sessions rank at the same time on one pool") {
  const LargeRanking large;
  NewThreadPool pool;
  augur_session_options options = session_options(0, 0, kThreads);
  // Without AppPool's counts, which are for one caller.
  options.parallel_for = [](void* context, augur_task task, void* task_context, size_t count) {
    static_cast<AppPool*>(context)->run(task, task_context, count);
  };
  options.parallel_for_context = &pool;
  std::vector<std::vector<float>> logits(3);
  std::vector<std::thread> callers;
  for (std::vector<float>& found : logits) {
    callers.emplace_back([&] {
      const SessionHandle session = large.f.model.session(options);
      set_user(session.get(), large.f.parts(), large.f.request);
      for (int repetition = 0; repetition < 5; ++repetition)
        found = rank_all(session.get(), large.candidates).logits;
    });
  }
  for (std::thread& caller : callers)
    caller.join();
  for (const std::vector<float>& found : logits)
    CHECK(found == large.expected);
}

TEST_CASE("a task that is run twice, or that does not exist, changes nothing") {
  const LargeRanking large;
  CustomPool twice([](augur_task task, void* task_context, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      task(task_context, i);
      task(task_context, i);
    }
    for (const std::size_t index : {count, count + 1, std::size_t{kThreads}, SIZE_MAX})
      task(task_context, index);
  });
  CustomPool twice_at_once([](augur_task task, void* task_context, std::size_t count) {
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < 2 * count; ++i)
      threads.emplace_back(task, task_context, i % count);
    for (std::thread& thread : threads)
      thread.join();
  });
  for (CustomPool* pool : {&twice, &twice_at_once}) {
    const SessionHandle session = large.session(*pool);
    for (int repetition = 0; repetition < 10; ++repetition) {
      const Ranked ranked = rank_all(session.get(), large.candidates);
      CHECK(ranked.status == AUGUR_OK);
      CHECK(ranked.logits == large.expected);
    }
    CHECK(pool->calls() == 10);
  }
}

TEST_CASE("a pool that leaves a task out makes the ranking fail, and the next one can succeed") {
  const LargeRanking large;
  std::size_t left_out = 0;
  CustomPool pool([&left_out](augur_task task, void* task_context, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      // All are left out where no task has this index.
      if (i != left_out && left_out <= kThreads) task(task_context, i);
    }
  });
  const SessionHandle session = large.session(pool);
  for (const std::size_t index : {0u, 1u, kThreads - 1, kThreads + 1}) {
    CAPTURE(index);
    left_out = index;
    const Ranked ranked = rank_all(session.get(), large.candidates);
    CHECK(ranked.status == AUGUR_INVALID_ARGUMENT);
    CHECK(std::string(augur_session_error(session.get())) ==
          "the app's parallel_for returned before all of its 4 tasks had ended");
    CHECK(all_nan(ranked.scores));
    CHECK(all_nan(ranked.logits));
    std::size_t count = 7;
    CHECK(rank_best(session.get(), large.candidates, &count) == AUGUR_INVALID_ARGUMENT);
    CHECK(count == 0);
    left_out = kThreads;  // none
    CHECK(rank_all(session.get(), large.candidates).logits == large.expected);
  }
}

TEST_CASE("a pool that returns early is waited for, and a task that is run late does no harm") {
  const LargeRanking large;
  std::vector<std::thread> threads;
  std::mutex gate;  // the threads begin when it is open
  augur_task last_task = nullptr;
  void* last_context = nullptr;
  CustomPool pool([&](augur_task task, void* task_context, std::size_t count) {
    last_task = task;
    last_context = task_context;
    task(task_context, 0);
    for (std::size_t i = 1; i < count; ++i) {
      threads.emplace_back([&gate, task, task_context, i] {
        { const std::lock_guard<std::mutex> open(gate); }
        task(task_context, i);
      });
    }
  });
  const auto join_all = [&threads] {
    for (std::thread& thread : threads)
      thread.join();
    threads.clear();
  };
  const SessionHandle session = large.session(pool);
  for (int repetition = 0; repetition < 20; ++repetition) {
    // Its threads begin before it returns, or afterwards, or both.
    const Ranked ranked = rank_all(session.get(), large.candidates);
    if (ranked.status == AUGUR_OK) {
      CHECK(ranked.logits == large.expected);
    } else {
      CHECK(ranked.status == AUGUR_INVALID_ARGUMENT);
      CHECK(all_nan(ranked.logits));
    }
    if (repetition % 2 == 0) join_all();
  }
  join_all();

  // They begin after the call has failed, between this call and the next one or during it.
  SerialPool good;
  const SessionHandle other = large.session(good);
  for (const bool in_next_call : {false, true}) {
    CAPTURE(in_next_call);
    std::unique_lock<std::mutex> closed(gate);
    CHECK(rank_all(session.get(), large.candidates).status == AUGUR_INVALID_ARGUMENT);
    if (!in_next_call) {
      closed.unlock();
      join_all();
    }
    last_task(last_context, 0);
    last_task(last_context, kThreads);
    CHECK(rank_all(other.get(), large.candidates).logits == large.expected);
    if (in_next_call) closed.unlock();
    const Ranked next = rank_all(session.get(), large.candidates);
    CHECK((next.status == AUGUR_INVALID_ARGUMENT || next.logits == large.expected));
    join_all();
  }
}

namespace {

// The rounding mode in every task, and what a task leaves behind on its thread.
struct Rounding {
  int in_task[kThreads] = {};
  int after_task[kThreads] = {};

  static void note(void* context, std::size_t index) {
    static_cast<Rounding*>(context)->in_task[index] = std::fegetround();
  }
};

}  // namespace

TEST_CASE("tasks compute in the caller's floating-point environment, and restore their thread's") {
  Rounding noted;
  CustomPool on_threads([&noted](augur_task task, void* task_context, std::size_t count) {
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < count; ++i) {
      threads.emplace_back([&noted, task, task_context, i] {
        std::fesetround(FE_DOWNWARD);
        task(task_context, i);
        noted.after_task[i] = std::fegetround();
      });
    }
    for (std::thread& thread : threads)
      thread.join();
  });
  Arena arena;
  Fault error;
  ThreadPool pool;
  REQUIRE(pool.create(kThreads, options_with(on_threads), arena, error) == AUGUR_OK);
  REQUIRE(pool.start(error) == AUGUR_OK);
  const int before = std::fegetround();
  for (const int rounding : {FE_UPWARD, FE_TONEAREST}) {
    noted = {};
    std::fesetround(rounding);
    const augur_status status = pool.run(kThreads, Rounding::note, &noted, error);
    const int after = std::fegetround();
    std::fesetround(before);
    CHECK(status == AUGUR_OK);
    CHECK(after == rounding);
    for (std::size_t i = 0; i < kThreads; ++i) {
      CHECK(noted.in_task[i] == rounding);
      CHECK(noted.after_task[i] == FE_DOWNWARD);
    }
  }
}

TEST_CASE("with an app's pool, a session has buffers for each task and takes no more memory") {
  const Fixture f;
  SerialPool pool;
  augur_session_options options = session_options(0, 0, 1);
  const std::size_t alone = augur_session_bytes(f.model.get(), &options);
  pool.serve(options);
  CHECK(augur_session_bytes(f.model.get(), &options) <= alone + 64);
  std::size_t before = 0;
  for (options.threads = 1; options.threads <= 64; options.threads *= 2) {
    const std::size_t bytes = augur_session_bytes(f.model.get(), &options);
    CHECK(bytes > before);
    before = bytes;
    std::vector<unsigned char> block(bytes);
    augur_session* session = nullptr;
    REQUIRE(augur_session_create(f.model.get(), &options, block.data(), bytes, &session, nullptr) ==
            AUGUR_OK);
    set_user(session, f.parts(), f.request);
    CHECK(rank(session, f.parts(), f.request.candidates) == f.logits());
    augur_session_destroy(session);
  }
}

}  // namespace augur::testing
