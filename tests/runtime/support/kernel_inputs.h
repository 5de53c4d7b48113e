// What the tests of kernels share: random buffers with room for whole vectors, and the loop over
// all instruction sets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <vector>

#include "kernels/kernel_set.h"
#include "memory/arena.h"
#include "runtime/support/handles.h"

namespace augur::test {

// Floats at a 64-byte boundary, followed by `kReadPastEnd` bytes that may be read. These begin as
// not-a-number, so that a test fails if a kernel lets them into a result.
class Buffer {
 public:
  explicit Buffer(std::size_t size = 0, float value = 0.0f);
  float* data() { return data_; }
  const float* data() const { return data_; }
  std::size_t size() const { return size_; }
  float& operator[](std::size_t i) { return data_[i]; }
  float operator[](std::size_t i) const { return data_[i]; }

 private:
  std::vector<float> memory_;
  float* data_;
  std::size_t size_;

 public:
  Buffer(const Buffer& other);
  Buffer& operator=(const Buffer&) = delete;
};

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  float within(float low, float high);
  Buffer values(std::size_t size, float low, float high);

 private:
  std::uint64_t state_;
};

PackedProduct pack(const Buffer& matrix, std::size_t groups, std::size_t units, std::size_t inputs,
                   Buffer& lanes, Buffer& rows);

using Sizes = std::initializer_list<std::size_t>;

using testing::emulated;

// Every activation, without its numbers for units.
std::vector<Activation> all_activations();

// Calls test(set) for every set but the reference.
template <typename Test>
void for_each_set(Test test) {
  for (std::size_t i = 0; kernel_set(i) != nullptr; ++i) {
    if (kernel_set(i) != &kReferenceKernels) test(*kernel_set(i));
  }
}

// Only those that have integer products.
template <typename Test>
void for_each_integer_set(Test test) {
  for_each_set([&](const KernelSet& set) {
    if (set.integers != IntegerPath::kNone) test(set);
  });
}

}  // namespace augur::test
