// A small generator of pseudo-random numbers that gives the same numbers on every platform (the
// standard library's distributions do not).
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace augur::reference {

// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
class Generator {
 public:
  explicit Generator(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }

  // 0 ... count - 1
  std::size_t below(std::size_t count) { return static_cast<std::size_t>(next() % count); }
  bool one_in(std::size_t count) { return below(count) == 0; }

  // In [-width, width), in steps that a float holds exactly before it is scaled.
  float symmetric(double width) {
    const double unit = static_cast<double>(next() >> 40) / 8388608.0 - 1.0;
    return static_cast<float>(width * unit);
  }

  std::vector<float> symmetric(double width, std::size_t count) {
    std::vector<float> values;
    while (values.size() < count)
      values.push_back(symmetric(width));
    return values;
  }

  std::vector<std::size_t> permutation(std::size_t count) {
    std::vector<std::size_t> order(count);
    for (std::size_t i = 0; i < count; ++i) {
      order[i] = i;
      std::swap(order[i], order[below(i + 1)]);
    }
    return order;
  }

 private:
  std::uint64_t state_;
};

}  // namespace augur::reference
