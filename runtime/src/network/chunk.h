// Steps of a history that are computed together, and the memory for what is passed from layer to
// layer and not kept.
#pragma once

#include "network/cached_steps.h"
#include "network/rows.h"

namespace augur {

// The ring for `count` steps, of which some are cached.
inline Ring next_ring(Ring ring, const CachedSteps& cached, std::size_t count) {
  ring.first = cached.count == 0 ? 0 : ring.row(cached.slid);
  ring.count = count;
  return ring;
}

struct Chunk {
  std::size_t step = 0;   // the first
  std::size_t count = 0;  // at most kChunk
  std::size_t row = 0;    // in the layers' rings, where all of them lie side by side
  // Of its first steps, those whose results are valid in the layers that depend on their own step
  // alone.
  std::size_t cached = 0;
};

// The chunk from `step` on. It ends before step `end`, and where a block of kChunk rows ends.
inline Chunk next_chunk(const Ring& ring, const CachedSteps& cached, std::size_t step,
                        std::size_t end) {
  std::size_t count = ring.together(step);
  if (count > end - step) count = end - step;
  const std::size_t row = ring.row(step);
  if (count > kChunk - row % kChunk) count = kChunk - row % kChunk;
  const std::size_t valid = cached.count > step ? cached.count - step : 0;
  return {step, count, row, valid < count ? valid : count};
}

// Memory for one chunk of any sequence; of each kind, what the widest one takes.
struct ChunkRoom {
  float* embeddings = nullptr;   // [kChunk, width of the fields]
  float* projections = nullptr;  // [kChunk, gate rows]
  float* states[2] = {};         // [kChunk, hidden], of layers in turn
  float* scratch = nullptr;      // recurrence_row_scratch() floats
};

}  // namespace augur
