// After a session has been created no call on it allocates or, unless it ranks on several threads,
// locks. The linker's --wrap puts the counters below in front of everything in this program that
// asks for memory, a mapping or a lock, XNNPACK included. (libaugur's own link shows that nothing
// of the C++ library, and so no operator new, is in it.)
#include <doctest/doctest.h>
#include <pthread.h>
#include <sys/mman.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>

#include "kernels/isa.h"
#include "reference/random_model.h"
#include "reference/random_spec.h"
#include "runtime/support/app_pools.h"
#include "runtime/support/fixture.h"

namespace {

std::atomic<bool> counting{false};
std::atomic<int> calls{0};
std::atomic<int> locks{0};
std::atomic<int> threads_left{1000};  // that can be started

void count() {
  if (counting) ++calls;
}

}  // namespace

// The linker's names.
// NOLINTBEGIN(bugprone-reserved-identifier)
extern "C" {
void* __real_malloc(size_t bytes);
void* __real_calloc(size_t items, size_t bytes);
void* __real_realloc(void* old, size_t bytes);
void* __real_aligned_alloc(size_t alignment, size_t bytes);
void* __real_memalign(size_t alignment, size_t bytes);
int __real_posix_memalign(void** memory, size_t alignment, size_t bytes);
void __real_free(void* memory);
void* __real_mmap(void* address, size_t bytes, int protection, int flags, int fd, long offset);
void* __real_mmap64(void* address, size_t bytes, int protection, int flags, int fd, off_t offset);
int __real_pthread_mutex_lock(pthread_mutex_t* mutex);
int __real_pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*main)(void*),
                          void* argument);

void* __wrap_malloc(size_t bytes) {
  count();
  return __real_malloc(bytes);
}
void* __wrap_calloc(size_t items, size_t bytes) {
  count();
  return __real_calloc(items, bytes);
}
void* __wrap_realloc(void* old, size_t bytes) {
  count();
  return __real_realloc(old, bytes);
}
void* __wrap_aligned_alloc(size_t alignment, size_t bytes) {
  count();
  return __real_aligned_alloc(alignment, bytes);
}
void* __wrap_memalign(size_t alignment, size_t bytes) {
  count();
  return __real_memalign(alignment, bytes);
}
int __wrap_posix_memalign(void** memory, size_t alignment, size_t bytes) {
  count();
  return __real_posix_memalign(memory, alignment, bytes);
}
void __wrap_free(void* memory) {
  count();
  __real_free(memory);
}
void* __wrap_mmap(void* address, size_t bytes, int protection, int flags, int fd, long offset) {
  count();
  return __real_mmap(address, bytes, protection, flags, fd, offset);
}
void* __wrap_mmap64(void* address, size_t bytes, int protection, int flags, int fd, off_t offset) {
  count();
  return __real_mmap64(address, bytes, protection, flags, fd, offset);
}
int __wrap_pthread_mutex_lock(pthread_mutex_t* mutex) {
  if (counting) ++locks;
  return __real_pthread_mutex_lock(mutex);
}
int __wrap_pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*main)(void*),
                          void* argument) {
  if (threads_left-- <= 0) return EAGAIN;
  return __real_pthread_create(thread, attributes, main, argument);
}
}
// NOLINTEND(bugprone-reserved-identifier)

