// A session's own threads, the workers, which run tasks and sleep between calls.
//
// XNNPACK brings pthreadpool, which is not used here: if the system refuses to start a thread, it
// waits for that thread for ever; it takes its memory from the heap; and each call waits until
// every thread has woken up, even if the work is done by then. In this pool a worker that wakes up
// after the work is done runs no task, and the call does not wait for it.
#pragma once

#include <fenv.h>
#include <pthread.h>

#include <cstddef>

#include "common/error.h"
#include "memory/arena.h"

namespace augur {

class ThreadPool {
 public:
  ThreadPool() = default;
  ~ThreadPool() { stop(); }
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  // Takes the memory for `workers` threads; start() starts them.
  augur_status create(std::size_t workers, Arena& arena, Fault& error);
  // Starts all workers or, on failure, none.
  augur_status start(Fault& error);
  // Ends the workers.
  void stop();

  // Calls task(context, 0) on the caller's thread, and task(context, i) on up to `workers` workers
  // at the same time, where 1 <= i <= the number of workers is the worker's number. Workers compute
  // in the caller's floating-point environment (rounding, flushing of small numbers). Workers that
  // have not begun when the caller's task ends run no task. Returns when all tasks have ended. In a
  // child of fork(), which has no workers, only the caller's task runs.
  using Task = void (*)(void* context, std::size_t index);
  void run(std::size_t workers, Task task, void* context);

  // A lock for the tasks, such as to write what they share.
  void lock() { pthread_mutex_lock(&mutex_); }
  void unlock() { pthread_mutex_unlock(&mutex_); }

 private:
  struct Worker {
    ThreadPool* pool = nullptr;
    std::size_t number = 0;
    pthread_t thread = {};
  };

  static void* main(void* worker);
  void forget_workers_if_forked();
  void serve(std::size_t number);

  Span<Worker> workers_;
  std::size_t started_ = 0;
  unsigned forks_ = 0;       // when the workers were started
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
