// A pointer with a length; it owns nothing.
#pragma once

#include <cstddef>

namespace augur {

template <typename T>
struct Span {
  T* data = nullptr;
  std::size_t size = 0;

  T& operator[](std::size_t index) const { return data[index]; }
  T* begin() const { return data; }
  T* end() const { return data + size; }
  bool empty() const { return size == 0; }
};

}  // namespace augur
