// A bar on a terminal for work that takes more than a second.
#pragma once

#include <chrono>
#include <string>

namespace augur::convert {

// Nothing is shown unless standard error is a terminal. Gone from the screen when it is destroyed.
class Progress {
 public:
  explicit Progress(std::string title);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // `share` of the work is done, from 0 to 1.
  void show(double share);

 private:
  std::string title_;
  bool shown_;
  bool drawn_ = false;
  int percent_ = -1;
  std::chrono::steady_clock::time_point start_;
};

}  // namespace augur::convert