namespace augur::testing {
namespace {

// What an app does with a session, written without memory of its own.
struct Calls {
  const augur_column* features;
  std::size_t feature_count;
  std::vector<ColumnSet>* histories;
  const ColumnSet* candidates;
  float* floats;
  std::size_t* indices;
  augur_status* statuses;
  unsigned char* state;
  std::size_t state_room;
};

int failures(augur_session* session, const fb::ModelT& model, const Calls& c) {
  int failed = 0;
  const auto check = [&failed](augur_status status) { failed += status == AUGUR_OK ? 0 : 1; };
  for (std::size_t i = 0; i < c.feature_count; ++i)
    check(augur_session_set_feature(session, c.features + i));
  for (std::size_t s = 0; s < c.histories->size(); ++s) {
    const ColumnSet& columns = (*c.histories)[s];
    const char* name = model.stacks[s]->name.c_str();
    check(augur_session_set_history(session, name, columns.data(), columns.size(), columns.rows()));
    check(augur_session_append(session, name, columns.data(), columns.size(), columns.rows()));
  }
  const ColumnSet& candidates = *c.candidates;
  check(augur_rank(session, candidates.data(), candidates.size(), candidates.rows(), c.floats,
                   nullptr));
  std::size_t count = 0;
  check(augur_rank_top_k(session, candidates.data(), candidates.size(), candidates.rows(), 5,
                         c.indices, c.floats, &count));
  const augur_each_options each = {sizeof(each), c.statuses};
  check(augur_rank_each(session, candidates.data(), candidates.size(), candidates.rows(), c.floats,
                        nullptr, &each));
  check(augur_rank_top_k_each(session, candidates.data(), candidates.size(), candidates.rows(), 5,
                              c.indices, c.floats, &count, &each));
  for (const auto& stack : model.stacks) {
    if (stack->attention == nullptr) continue;
    check(augur_explain(session, stack->name.c_str(), candidates.data(), candidates.size(),
                        candidates.rows(), 1, c.floats, 64, &count));
  }
  std::size_t bytes = c.state_room;
  check(augur_session_save(session, c.state, &bytes));
  check(augur_session_restore(session, c.state, bytes));
  check(augur_session_clear(session));
  check(augur_rank(session, candidates.data(), candidates.size(), candidates.rows(), nullptr,
                   c.floats));
  return failed;
}

}  // namespace

TEST_CASE("the counters see the allocations and locks of creating a session") {
  calls = 0;
  counting = true;
  void* volatile memory = std::malloc(100);
  std::free(memory);
  counting = false;
  CHECK(calls == 2);

  // Creating a session does both, so that the counters reach the library too. (With AVX-512 this
  // model has no products of XNNPACK's, which are what locks.)
  const char* const best = augur_internal_isa(0);
  augur_internal_use_isa("avx2");
  const Fixture f;
  calls = locks = 0;
  augur_session* session = nullptr;
  counting = true;
  const augur_status status =
      augur_session_create(f.model.get(), nullptr, nullptr, 0, &session, nullptr);
  counting = false;
  CHECK(status == AUGUR_OK);
  CHECK(calls > 0);
  CHECK(locks > 0);
  augur_session_destroy(session);
  augur_internal_use_isa(best);
}

namespace {

// Random models, `seeds` of them.
void check_calls(const augur_session_options& options, std::size_t candidate_count,
                 std::uint64_t seeds) {
  for (std::uint64_t seed = 400; seed < 400 + seeds; ++seed) {
    const reference::ModelSpec spec =
        seed % 2 == 0 ? reference::random_spec(seed) : reference::random_padded_spec(seed);
    INFO(reference::describe(spec));
    const TestModel model(reference::random_model(spec));
    reference::Generator generator(seed);
    const reference::Request request =
        reference::random_request(model.parts(), generator, 9, candidate_count);
    const ColumnSet features(model.parts().features, request.features);
    const ColumnSet candidates(model.parts().candidate, request.candidates);
    std::vector<ColumnSet> histories;
    for (const auto& stack : model.parts().stacks)
      histories.emplace_back(stack->fields, request.histories.at(stack->name));
    std::vector<float> floats(candidate_count + 64);
    std::vector<std::size_t> indices(5);
    std::vector<augur_status> statuses(candidate_count);
    std::vector<unsigned char> state(1 << 20);
    const Calls all = {features.data(), features.size(), &histories,   &candidates, floats.data(),
                       indices.data(),  statuses.data(), state.data(), state.size()};

    const std::size_t bytes = augur_session_bytes(model.get(), &options);
    std::vector<unsigned char> block(bytes);
    augur_session* session = nullptr;
    REQUIRE(augur_session_create(model.get(), &options, block.data(), bytes, &session, nullptr) ==
            AUGUR_OK);
    calls = locks = 0;
    counting = true;
    const int failed = failures(session, model.parts(), all);
    counting = false;
    CHECK(failed == 0);
    CHECK(calls == 0);
    CHECK((locks > 0) == (options.threads > 1));
    augur_session_destroy(session);
  }
}

}  // namespace

TEST_CASE("no call on a session allocates, frees or locks") {
  check_calls(session_options(0, 0), 45, emulated() ? 10 : 100);
}

TEST_CASE("no call on a session with threads allocates or frees, on any of them") {
  // Enough candidates for the threads to wake up before the work is done.
  check_calls(session_options(0, 0, 3), emulated() ? 500 : 2000, emulated() ? 5 : 30);
}

TEST_CASE("no call on a session with the app's pool allocates or frees, or starts a thread") {
  augur_session_options options = session_options(0, 0, 3);
  SharedPool shared(2);
  ReversedPool reversed;
  threads_left = 0;
  for (AppPool* pool : {static_cast<AppPool*>(&shared), static_cast<AppPool*>(&reversed)}) {
    pool->serve(options);
    check_calls(options, emulated() ? 500 : 2000, emulated() ? 3 : 15);
    CHECK(pool->calls() > 0);
  }
  threads_left = 1000;
}

TEST_CASE(
    "if the system refuses a thread, creating a session fails and ends the threads it has "
    "started") {
  const Fixture f;
  const augur_session_options options = session_options(0, 0, 5);
  for (int possible = 0; possible < 4; ++possible) {
    threads_left = possible;
    augur_error error = empty_error();
    augur_session* session = nullptr;
    CHECK(augur_session_create(f.model.get(), &options, nullptr, 0, &session, &error) ==
          AUGUR_OUT_OF_MEMORY);
    CHECK(session == nullptr);
    const std::string expected = "starts only " + std::to_string(possible) + " of the 4 threads";
    CHECK(std::string(error.message).find(expected) != std::string::npos);
  }
  threads_left = 1000;
  const SessionHandle session = f.model.session(0, 0, 5);
  set_user(session.get(), f.parts(), f.request);
  CHECK(rank(session.get(), f.parts(), f.request.candidates) == f.logits());
}

}  // namespace augur::testing
