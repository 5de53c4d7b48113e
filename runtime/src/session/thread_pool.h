// Runs a session's tasks: on threads of its own, the workers, which sleep between calls, or on the
// app's thread pool (augur_parallel_for).
//
// XNNPACK brings pthreadpool, which is not used here: if the system refuses to start a thread, it
// waits for that thread for ever; it takes its memory from the heap; and each call waits until
// every thread has woken up, even if the work is done by then. In this pool a worker that wakes up
// after the work is done runs no task, and the call does not wait for it.
#pragma once

#include <fenv.h>
#include <pthread.h>

#include <atomic>
#include <cstddef>

#include "augur/augur.h"
#include "common/error.h"
#include "memory/arena.h"

namespace augur {

class ThreadPool {
 public:
  ThreadPool() = default;
  ~ThreadPool() { stop(); }
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  // For up to `threads` tasks, the caller's included, on options.parallel_for or, without one, on
  // threads - 1 workers, which run after start().
  augur_status create(std::size_t threads, const augur_session_options& options, Arena& arena,
                      Fault& error);
  // Starts all workers or, on failure, none.
  augur_status start(Fault& error);
  // Ends the workers.
  void stop();

  // Runs up to `count` tasks, where 1 <= count <= threads, and returns when they have ended. A task
  // is task(context, i) with i < threads; no two run with the same i. All compute in the caller's
  // floating-point environment (rounding, flushing of small numbers).
  //
  // With workers: task 0 runs on the caller's thread, the others each on the worker of that number.
  // Workers that have not begun when task 0 ends run no task.
  // On the app's pool: tasks 0 to count - 1, which may run one after another. Fails if the pool
  // returns before all of them have ended.
  // In a child of fork(), where neither has threads: task 0 alone.
  using Task = void (*)(void* context, std::size_t index);
  augur_status run(std::size_t count, Task task, void* context, Fault& error);

  // A lock for tasks that write shared data.
  void lock() { pthread_mutex_lock(&mutex_); }
  void unlock() { pthread_mutex_unlock(&mutex_); }

 private:
  struct Worker {
    ThreadPool* pool = nullptr;
    std::size_t number = 0;
    pthread_t thread = {};
  };

  // The state of a task on the app's pool. Between calls all tasks are kClosed.
  enum class State : std::size_t { kClosed, kOpen, kRunning };

  static void* main(void* worker);
  static void run_app_task(void* pool, std::size_t index);
  augur_status run_on_app_pool(std::size_t count, Fault& error);
  void run_on_workers(std::size_t count);
  void forget_threads_if_forked();
  void serve(std::size_t number);

  augur_parallel_for parallel_for_ = nullptr;
  void* parallel_for_context_ = nullptr;
  Span<std::atomic<State>> states_;
  Span<Worker> workers_;
  std::size_t started_ = 0;
  unsigned forks_ = 0;  // when start() was called
  // The call in progress.
  fenv_t environment_ = {};  // the caller's
  Task task_ = nullptr;
  void* context_ = nullptr;
  // Guarded by mutex_.
  std::size_t wanted_ = 0;   // how many more workers may begin
  std::size_t running_ = 0;  // how many workers run a task
  bool stopping_ = false;
  pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t wake_ = PTHREAD_COND_INITIALIZER;
  pthread_cond_t done_ = PTHREAD_COND_INITIALIZER;
};

}  // namespace augur
