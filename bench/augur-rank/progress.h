// A line on the terminal that says how far augur-rank is.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace augur::bench {

// `shown`: whether somebody watches; nothing is printed otherwise, nor in the first second. The
// line is gone when the object is.
class Progress {
 public:
  // `bytes`: how long the file of requests is; 0: unknown.
  Progress(bool shown, size_t bytes);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // One request of so many bytes is answered.
  void add(size_t bytes);
  // Draws the line, some times a second.
  void draw();

  // "[####....] 40%  1,234 requests  5,678/s  0:09 left"
  std::string line(double seconds) const;

 private:
  using Clock = std::chrono::steady_clock;

  bool shown_;
  size_t all_bytes_;
  size_t bytes_ = 0;
  size_t requests_ = 0;
  Clock::time_point begin_ = Clock::now();
  Clock::time_point next_ = begin_ + std::chrono::seconds(1);
  bool drawn_ = false;
};

}  // namespace augur::bench
