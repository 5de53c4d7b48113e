// Arena: bump allocation in a block, and from the heap when the block is full.
#include "memory/arena.h"

#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace augur {
namespace {

constexpr std::size_t kAbsurdBytes = SIZE_MAX / 4;

std::size_t round_up(std::size_t bytes) {
  return (bytes + kAlignment - 1) & ~(kAlignment - 1);
}

char* align(char* pointer) {
  const auto address = reinterpret_cast<std::uintptr_t>(pointer);
  return pointer + (round_up(address) - address);
}

}  // namespace

Arena::Arena(void* block, std::size_t bytes) : mode_(Mode::kBlock), held_(bytes) {
  char* begin = static_cast<char*>(block);
  end_ = begin + bytes;
  begin_ = align(begin);
  if (begin_ > end_) begin_ = end_;
}

Arena::~Arena() {
  release();
}

Arena& Arena::operator=(Arena&& other) noexcept {
  if (this == &other) return *this;
  release();
  mode_ = other.mode_;
  failed_ = other.failed_;
  wanting_ = other.wanting_;
  heap_block_bytes_ = other.heap_block_bytes_;
  begin_ = other.begin_;
  end_ = other.end_;
  used_ = other.used_;
  scratch_ = other.scratch_;
  peak_ = other.peak_;
  held_ = other.held_;
  heap_blocks_ = std::exchange(other.heap_blocks_, nullptr);
  other.begin_ = other.end_ = nullptr;
  return *this;
}

void Arena::release() {
  while (heap_blocks_ != nullptr)
    std::free(std::exchange(heap_blocks_, heap_blocks_->next));
}

void Arena::count(std::size_t bytes) {
  used_ += bytes;
  if (used_ + scratch_ > peak_) peak_ = used_ + scratch_;
}

void* Arena::take(std::size_t bytes) {
  if (bytes > kAbsurdBytes || used_ > kAbsurdBytes) {
    failed_ = true;
    return nullptr;
  }
  bytes = round_up(bytes == 0 ? 1 : bytes);
  count(bytes);
  if (bytes > static_cast<std::size_t>(end_ - begin_)) return take_from_heap(bytes);
  char* memory = begin_;
  begin_ += bytes;
  return memory;
}

bool Arena::fits(std::size_t bytes) const {
  return mode_ != Mode::kBlock ||
         (bytes <= kAbsurdBytes && round_up(bytes) <= static_cast<std::size_t>(end_ - begin_));
}

bool Arena::overlaps(const void* data, std::size_t bytes) const {
  const auto first = reinterpret_cast<std::uintptr_t>(data);
  return reinterpret_cast<std::uintptr_t>(begin_) < first + bytes &&
         first < reinterpret_cast<std::uintptr_t>(end_);
}

void Arena::want(std::size_t bytes) {
  wanting_ = true;
  if (bytes > kAbsurdBytes || used_ > kAbsurdBytes) {
    failed_ = true;
  } else {
    count(round_up(bytes));
  }
}

void* Arena::take_from_heap(std::size_t bytes) {
  const std::size_t block_bytes =
      (bytes < heap_block_bytes_ ? heap_block_bytes_ : bytes) + 2 * kAlignment;
  auto* block = static_cast<HeapBlock*>(std::malloc(block_bytes));
  if (block == nullptr) {
    failed_ = true;
    return nullptr;
  }
  block->next = heap_blocks_;
  heap_blocks_ = block;
  if (mode_ != Mode::kBlock) held_ += block_bytes;
  char* memory = align(reinterpret_cast<char*>(block) + sizeof(HeapBlock));
  char* block_end = reinterpret_cast<char*>(block) + block_bytes;
  // Keep filling whichever block has more room left.
  if (block_end - (memory + bytes) > end_ - begin_) {
    begin_ = memory + bytes;
    end_ = block_end;
  }
  return memory;
}

void* Arena::take_many(std::size_t count, std::size_t bytes) {
  if (count > kAbsurdBytes / bytes) {
    failed_ = true;
    return nullptr;
  }
  return take(count * bytes);
}

float* Arena::reserve(std::size_t rows, std::size_t columns) {
  if (columns != 0 && rows > kAbsurdBytes / sizeof(float) / columns) {
    failed_ = true;
    return nullptr;
  }
  const std::size_t bytes = rows * columns * sizeof(float) + kReadPastEnd;
  if (measuring()) {
    if (used_ > kAbsurdBytes) {
      failed_ = true;
      return nullptr;
    }
    count(round_up(bytes));
    return nullptr;
  }
  void* memory = take(bytes);
  // Zeroing also touches every page now, so that the first ranking need not.
  if (memory != nullptr) std::memset(memory, 0, bytes);
  return static_cast<float*>(memory);
}

Arena::Scratch::Scratch(Arena& arena, std::size_t bytes) : arena_(arena) {
  if (bytes > kAbsurdBytes) {
    arena.failed_ = true;
    return;
  }
  bytes = round_up(bytes == 0 ? 1 : bytes);
  arena.scratch_ = bytes;
  arena.count(0);
  const auto free_bytes = static_cast<std::size_t>(arena.end_ - arena.begin_);
  if (arena.mode_ == Mode::kBlock && !arena.overflowed() && bytes + kAlignment <= free_bytes) {
    end_before_ = arena.end_;
    arena.end_ = align(arena.end_ - bytes - kAlignment + 1);
    data_ = arena.end_;
    return;
  }
  data_ = std::malloc(bytes);
  if (data_ == nullptr) arena.failed_ = true;
}

Arena::Scratch::~Scratch() {
  arena_.scratch_ = 0;
  if (end_before_ == nullptr) {
    std::free(data_);
  } else if (!arena_.overflowed()) {
    arena_.end_ = end_before_;
  }
}

}  // namespace augur
