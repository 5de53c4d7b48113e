// fork(): a child has only the thread that called it, and can go on with the parent's sessions.
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cstdio>

#include <atomic>
#include <thread>

#include "runtime/support/app_pools.h"
#include "runtime/support/fixture.h"

namespace augur::testing {
namespace {

constexpr int kHangs = 99;

// What the child's work() returns; kHangs if it does not end, 128 + n after signal n.
template <typename Work>
int in_child(const Work& work) {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) _exit(work());
  for (int i = 0; i < 2000; ++i) {
    int state = 0;
    if (waitpid(child, &state, WNOHANG) == child)
      return WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
    usleep(10000);
  }
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  return kHangs;
}

// Enough candidates that all threads have work.
reference::Rows many(const Fixture& f) {
  std::vector<std::size_t> order(2000);
  for (std::size_t i = 0; i < order.size(); ++i)
    order[i] = i % f.request.candidates.count;
  return reference::pick(f.request.candidates, order);
}

augur_status rank_into(augur_session* session, const ColumnSet& candidates,
                       std::vector<float>& logits) {
  return augur_rank(session, candidates.data(), candidates.size(), candidates.rows(), nullptr,
                    logits.data());
}

// 0 if session gives the expected logits.
int same_logits(augur_session* session, const ColumnSet& candidates,
                const std::vector<float>& expected) {
  std::vector<float> logits(candidates.rows());
  if (rank_into(session, candidates, logits) != AUGUR_OK) return 1;
  return logits == expected ? 0 : 2;
}

}  // namespace

TEST_CASE("a child ranks with the parent's session on one thread, and destroys it") {
  const Fixture f;
  const ColumnSet candidates(f.parts().candidate, many(f));
  for (const std::uint32_t threads : {1u, 4u}) {
    CAPTURE(threads);
    SessionHandle session = f.model.session(0, 0, threads);
    set_user(session.get(), f.parts(), f.request);
    std::vector<float> expected(candidates.rows());
    REQUIRE(rank_into(session.get(), candidates, expected) == AUGUR_OK);
    // Repeated, because the threads may be at any point at the moment of the fork.
    for (int i = 0; i < 20; ++i) {
      REQUIRE(rank_into(session.get(), candidates, expected) == AUGUR_OK);
      CHECK(in_child([&] { return same_logits(session.get(), candidates, expected); }) == 0);
      REQUIRE(rank_into(session.get(), candidates, expected) == AUGUR_OK);
      CHECK(in_child([&] {
              session.reset();
              return 0;
            }) == 0);
    }
    CHECK(same_logits(session.get(), candidates, expected) == 0);  // its threads are as before
  }
}

TEST_CASE("a child ranks without the app's pool, whose threads it does not have") {
  const Fixture f;
  const ColumnSet candidates(f.parts().candidate, many(f));
  SharedPool pool(2);
  augur_session_options options = session_options(0, 0, 4);
  pool.serve(options);
  SessionHandle session = f.model.session(options);
  set_user(session.get(), f.parts(), f.request);
  std::vector<float> expected(candidates.rows());
  for (int i = 0; i < 20; ++i) {
    REQUIRE(rank_into(session.get(), candidates, expected) == AUGUR_OK);
    CHECK(in_child([&] {
            const int came = same_logits(session.get(), candidates, expected);
            return came != 0 ? came : same_logits(session.get(), candidates, expected);
          }) == 0);
    CHECK(in_child([&] {
            session.reset();
            return 0;
          }) == 0);
  }
  // The parent's session goes on with the pool, and so does a session that a child creates.
  pool.reset_counts();
  CHECK(same_logits(session.get(), candidates, expected) == 0);
  CHECK(pool.calls() == 1);
  CHECK(in_child([&] {
          SerialPool childs_own;
          childs_own.serve(options);
          const SessionHandle created = f.model.session(options);
          set_user(created.get(), f.parts(), f.request);
          if (same_logits(created.get(), candidates, expected) != 0) return 1;
          return childs_own.calls() == 1 ? 0 : 2;
        }) == 0);
}

TEST_CASE("a child creates a session with threads of its own beside the parent's") {
#if defined(__SANITIZE_THREAD__)
  std::puts("[skipped] ThreadSanitizer ends a child of many threads that starts one");
  return;
#endif
  if (emulated()) {
    // The emulator keeps the parent's threads in its list and takes the first new one for one of
    // them: "qemu_plugin_vcpu_init_hook: assertion failed".
    std::puts("[skipped] qemu-user ends a child of many threads that starts one");
    return;
  }
  const Fixture f;
  const ColumnSet candidates(f.parts().candidate, many(f));
  for (const std::uint32_t threads : {1u, 4u}) {
    CAPTURE(threads);
    const SessionHandle session = f.model.session(0, 0, threads);
    set_user(session.get(), f.parts(), f.request);
    std::vector<float> expected(candidates.rows());
    REQUIRE(rank_into(session.get(), candidates, expected) == AUGUR_OK);
    CHECK(in_child([&] {
            const SessionHandle own = f.model.session(0, 0, threads);
            set_user(own.get(), f.parts(), f.request);
            const int came = same_logits(own.get(), candidates, expected);
            return came != 0 ? came : same_logits(session.get(), candidates, expected);
          }) == 0);
    CHECK(same_logits(session.get(), candidates, expected) == 0);
  }
}

TEST_CASE(
    "a child can create sessions even if other threads of the parent were creating some at the "
    "fork") {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  // Their allocators' locks, held by a thread that is not in the child, are not released there.
  std::puts("[skipped] a sanitizer's allocator does not survive a fork beside other threads");
  return;
#endif
  const Fixture f;
  std::atomic<bool> stop{false};
  std::thread creator([&] {
    while (!stop) {
      augur_session* session = nullptr;
      augur_session_create(f.model.get(), nullptr, nullptr, 0, &session, nullptr);
      augur_session_destroy(session);
    }
  });
  int failed = 0;
  for (int i = 0; i < 200 && failed == 0; ++i) {
    failed = in_child([&] {
      augur_session* session = nullptr;
      return augur_session_create(f.model.get(), nullptr, nullptr, 0, &session, nullptr) == AUGUR_OK
                 ? 0
                 : 1;
    });
  }
  CHECK(failed == 0);
  stop = true;
  creator.join();
}

}  // namespace augur::testing
