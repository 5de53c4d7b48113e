// Rows that are kept as f32 or as fp16.
#include "network/rows.h"

#include "kernels/kernel_set.h"

namespace augur {

void StepRows::plan(std::size_t capacity, std::size_t row_width, bool as_halves, Arena& arena) {
  width = row_width;
  if (as_halves) {
    // Two of them lie in the memory of one float.
    halves = reinterpret_cast<std::uint16_t*>(arena.reserve(1, (capacity * row_width + 1) / 2));
  } else {
    floats = arena.reserve(capacity, row_width);
  }
}

const float* StepRows::read(std::size_t row, std::size_t count, float* room) const {
  if (halves == nullptr) return floats + row * width;
  kernels().to_floats(halves + row * width, count * width, room);
  return room;
}

void StepRows::close(std::size_t row, std::size_t count, const float* room) const {
  if (halves != nullptr) kernels().to_halves(room, count * width, halves + row * width);
}

}  // namespace augur
