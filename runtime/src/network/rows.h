// Rows and weights that one layer passes to the next. They point into the layers' buffers; nothing
// is copied.
#pragma once

#include <cstddef>
#include <cstdint>

#include "memory/arena.h"

namespace augur {

// Steps that are computed together where their rows are not kept, or are kept as fp16.
inline constexpr std::size_t kChunk = 32;

// Where the steps of a history lie in a layer's rows: the row after the last one is the first.
struct Ring {
  std::size_t capacity = 0;
  std::size_t first = 0;  // the row of the oldest step; not 0 only if count is the capacity
  std::size_t count = 0;  // steps

  std::size_t row(std::size_t step) const {
    return first + step < capacity ? first + step : first + step - capacity;
  }
  // The step whose row it is; count or more if there is none.
  std::size_t step(std::size_t row) const {
    return row >= first ? row - first : row + capacity - first;
  }
  // How many of the steps from `step` on lie side by side.
  std::size_t together(std::size_t step) const {
    const std::size_t before_end = capacity - row(step);
    return before_end < count - step ? before_end : count - step;
  }
};

// Rows that a layer keeps of a history's steps, [capacity, width]. They are computed as f32.
struct StepRows {
  float* floats = nullptr;
  std::uint16_t* halves = nullptr;  // instead: fp16
  std::size_t width = 0;

  void plan(std::size_t capacity, std::size_t row_width, bool as_halves, Arena& arena);
  bool kept() const { return floats != nullptr || halves != nullptr; }
  StepRows from(std::size_t row) const {
    return {floats == nullptr ? nullptr : floats + row * width,
            halves == nullptr ? nullptr : halves + row * width, width};
  }
  // Rows [row, row + count). room: [count, width]; used if they are fp16.
  const float* read(std::size_t row, std::size_t count, float* room) const;
  // Where to compute rows from `row` on: in their place or, if they are fp16 or not kept, in
  // `room`. close() then keeps `count` of them.
  float* open(std::size_t row, float* room) const {
    return floats == nullptr ? room : floats + row * width;
  }
  void close(std::size_t row, std::size_t count, const float* room) const;
};

// A history's rows: behaviours' embeddings, interest states, or what was computed of them.
struct Steps {
  StepRows rows;
  Ring ring;
};

// A history's events, without padding rows: the embeddings or the sums of blocks of them.
struct Behaviours {
  Steps embeddings;
  const double* sums = nullptr;  // [blocks, width], instead of the embeddings' rows
  std::size_t blocks = 0;
};

// The steps [begin, end) of a ring's. `begin` is 0 if the ring's first row is not row 0.
inline Steps steps_of(const StepRows& rows, const Ring& ring, std::size_t begin, std::size_t end) {
  return {rows.from(begin), {ring.capacity - begin, ring.first, end - begin}};
}

// Calls part(rows, row, count) for all steps, the oldest first, in pieces that lie side by side: as
// f32, of which the first has the index `row`. room: [kChunk, width]; used if they are fp16.
template <class Part>
void for_pieces(const Steps& steps, float* room, const Part& part) {
  std::size_t count = 0;
  for (std::size_t step = 0; step < steps.ring.count; step += count) {
    count = steps.ring.together(step);
    if (steps.rows.halves != nullptr && count > kChunk) count = kChunk;
    const std::size_t row = steps.ring.row(step);
    part(steps.rows.read(row, count, room), row, count);
  }
}

// Rows of floats. stride 0: one row that all candidates share.
struct Rows {
  const float* data = nullptr;
  std::size_t stride = 0;
};

// The attention's weights: that of row t of the steps' ring for candidate c is data[t * stride +
// c]. One step of all candidates lies side by side, as the kernels read it.
struct AttentionWeights {
  const float* data = nullptr;
  std::size_t stride = 0;
};

}  // namespace augur
