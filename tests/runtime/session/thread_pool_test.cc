// The thread pool of a session, and the ranking that gives its threads pieces of the candidates.
#include "session/thread_pool.h"

#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <cfenv>
#include <chrono>
#include <set>
#include <thread>
#include <vector>

#include "loader/loaded_model.h"
#include "reference/random_model.h"
#include "runtime/support/columns.h"
#include "runtime/support/handles.h"
#include "session/ranking.h"

namespace augur::testing {
namespace {

constexpr std::size_t kWorkers = 3;

// A task that waits until `expected` tasks have begun, for at most 30 seconds.
struct WaitingTask {
  std::size_t expected = 0;
  std::atomic<std::size_t> begun{0};
  std::atomic<std::size_t> finished{0};  // tasks that did not stop waiting early
  std::array<std::atomic<int>, kWorkers + 1> calls = {};
  std::array<std::atomic<int>, kWorkers + 1> rounding = {};

  static void run(void* context, std::size_t worker) {
    auto& tasks = *static_cast<WaitingTask*>(context);
    ++tasks.calls[worker];
    tasks.rounding[worker] = std::fegetround();
    ++tasks.begun;
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (tasks.begun < tasks.expected) {
      if (std::chrono::steady_clock::now() > end) return;
      std::this_thread::yield();
    }
    ++tasks.finished;
  }
};

struct StartedPool {
  StartedPool() {
    REQUIRE(pool.create(1 + kWorkers, session_options(0, 0), arena, error) == AUGUR_OK);
    REQUIRE(pool.start(error) == AUGUR_OK);
  }
  Arena arena;
  Fault error;
  ThreadPool pool;
};

}  // namespace

TEST_CASE(
    "run() uses the requested number of workers, in the caller's floating-point environment") {
  StartedPool started;
  const int before = std::fegetround();
  for (int repetition = 0; repetition < 20; ++repetition) {
    for (const int rounding : {FE_UPWARD, FE_TONEAREST, FE_DOWNWARD}) {
      for (std::size_t wanted = 0; wanted <= kWorkers; ++wanted) {
        WaitingTask tasks;
        tasks.expected = wanted + 1;
        std::fesetround(rounding);
        const augur_status status =
            started.pool.run(1 + wanted, WaitingTask::run, &tasks, started.error);
        std::fesetround(before);
        CHECK(status == AUGUR_OK);
        CHECK(tasks.finished == wanted + 1);
        CHECK(tasks.calls[0] == 1);
        for (std::size_t worker = 0; worker <= kWorkers; ++worker) {
          CHECK(tasks.calls[worker] <= 1);
          if (tasks.calls[worker] > 0) CHECK(tasks.rounding[worker] == rounding);
        }
      }
    }
  }
}

TEST_CASE(
    "run() does not wait for a worker that wakes up late, and the worker runs no task of a call "
    "that has ended") {
  StartedPool started;
  for (int repetition = 0; repetition < (emulated() ? 300 : 3000); ++repetition) {
    WaitingTask tasks;
    CHECK(started.pool.run(1 + kWorkers, WaitingTask::run, &tasks, started.error) == AUGUR_OK);
    CHECK(tasks.calls[0] == 1);
    CHECK(tasks.begun <= 1 + kWorkers);
    CHECK(tasks.begun == tasks.finished);
  }
}

TEST_CASE("a pool can be stopped before its first call, after a call, and twice") {
  for (int repetition = 0; repetition < (emulated() ? 20 : 200); ++repetition) {
    StartedPool started;
    if (repetition % 2 == 0) continue;
    WaitingTask tasks;
    CHECK(started.pool.run(2, WaitingTask::run, &tasks, started.error) == AUGUR_OK);
    started.pool.stop();
    started.pool.stop();
  }
}

namespace {

// Collects the logits of all pieces. It waits as long as only one thread has brought a piece, so
// that a second thread takes part.
struct CollectedLogits {
  std::vector<float> logits;
  std::vector<int> counts;
  std::set<std::thread::id> threads;

  static void take(void* context, const ScoredRows& rows) {
    auto& collected = *static_cast<CollectedLogits*>(context);
    collected.threads.insert(std::this_thread::get_id());
    for (std::size_t row = 0; row < rows.count; ++row) {
      collected.logits[rows.first + row] = rows.logits[row];
      ++collected.counts[rows.first + row];
    }
    if (collected.threads.size() == 1) std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
};

}  // namespace

TEST_CASE("several threads share the candidates, and each candidate is scored once") {
  constexpr std::size_t kCandidates = 505;
  reference::ModelSpec spec;
  spec.candidate = {{fb::FieldKind::Ids, 4}, {fb::FieldKind::Number, 1}};
  const TestModel test_model(reference::random_model(spec));
  reference::Generator generator(901);
  const reference::Request request =
      reference::random_request(test_model.parts(), generator, 0, kCandidates);
  const ColumnSet candidates(test_model.parts().candidate, request.candidates);
  const SessionHandle session = test_model.session();
  const std::vector<float> expected = rank(session.get(), test_model.parts(), request.candidates);

  Arena arena;
  Fault error;
  LoadedModel loaded;
  REQUIRE(loaded.load(test_model.file().data(), test_model.file().size(), "test", arena, error) ==
          AUGUR_OK);
  const Model& model = loaded.model;
  InputColumns columns;
  UserState user;
  Ranking ranking;
  REQUIRE(columns.create(16, arena, error) == AUGUR_OK);
  REQUIRE(plan_user(model, 0, false, arena, error, &user) == AUGUR_OK);
  REQUIRE(ranking.create(model, user, columns, session_options(0, 32, 1 + kWorkers), arena,
                         error) == AUGUR_OK);
  REQUIRE(ranking.start(error) == AUGUR_OK);
  REQUIRE(columns.bind(model.candidate, candidates.data(), candidates.size(), kCandidates,
                       Checks::kValues, error) == AUGUR_OK);
  const InputRows no_events = zero_rows(0);
  const auto zero_id = [](void* source, std::size_t, float* out) {
    const auto& group = *static_cast<const FieldGroup*>(source);
    for (const Field& field : group.fields) {
      float* to = out + field.offset;
      if (field.kind != AUGUR_ID) {
        std::fill_n(to, field.width, 0.0f);
        continue;
      }
      ResolvedId zero;
      REQUIRE(resolve(field, Id{}, &zero));
      IdEmbedding embedding(field, to);
      embedding.add(zero);
      embedding.finish();
    }
    return AUGUR_OK;
  };
  FieldGroup features = model.features;
  REQUIRE(network_of(model).forward_user(model, {&features, 1, zero_id}, &no_events, &user,
                                         error) == AUGUR_OK);
  for (const Unusable unusable : {Unusable::kFails, Unusable::kReported}) {
    CollectedLogits collected;
    collected.logits.resize(kCandidates);
    collected.counts.resize(kCandidates);
    REQUIRE(ranking.score(unusable, CollectedLogits::take, &collected, error) == AUGUR_OK);
    CHECK(collected.counts == std::vector<int>(kCandidates, 1));
    CHECK(collected.logits == expected);
    CHECK(collected.threads.size() > 1);
  }
}

}  // namespace augur::testing
