// Thread pools that an app may bring (augur_parallel_for): one of each kind.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "augur/augur.h"

namespace augur::testing {

class AppPool {
 public:
  virtual ~AppPool() = default;

  // Runs task(task_context, index) for every index below `count`.
  virtual void run(augur_task task, void* task_context, std::size_t count) = 0;

  // Sessions with these options rank on this pool, which must outlive them.
  void serve(augur_session_options& options);

  // What the library has asked for since reset_counts(): calls, and the least and the largest
  // number of tasks in a call (0 without a call).
  void reset_counts() { calls_ = least_ = most_ = 0; }
  std::size_t calls() const { return calls_; }
  std::size_t least_tasks() const { return least_; }
  std::size_t most_tasks() const { return most_; }
  std::thread::id caller() const { return caller_; }  // of the last call

 private:
  std::size_t calls_ = 0;
  std::size_t least_ = 0;
  std::size_t most_ = 0;
  std::thread::id caller_;
};

// On the caller's thread, one task after another: 0, 1, ...
class SerialPool : public AppPool {
 public:
  void run(augur_task task, void* task_context, std::size_t count) override;
};

// The same, from the last task to the first.
class ReversedPool : public AppPool {
 public:
  void run(augur_task task, void* task_context, std::size_t count) override;
};

// Each task on a new thread, none on the caller's.
class NewThreadPool : public AppPool {
 public:
  void run(augur_task task, void* task_context, std::size_t count) override;
};

// Threads that stay, and the caller's: each takes the next task, until none is left.
class SharedPool : public AppPool {
 public:
  explicit SharedPool(std::size_t threads);
  ~SharedPool() override;
  void run(augur_task task, void* task_context, std::size_t count) override;

 private:
  void serve_tasks();
  void take_tasks(std::unique_lock<std::mutex>& lock);

  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable done_;
  // Guarded by mutex_.
  augur_task task_ = nullptr;
  void* task_context_ = nullptr;
  std::size_t next_ = 0;
  std::size_t count_ = 0;
  std::size_t running_ = 0;
  bool stopping_ = false;
};

// One of each.
std::vector<std::unique_ptr<AppPool>> every_pool();

}  // namespace augur::testing
