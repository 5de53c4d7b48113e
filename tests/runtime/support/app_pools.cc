#include "runtime/support/app_pools.h"

#include <algorithm>

namespace augur::testing {

void AppPool::serve(augur_session_options& options) {
  options.parallel_for = [](void* context, augur_task task, void* task_context, std::size_t count) {
    auto& pool = *static_cast<AppPool*>(context);
    pool.least_ = pool.calls_ == 0 ? count : std::min(pool.least_, count);
    pool.most_ = std::max(pool.most_, count);
    ++pool.calls_;
    pool.caller_ = std::this_thread::get_id();
    pool.run(task, task_context, count);
  };
  options.parallel_for_context = this;
}

void SerialPool::run(augur_task task, void* task_context, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i)
    task(task_context, i);
}

void ReversedPool::run(augur_task task, void* task_context, std::size_t count) {
  for (std::size_t i = count; i > 0; --i)
    task(task_context, i - 1);
}

void NewThreadPool::run(augur_task task, void* task_context, std::size_t count) {
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < count; ++i)
    threads.emplace_back(task, task_context, i);
  for (std::thread& thread : threads)
    thread.join();
}

SharedPool::SharedPool(std::size_t threads) {
  for (std::size_t i = 0; i < threads; ++i)
    threads_.emplace_back([this] { serve_tasks(); });
}

SharedPool::~SharedPool() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_)
    thread.join();
}

void SharedPool::run(augur_task task, void* task_context, std::size_t count) {
  std::unique_lock<std::mutex> lock(mutex_);
  task_ = task;
  task_context_ = task_context;
  next_ = 0;
  count_ = count;
  wake_.notify_all();
  take_tasks(lock);
  done_.wait(lock, [this] { return running_ == 0; });
}

void SharedPool::serve_tasks() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return next_ < count_ || stopping_; });
    if (stopping_) return;
    take_tasks(lock);
    if (running_ == 0) done_.notify_one();
  }
}

void SharedPool::take_tasks(std::unique_lock<std::mutex>& lock) {
  while (next_ < count_) {
    const std::size_t index = next_++;
    const augur_task task = task_;
    void* const context = task_context_;
    ++running_;
    lock.unlock();
    task(context, index);
    lock.lock();
    --running_;
  }
}

std::vector<std::unique_ptr<AppPool>> every_pool() {
  std::vector<std::unique_ptr<AppPool>> pools;
  pools.push_back(std::make_unique<SerialPool>());
  pools.push_back(std::make_unique<ReversedPool>());
  pools.push_back(std::make_unique<NewThreadPool>());
  pools.push_back(std::make_unique<SharedPool>(2));
  return pools;
}

}  // namespace augur::testing
