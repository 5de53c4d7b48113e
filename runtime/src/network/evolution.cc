// Runs the interest evolution.
#include "network/evolution.h"

#include <cstring>

namespace augur {

augur_status plan_evolution_inputs(const Evolution& evolution, std::size_t max_steps, bool halves,
                                   Arena& arena, Fault& error, EvolutionInputs* inputs) {
  inputs->rows.plan(max_steps, evolution.gru.gate_rows(), halves, arena);
  return plan_projection(evolution.gru, arena, error, &inputs->projection);
}

void project_interests(const Evolution& evolution, const float* h, const Chunk& chunk,
                       const ChunkRoom& room, const EvolutionInputs& inputs) {
  float* const projections = inputs.rows.open(chunk.row, room.projections);
  project_inputs(evolution.gru, inputs.projection, h, chunk.count, projections);
  inputs.rows.close(chunk.row, chunk.count, projections);
}

void plan_evolution(const Evolution& evolution, std::size_t max_rows, Arena& arena,
                    EvolutionBuffers* buffers) {
  buffers->states = arena.reserve(max_rows, evolution.gru.hidden);
}

void place_evolution(const Evolution& evolution, bool halves, Overlay* overlay,
                     EvolutionBuffers* buffers) {
  if (halves) buffers->projections = overlay->take(kChunk, evolution.gru.gate_rows());
  buffers->scratch = overlay->take(1, recurrence_scratch(evolution.gru.hidden));
}

const float* evolve(const Evolution& evolution, const EvolutionInputs& inputs,
                    const EvolutionBuffers& buffers, const AttentionWeights& weights,
                    std::size_t rows) {
  std::memset(buffers.states, 0, rows * evolution.gru.hidden * sizeof(float));  // h'_0
  const auto run = [&](const float* projections, std::size_t row, std::size_t steps) {
    GruRun piece;
    piece.projections = projections;
    piece.steps = steps;
    if (weights.data != nullptr)
      piece.attention = {weights.data + row * weights.stride, weights.stride};
    piece.rows = rows;
    piece.states = buffers.states;
    piece.scratch = buffers.scratch;
    run_gru(evolution.gru, piece);
  };
  for_pieces(inputs.steps, buffers.projections, run);
  return buffers.states;
}

}  // namespace augur
