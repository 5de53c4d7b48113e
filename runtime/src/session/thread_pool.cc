// Starts, wakes and ends the workers, and checks what the app's pool does.
#include "session/thread_pool.h"

#include <sched.h>

#include "common/build_choices.h"
#include "kernels/xnnpack_memory.h"

namespace augur {

augur_status ThreadPool::create(std::size_t threads, const augur_session_options& options,
                                Arena& arena, Fault& error) {
  parallel_for_ = options.parallel_for;
  parallel_for_context_ = options.parallel_for_context;
  const std::size_t workers = parallel_for_ == nullptr ? threads - 1 : 0;
  const std::size_t states = parallel_for_ == nullptr ? 0 : threads;
  workers_ = arena.array<Worker>(workers);
  states_ = arena.array<std::atomic<State>>(states);
  if (workers_.size() != workers || states_.size() != states)
    return error.fail(AUGUR_OUT_OF_MEMORY, "no memory for a session");
  return AUGUR_OK;
}

augur_status ThreadPool::start(Fault& error) {
  if constexpr (!build::kThreads) return AUGUR_OK;
  forks_ = forks();
  for (Worker& worker : workers_) {
    worker.pool = this;
    worker.number = started_ + 1;
    const int refused = pthread_create(&worker.thread, nullptr, main, &worker);
    if (refused != 0) {
      const std::size_t started = started_;
      stop();
      return error.fail(AUGUR_OUT_OF_MEMORY,
                        "the system starts only %zu of the %zu threads that the session needs "
                        "beside the caller's (error %d)",
                        started, workers_.size(), refused);
    }
    ++started_;
  }
  return AUGUR_OK;
}

// After fork() the child has no workers, and the app's pool has no threads. A worker may have held
// the lock at that moment, because it locks it while it goes to sleep; so the child needs a new
// one.
void ThreadPool::forget_threads_if_forked() {
  if (forks_ == forks()) return;
  forks_ = forks();
  parallel_for_ = nullptr;
  started_ = wanted_ = running_ = 0;
  pthread_mutex_init(&mutex_, nullptr);
  pthread_cond_init(&wake_, nullptr);
  pthread_cond_init(&done_, nullptr);
}

void ThreadPool::stop() {
  if constexpr (!build::kThreads) return;
  forget_threads_if_forked();
  if (started_ == 0) return;
  lock();
  stopping_ = true;
  unlock();
  pthread_cond_broadcast(&wake_);
  for (; started_ > 0; --started_)
    pthread_join(workers_[started_ - 1].thread, nullptr);
}

augur_status ThreadPool::run(std::size_t count, Task task, void* context, Fault& error) {
  forget_threads_if_forked();
  task_ = task;
  context_ = context;
  fegetenv(&environment_);
  if (parallel_for_ != nullptr) return run_on_app_pool(count, error);
  run_on_workers(count);
  return AUGUR_OK;
}

augur_status ThreadPool::run_on_app_pool(std::size_t count, Fault& error) {
  for (std::size_t i = 0; i < count; ++i)
    states_[i] = State::kOpen;
  parallel_for_(parallel_for_context_, run_app_task, this, count);
  bool complete = true;
  for (std::size_t i = 0; i < count; ++i) {
    State open = State::kOpen;
    // Closes tasks that have not begun, so that they cannot begin later.
    if (states_[i].compare_exchange_strong(open, State::kClosed) || states_[i] != State::kClosed)
      complete = false;
    while (states_[i] == State::kRunning)
      sched_yield();
  }
  if (complete) return AUGUR_OK;
  return error.fail(AUGUR_INVALID_ARGUMENT,
                    "the app's parallel_for returned before all of its %zu tasks had ended", count);
}

// An augur_task. The app may call it with any index and at any time.
void ThreadPool::run_app_task(void* pool, std::size_t index) {
  auto* self = static_cast<ThreadPool*>(pool);
  if (index >= self->states_.size()) return;
  State open = State::kOpen;
  if (!self->states_[index].compare_exchange_strong(open, State::kRunning)) return;
  fenv_t own;
  fegetenv(&own);
  fesetenv(&self->environment_);
  self->task_(self->context_, index);
  fesetenv(&own);
  self->states_[index] = State::kClosed;
}

void ThreadPool::run_on_workers(std::size_t count) {
  if (started_ == 0) return task_(context_, 0);
  const std::size_t workers = count - 1;
  lock();
  wanted_ = workers;
  unlock();
  for (std::size_t i = 0; i < workers; ++i)
    pthread_cond_signal(&wake_);
  task_(context_, 0);
  lock();
  wanted_ = 0;
  while (running_ > 0)
    pthread_cond_wait(&done_, &mutex_);
  unlock();
}

void* ThreadPool::main(void* worker) {
  const auto* self = static_cast<const Worker*>(worker);
  self->pool->serve(self->number);
  return nullptr;
}

void ThreadPool::serve(std::size_t number) {
  lock();
  while (true) {
    while (wanted_ == 0 && !stopping_)
      pthread_cond_wait(&wake_, &mutex_);
    if (stopping_) break;
    --wanted_;
    ++running_;
    unlock();
    fesetenv(&environment_);
    task_(context_, number);
    lock();
    if (--running_ == 0) pthread_cond_signal(&done_);
  }
  unlock();
}

}  // namespace augur
