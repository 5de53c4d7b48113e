// The bytes of a saved state, written and read front to back at any alignment.
#pragma once

#include <cstddef>
#include <cstring>

namespace augur {

// Writes bytes one after another; without memory it only counts them.
class SavedWriter {
 public:
  explicit SavedWriter(unsigned char* memory) : memory_(memory) {}

  void put(const void* from, std::size_t bytes) {
    if (memory_ != nullptr && bytes > 0) std::memcpy(memory_ + bytes_, from, bytes);
    bytes_ += bytes;
  }
  template <typename Value>
  void put(const Value& value) {
    put(&value, sizeof(value));
  }
  std::size_t bytes() const { return bytes_; }

 private:
  unsigned char* memory_;
  std::size_t bytes_ = 0;
};

class SavedReader {
 public:
  SavedReader(const unsigned char* begin, std::size_t bytes) : at_(begin), left_(bytes) {}

  // The next bytes, or nullptr if there are fewer.
  const unsigned char* next(std::size_t bytes) {
    if (bytes > left_) return nullptr;
    const unsigned char* const found = at_;
    at_ += bytes;
    left_ -= bytes;
    return found;
  }
  template <typename Value>
  bool get(Value* value) {
    const unsigned char* from = next(sizeof(*value));
    if (from != nullptr) std::memcpy(value, from, sizeof(*value));
    return from != nullptr;
  }
  std::size_t left() const { return left_; }

 private:
  const unsigned char* at_;
  std::size_t left_;
};

}  // namespace augur
