// Threads that help the one that calls, and sleep between calls.
//
// XNNPACK brings pthreadpool, which is not used here: it waits for ever for a thread that the
// system refuses to start, takes its memory from the heap, and waits for every thread to wake up,
// even if the work is done by then. Here whoever comes too late finds nothing to do, and nobody
// waits for it.
#pragma once

#include <fenv.h>
#include <pthread.h>

#include <cstddef>

#include "common/error.h"
#include "memory/arena.h"

namespace augur {

class Helpers {
 public:
  Helpers() = default;
  ~Helpers() { stop(); }
  Helpers(const Helpers&) = delete;
  Helpers& operator=(const Helpers&) = delete;

  // Memory for `count` threads, which do not run yet.
  augur_status create(std::size_t count, Arena& arena, Fault& error);
  // All of them or, on failure, none.
  augur_status start(Fault& error);
  // Ends them.
  void stop();

  std::size_t count() const { return threads_.size; }

  // Calls work(context, 0) on the caller's thread and work(context, i), 1 <= i <= count(), on up to
  // `helpers` others, in the caller's floating-point environment (rounding, flushing of small
  // numbers). Those that have not begun when the caller's own call is done are not called. In a
  // child of fork(), which has none of the others, it is work(context, 0) alone.
  using Work = void (*)(void* context, std::size_t worker);
  void run(std::size_t helpers, Work work, void* context);

  // For `work`: one thread at a time from lock() to unlock().
  void lock() { pthread_mutex_lock(&mutex_); }
  void unlock() { pthread_mutex_unlock(&mutex_); }

 private:
  struct Thread {
    Helpers* helpers = nullptr;
    std::size_t worker = 0;
    pthread_t id = {};
  };

  static void* main(void* thread);
  void forget_if_forked();
  void help(std::size_t worker);

  Span<Thread> threads_;
  std::size_t started_ = 0;
  unsigned forks_ = 0;       // before they were started
  fenv_t environment_ = {};  // the caller's
  Work work_ = nullptr;
  void* context_ = nullptr;
  // Guarded by mutex_.
  std::size_t places_ = 0;  // so many more may begin
  std::size_t active_ = 0;  // so many are at work
  bool stopping_ = false;
  pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t wake_ = PTHREAD_COND_INITIALIZER;
  pthread_cond_t done_ = PTHREAD_COND_INITIALIZER;
};

}  // namespace augur
