// All memory of a model or a session: one block, given out from its beginning and freed as a whole.
//
// How it works:
//   1. take() returns memory for objects, and reserve() memory for large buffers; both are 64-byte
//      aligned.
//   2. What does not fit the given block comes from the heap instead. One run over the code that
//      takes memory therefore always ends with required_bytes() saying how large a block would have
//      been enough; the owner then refuses or keeps the result.
//   3. A measuring arena has no block and gives reserve() no memory at all: it only counts.
//   4. scratch() lends memory from the block's free end until its Scratch is destroyed.
#pragma once

#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

#include "common/span.h"

namespace augur {

// XNNPACK reads up to 16 bytes past its inputs. Kernels read whole vectors of up to 64 bytes, of
// which the last may extend past a row's end.
inline constexpr std::size_t kAlignment = 64;
inline constexpr std::size_t kReadPastEnd = 64;

class Arena {
 public:
  enum class Mode { kBlock, kHeap, kMeasure };

  Arena() = default;  // heap
  // heap, in blocks of this size; a larger take() gets a block of its own
  explicit Arena(std::size_t heap_block_bytes) : heap_block_bytes_(heap_block_bytes) {}
  explicit Arena(Mode mode) : mode_(mode) {}
  Arena(void* block, std::size_t bytes);
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  Arena(Arena&& other) noexcept { *this = static_cast<Arena&&>(other); }
  Arena& operator=(Arena&& other) noexcept;

  // nullptr if the heap is exhausted or `bytes` is impossibly large; failed() is true from then on.
  void* take(std::size_t bytes);

  template <typename T, typename... Arguments>
  T* create(Arguments&&... arguments) {
    static_assert(std::is_trivially_destructible_v<T>, "the arena runs no destructors");
    void* memory = take(sizeof(T));
    return memory == nullptr ? nullptr : new (memory) T(std::forward<Arguments>(arguments)...);
  }

  // Whether the block has room for take(bytes); true if there is no block.
  bool fits(std::size_t bytes) const;
  // Whether the free part of the block shares a byte with `data`.
  bool overlaps(const void* data, std::size_t bytes) const;
  // Adds `bytes` to required_bytes() as take() does, but takes no memory; the arena then counts as
  // overflowed. For memory that is used only in a later run, with a block that is large enough.
  void want(std::size_t bytes);

  // `count` value-initialised objects; data is nullptr on failure or when count is 0.
  template <typename T>
  Span<T> array(std::size_t count) {
    static_assert(std::is_trivially_destructible_v<T>, "the arena runs no destructors");
    if (count == 0) return {};
    T* data = static_cast<T*>(take_many(count, sizeof(T)));
    if (data == nullptr) return {};
    for (std::size_t i = 0; i < count; ++i)
      new (data + i) T();
    return {data, count};
  }

  // rows * columns floats, zeroed, readable for kReadPastEnd bytes more. Without memory while
  // measuring.
  float* reserve(std::size_t rows, std::size_t columns);

  // Memory lent until the returned object is destroyed. One at a time.
  class Scratch {
   public:
    Scratch(Arena& arena, std::size_t bytes);
    ~Scratch();
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    void* data() const { return data_; }

   private:
    Arena& arena_;
    void* data_ = nullptr;
    char* end_before_ =
        nullptr;  // if the memory is part of the block: where the block ended before
  };

  bool failed() const { return failed_; }
  bool measuring() const { return mode_ == Mode::kMeasure; }
  // More was taken than the given block holds.
  bool overflowed() const { return mode_ == Mode::kBlock && (heap_blocks_ != nullptr || wanting_); }
  // All memory is the library's own.
  bool on_heap() const { return mode_ == Mode::kHeap; }
  std::size_t used_bytes() const { return used_; }
  std::size_t held_bytes() const { return held_; }
  // A block of this size is large enough, whatever its alignment.
  std::size_t required_bytes() const { return peak_ + kBlockExtra; }
  // Bytes that a block must have in addition to the memory taken from it, for alignment.
  static constexpr std::size_t kBlockExtra = 2 * kAlignment;

 private:
  struct HeapBlock {
    HeapBlock* next;
  };

  void count(std::size_t bytes);
  void* take_many(std::size_t count, std::size_t bytes);
  void* take_from_heap(std::size_t bytes);
  void release();

  Mode mode_ = Mode::kHeap;
  bool failed_ = false;
  bool wanting_ = false;
  char* begin_ = nullptr;  // of the free part of the current block
  char* end_ = nullptr;
  std::size_t used_ = 0;
  std::size_t scratch_ = 0;
  std::size_t peak_ = 0;
  std::size_t held_ = 0;
  std::size_t heap_block_bytes_ = std::size_t{64} << 10;
  HeapBlock* heap_blocks_ = nullptr;
};

}  // namespace augur
