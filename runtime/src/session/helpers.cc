// Starting, waking and ending of helpers.
#include "session/helpers.h"

#include "kernels/xnnpack_memory.h"

namespace augur {

augur_status Helpers::create(std::size_t count, Arena& arena, Fault& error) {
  threads_ = arena.array<Thread>(count);
  if (threads_.size != count) return error.fail(AUGUR_OUT_OF_MEMORY, "no memory for a session");
  return AUGUR_OK;
}

augur_status Helpers::start(Fault& error) {
  forks_ = forks();
  for (Thread& thread : threads_) {
    thread.helpers = this;
    thread.worker = started_ + 1;
    const int refused = pthread_create(&thread.id, nullptr, main, &thread);
    if (refused != 0) {
      const std::size_t started = started_;
      stop();
      return error.fail(AUGUR_OUT_OF_MEMORY,
                        "the system starts only %zu of the %zu threads that the session needs "
                        "beside the caller's (error %d)",
                        started, threads_.size, refused);
    }
    ++started_;
  }
  return AUGUR_OK;
}

// fork() leaves the threads in the parent, and with them, as they may have been about to sleep, the
// lock.
void Helpers::forget_if_forked() {
  if (forks_ == forks()) return;
  forks_ = forks();
  started_ = places_ = active_ = 0;
  pthread_mutex_init(&mutex_, nullptr);
  pthread_cond_init(&wake_, nullptr);
  pthread_cond_init(&done_, nullptr);
}

void Helpers::stop() {
  forget_if_forked();
  if (started_ == 0) return;
  lock();
  stopping_ = true;
  unlock();
  pthread_cond_broadcast(&wake_);
  for (; started_ > 0; --started_)
    pthread_join(threads_[started_ - 1].id, nullptr);
}

void Helpers::run(std::size_t helpers, Work work, void* context) {
  forget_if_forked();
  if (started_ == 0) return work(context, 0);
  work_ = work;
  context_ = context;
  fegetenv(&environment_);
  lock();
  places_ = helpers;
  unlock();
  for (std::size_t i = 0; i < helpers; ++i)
    pthread_cond_signal(&wake_);
  work(context, 0);
  lock();
  places_ = 0;
  while (active_ > 0)
    pthread_cond_wait(&done_, &mutex_);
  unlock();
}

void* Helpers::main(void* thread) {
  const auto* self = static_cast<const Thread*>(thread);
  self->helpers->help(self->worker);
  return nullptr;
}

void Helpers::help(std::size_t worker) {
  lock();
  while (true) {
    while (places_ == 0 && !stopping_)
      pthread_cond_wait(&wake_, &mutex_);
    if (stopping_) break;
    --places_;
    ++active_;
    unlock();
    fesetenv(&environment_);
    work_(context_, worker);
    lock();
    if (--active_ == 0) pthread_cond_signal(&done_);
  }
  unlock();
}

}  // namespace augur
