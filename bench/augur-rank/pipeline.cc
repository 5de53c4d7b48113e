// Ranks requests on several threads; see pipeline.h.
#include "augur-rank/pipeline.h"

#include "common/threads.h"
#include "error.h"

namespace augur::bench {
namespace {

// A batch of short requests has many, so that threads seldom wait for one another; of long ones it
// has few, so that a short file keeps all threads busy.
constexpr size_t kRequestsOfBatch = 64;
constexpr size_t kBytesOfBatch = size_t{16} << 10;
constexpr size_t kBatchesOfThread = 4;

}  // namespace

void Pipeline::run(const std::vector<std::unique_ptr<Worker>>& workers) {
  // On one thread each request is answered at once: a program may be waiting at the other end of
  // the pipe.
  const bool alone = workers.size() == 1;
  most_requests_ = alone ? 1 : kRequestsOfBatch;
  ring_ = std::vector<Batch>(alone ? 1 : workers.size() * kBatchesOfThread);
  run_on_threads(
      "--threads", workers.size(), [&](size_t w) { work(*workers[w]); }, [&](size_t) { stop(); });
  if (failure_) std::rethrow_exception(failure_);
}

void Pipeline::work(Worker& worker) {
  while (Batch* const batch = take()) {
    for (size_t i = 0; i < batch->count; ++i)
      worker.run(batch->tasks[i]);
    finish(*batch);
  }
}

Pipeline::Batch* Pipeline::take() {
  const std::lock_guard<std::mutex> reading(reading_);
  if (at_end_) return nullptr;
  {
    std::unique_lock<std::mutex> state(state_);
    room_.wait(state, [&] { return stopped_ || next_ - first_ < ring_.size(); });
    if (stopped_) return nullptr;
  }
  Batch& batch = ring_[next_ % ring_.size()];
  fill(batch);
  if (batch.count == 0 && !batch.failure) return nullptr;
  ++next_;
  return &batch;
}

void Pipeline::fill(Batch& batch) {
  batch.count = 0;
  batch.bytes = 0;
  try {
    while (batch.count < most_requests_ && batch.bytes < kBytesOfBatch) {
      if (batch.count == batch.tasks.size()) batch.tasks.emplace_back();
      Task& task = batch.tasks[batch.count];
      at_end_ = !read_(task);
      if (at_end_) return;
      batch.bytes += task.line.size();
      ++batch.count;
    }
  } catch (...) {
    at_end_ = true;
    batch.failure = std::current_exception();
  }
}

void Pipeline::finish(Batch& batch) {
  const std::lock_guard<std::mutex> state(state_);
  batch.ready = true;
  for (Batch* next = &ring_[first_ % ring_.size()]; next->ready;
       next = &ring_[first_ % ring_.size()]) {
    if (!stopped_) write(*next);
    // Else every task would keep the memory of the longest request that it ever had.
    if (next->bytes > 2 * kBytesOfBatch) next->tasks.clear();
    next->ready = false;
    ++first_;
  }
  room_.notify_all();
}

void Pipeline::write(Batch& batch) {
  try {
    for (size_t i = 0; i < batch.count; ++i) {
      if (!batch.tasks[i].error.empty()) throw Error(batch.tasks[i].error);
      write_(batch.tasks[i]);
    }
    if (batch.failure) std::rethrow_exception(batch.failure);
    written_();
  } catch (...) {
    failure_ = std::current_exception();
    stopped_ = true;
  }
}

void Pipeline::stop() {
  const std::lock_guard<std::mutex> state(state_);
  stopped_ = true;
  room_.notify_all();
}

}  // namespace augur::bench
