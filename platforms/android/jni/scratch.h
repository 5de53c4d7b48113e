// Memory that a session keeps from call to call, for arrays of Java.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

namespace augur_jni {

// A block that only grows, from which a call takes pieces. Pieces are aligned to 8 bytes, and valid
// until reserve() is called again. A Scratch in a peer that calloc made is empty.
class Scratch {
 public:
  // Makes room for `bytes` bytes, which are taken from the beginning on. What was written there
  // before stays. False: no memory.
  bool reserve(size_t bytes) {
    used_ = 0;
    if (bytes <= capacity_) return true;
    void* grown = realloc(data_, bytes);
    if (grown == nullptr) return false;
    data_ = static_cast<unsigned char*>(grown);
    capacity_ = bytes;
    return true;
  }

  // What count elements take; SIZE_MAX if that cannot be.
  static size_t piece(size_t count, size_t element) {
    if (count > (SIZE_MAX - 7) / element) return SIZE_MAX;
    return (count * element + 7) / 8 * 8;
  }
  // a + b, or SIZE_MAX.
  static size_t add(size_t a, size_t b) { return a > SIZE_MAX - b ? SIZE_MAX : a + b; }

  template <typename T>
  T* take(size_t count) {
    void* begin = data_ + used_;
    used_ += piece(count, sizeof(T));
    return static_cast<T*>(begin);
  }

  // Takes from the beginning again.
  void rewind() { used_ = 0; }

  void release() {
    free(data_);
    data_ = nullptr;
    capacity_ = used_ = 0;
  }

 private:
  unsigned char* data_;
  size_t capacity_;
  size_t used_;
};

}  // namespace augur_jni
