// Starts, wakes and ends the workers.
#include "session/thread_pool.h"

#include "kernels/xnnpack_memory.h"

namespace augur {

augur_status ThreadPool::create(std::size_t workers, Arena& arena, Fault& error) {
  workers_ = arena.array<Worker>(workers);
  if (workers_.size != workers) return error.fail(AUGUR_OUT_OF_MEMORY, "no memory for a session");
  return AUGUR_OK;
}

augur_status ThreadPool::start(Fault& error) {
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
                        started, workers_.size, refused);
    }
    ++started_;
  }
  return AUGUR_OK;
}

// After fork() the child has no workers. One of them may have held the lock at that moment, because
// a worker locks it while it goes to sleep; so the child needs a new one.
void ThreadPool::forget_workers_if_forked() {
  if (forks_ == forks()) return;
  forks_ = forks();
  started_ = wanted_ = running_ = 0;
  pthread_mutex_init(&mutex_, nullptr);
  pthread_cond_init(&wake_, nullptr);
  pthread_cond_init(&done_, nullptr);
}

void ThreadPool::stop() {
  forget_workers_if_forked();
  if (started_ == 0) return;
  lock();
  stopping_ = true;
  unlock();
  pthread_cond_broadcast(&wake_);
  for (; started_ > 0; --started_)
    pthread_join(workers_[started_ - 1].thread, nullptr);
}

void ThreadPool::run(std::size_t workers, Task task, void* context) {
  forget_workers_if_forked();
  if (started_ == 0) return task(context, 0);
  task_ = task;
  context_ = context;
  fegetenv(&environment_);
  lock();
  wanted_ = workers;
  unlock();
  for (std::size_t i = 0; i < workers; ++i)
    pthread_cond_signal(&wake_);
  task(context, 0);
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
