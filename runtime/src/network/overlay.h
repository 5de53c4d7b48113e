// Memory of one thread's candidates that layers use one after the other. It is planned twice: first
// without memory, to find how much is needed.
#pragma once

#include "memory/arena.h"

namespace augur {

class Overlay {
 public:
  explicit Overlay(float* memory) : memory_(memory) {}

  // rows * columns floats, 64-byte aligned and readable for kReadPastEnd bytes more; nullptr if
  // there is no memory.
  float* take(std::size_t rows, std::size_t columns) {
    constexpr std::size_t kUnit = kAlignment / sizeof(float);
    const std::size_t begin = used_;
    used_ += (rows * columns + kReadPastEnd / sizeof(float) + kUnit - 1) / kUnit * kUnit;
    if (used_ > most_) most_ = used_;
    return memory_ == nullptr ? nullptr : memory_ + begin;
  }
  // What is taken after back_to() may overlay what was taken after `mark`.
  std::size_t mark() const { return used_; }
  void back_to(std::size_t mark) { used_ = mark; }

  std::size_t most() const { return most_; }

 private:
  float* memory_;
  std::size_t used_ = 0;
  std::size_t most_ = 0;
};

}  // namespace augur
