// Ranks requests on several threads and writes their answers in the requests' order.
//
// Each thread reads a batch of requests, ranks it and reads on. A batch that is ready before those
// ahead of it is left in a ring of fixed size, so that memory does not grow with the file; the
// thread that finishes the batch ahead of it writes both. One thread reads at a time, and one
// writes.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "augur-rank/worker.h"

namespace augur::bench {

class Pipeline {
 public:
  // Makes `task` the next request; false at the end. Called by one thread at a time.
  using Read = std::function<bool(Task& task)>;
  // Takes the answer of the next request. Called by one thread at a time.
  using Write = std::function<void(const Task& task)>;
  // Called after a batch was written, before anything else is.
  using Written = std::function<void()>;

  Pipeline(Read read, Write write, Written written)
      : read_(std::move(read)), write_(std::move(write)), written_(std::move(written)) {}

  // Runs each worker on a thread of its own. Throws the first error in the requests' order, of a
  // request, or of what reads and writes.
  void run(const std::vector<std::unique_ptr<Worker>>& workers);

 private:
  struct Batch {
    std::vector<Task> tasks;
    size_t count = 0;  // of them
    size_t bytes = 0;  // of their lines
    std::exception_ptr failure;
    bool ready = false;
  };

  void work(Worker& worker);
  // The next batch, read; null at the end.
  Batch* take();
  void fill(Batch& batch);
  // Writes all batches that are ready and whose turn it is.
  void finish(Batch& batch);
  void write(Batch& batch);
  void stop();

  Read read_;
  Write write_;
  Written written_;

  size_t most_requests_ = 0;  // of a batch
  std::vector<Batch> ring_;
  std::mutex reading_;  // taken before state_, if both are
  bool at_end_ = false;
  size_t next_ = 0;  // the batch to read

  std::mutex state_;
  std::condition_variable room_;
  size_t first_ = 0;  // the batch to write
  bool stopped_ = false;
  std::exception_ptr failure_;
};

}  // namespace augur::bench
