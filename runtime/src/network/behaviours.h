// The embeddings of a history's events, with padding rows around them if the model has a window.
#pragma once

#include "model/sequence.h"
#include "network/chunk.h"
#include "network/embedding.h"

namespace augur {

// Computes e [chunk.count, width of the fields], in `kept` or, where they are not kept, in
// room.embeddings. skip_cached: the chunk's cached steps are not read, or lie in `kept`.
// AUGUR_BAD_MODEL if a table holds a value that is not finite.
augur_status embed_behaviours(const Sequence& sequence, const InputRows& events, const Chunk& chunk,
                              bool skip_cached, const StepRows& kept, const ChunkRoom& room,
                              const float** e, Fault& error);

}  // namespace augur
