// The interest evolution: a recurrence over the interest states, driven by each candidate's
// attention.
#pragma once

#include "network/gru.h"
#include "network/overlay.h"

namespace augur {

// The user's part: W h_t + b of every step; for an AIGRU W h_t, because (9) scales it.
struct EvolutionInputs {
  Projection projection;
  StepRows rows;  // [max steps, gate rows]
  Steps steps;    // those that the evolution reads
};

// halves: they are kept as fp16.
augur_status plan_evolution_inputs(const Evolution& evolution, std::size_t max_steps, bool halves,
                                   Arena& arena, Fault& error, EvolutionInputs* inputs);
// h: the chunk's interest states [chunk.count, inputs].
void project_interests(const Evolution& evolution, const float* h, const Chunk& chunk,
                       const ChunkRoom& room, const EvolutionInputs& inputs);

// One thread's candidates.
struct EvolutionBuffers {
  float* states = nullptr;       // [rows, hidden]
  float* projections = nullptr;  // memory for fp16 inputs as f32 [kChunk, gate rows]
  float* scratch = nullptr;
};

void plan_evolution(const Evolution& evolution, std::size_t max_rows, Arena& arena,
                    EvolutionBuffers* buffers);
// The memory that evolve() needs beside the states.
void place_evolution(const Evolution& evolution, bool halves, Overlay* overlay,
                     EvolutionBuffers* buffers);

// The last states h'_T [rows, hidden] of `rows` candidates: equations (9) to (12) of the paper.
// weights: none if the evolution uses no attention.
const float* evolve(const Evolution& evolution, const EvolutionInputs& inputs,
                    const EvolutionBuffers& buffers, const AttentionWeights& weights,
                    std::size_t rows);

}  // namespace augur
