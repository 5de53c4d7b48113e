// The embeddings of a history's events, with padding rows around them if the model has a window.
#pragma once

#include "model/sequence.h"
#include "network/chunk.h"
#include "network/embedding.h"

namespace augur {

struct BehaviourBuffers {
  StepRows rows;              // e, if they are kept
  bool skips_cached = false;  // no layer reads e of cached steps, unless from `rows`
  // If the head pools e and they are not kept: the sums of each block of kChunk rows, padding rows
  // left out; and memory for a row.
  double* sums = nullptr;
  float* row = nullptr;
};

void plan_sums(std::size_t max_steps, std::size_t width, Arena& arena, BehaviourBuffers* buffers);

// Computes e [chunk.count, width of the fields], in `rows` or, where they are not kept, in
// room.embeddings. Of cached steps, those that no layer reads are left out. AUGUR_BAD_MODEL if a
// table holds a value that is not finite.
augur_status embed_behaviours(const Sequence& sequence, const InputRows& events, const Ring& ring,
                              const Chunk& chunk, const BehaviourBuffers& buffers,
                              const ChunkRoom& room, const float** e, Fault& error);

}  // namespace augur
