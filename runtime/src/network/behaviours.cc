// Embeds events and padding, and sums up blocks of events.
#include "network/behaviours.h"

#include <algorithm>

namespace augur {
namespace {

// The step's event, or events.size for a padding row.
std::size_t event_of(const Sequence& sequence, const InputRows& events, std::size_t step) {
  const std::size_t first = sequence.window.first_event(events.size);
  return step < first ? events.size : std::min(step - first, events.size);
}

// The sums of the block in which the chunk lies. Its other rows are embedded for this: there are
// some only at the ends of the history.
void sum_block(const Sequence& sequence, const InputRows& events, const Ring& ring,
               const Chunk& chunk, const float* e, const BehaviourBuffers& buffers) {
  const std::size_t width = sequence.fields.width;
  const std::size_t begin = chunk.row / kChunk * kChunk;
  const std::size_t end = std::min(begin + kChunk, ring.capacity);
  double* const sums = buffers.sums + begin / kChunk * width;
  std::fill_n(sums, width, 0.0);
  for (std::size_t row = begin; row < end; ++row) {
    const std::size_t step = ring.step(row);
    const std::size_t event = step < ring.count ? event_of(sequence, events, step) : events.size;
    if (event == events.size) continue;
    const float* values = buffers.row;
    if (row >= chunk.row && row < chunk.row + chunk.count) {
      values = e + (row - chunk.row) * width;
    } else {
      events.embed(events.source, event, buffers.row);
    }
    for (std::size_t k = 0; k < width; ++k)
      sums[k] += static_cast<double>(values[k]);
  }
}

}  // namespace

void plan_sums(std::size_t max_steps, std::size_t width, Arena& arena, BehaviourBuffers* buffers) {
  const std::size_t blocks = (max_steps + kChunk - 1) / kChunk;
  buffers->sums = reinterpret_cast<double*>(arena.reserve(blocks, 2 * width));
  buffers->row = arena.reserve(1, width);
}

augur_status embed_behaviours(const Sequence& sequence, const InputRows& events, const Ring& ring,
                              const Chunk& chunk, const BehaviourBuffers& buffers,
                              const ChunkRoom& room, const float** e, Fault& error) {
  const std::size_t width = sequence.fields.width;
  float* const rows = buffers.rows.open(chunk.row, room.embeddings);
  // Padding lies before or after the events, which are checked together.
  std::size_t first = chunk.count;
  std::size_t end = chunk.count;
  for (std::size_t i = buffers.skips_cached ? chunk.cached : 0; i < chunk.count; ++i) {
    float* const row = rows + i * width;
    const std::size_t event = event_of(sequence, events, chunk.step + i);
    if (event == events.size) {
      embed_padding(sequence.fields, row);
      continue;
    }
    events.embed(events.source, event, row);
    first = std::min(first, i);
    end = i + 1;
  }
  AUGUR_TRY(check_embedded(rows + first * width, (end - first) * width, sequence.fields.description,
                           error));
  if (buffers.sums != nullptr) sum_block(sequence, events, ring, chunk, rows, buffers);
  *e = rows;
  return AUGUR_OK;
}

}  // namespace augur
