// Mean and variance of a stream of values.
#pragma once

#include <cstdint>

namespace augur::convert {

// Welford's update: no loss where the mean is large and the variance small.
class Moments {
 public:
  void add(double value) {
    ++count_;
    const double before = value - mean_;
    mean_ += before / static_cast<double>(count_);
    squares_ += before * (value - mean_);
  }

  uint64_t count() const { return count_; }
  double mean() const { return mean_; }
  // Of the values themselves, as the batch's is: divided by the count. 0 of none.
  double variance() const { return count_ == 0 ? 0 : squares_ / static_cast<double>(count_); }

 private:
  uint64_t count_ = 0;
  double mean_ = 0;
  double squares_ = 0;
};

}  // namespace augur::convert
