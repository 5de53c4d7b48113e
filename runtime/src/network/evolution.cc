// Runs the interest evolution.
#include "network/evolution.h"

#include <cstring>

namespace augur {

augur_status plan_evolution_inputs(const Evolution& evolution, std::size_t max_steps, Arena& arena,
                                   Fault& error, EvolutionInputs* inputs) {
  inputs->projections = arena.reserve(max_steps, evolution.gru.gate_rows());
  return plan_projection(evolution.gru, arena, error, &inputs->projection);
}

void project_interests(const Evolution& evolution, const Steps& states, const CachedSteps& cached,
                       EvolutionInputs* inputs) {
  inputs->steps = states.count;
  move_cached_states(cached, evolution.gru.gate_rows(), inputs->projections);
  project_inputs(inputs->projection, states.rows, cached.states(), states.count,
                 inputs->projections);
}

void plan_evolution(const Evolution& evolution, std::size_t max_rows, Arena& arena,
                    EvolutionBuffers* buffers) {
  buffers->states = arena.reserve(max_rows, evolution.gru.hidden);
  buffers->scratch = arena.reserve(1, recurrence_scratch(evolution.gru.hidden));
}

const float* evolve(const Evolution& evolution, const EvolutionInputs& inputs,
                    const EvolutionBuffers& buffers, const AttentionWeights& weights,
                    std::size_t rows) {
  std::memset(buffers.states, 0, rows * evolution.gru.hidden * sizeof(float));  // h'_0
  GruRun run;
  run.projections = inputs.projections;
  run.steps = inputs.steps;
  run.attention = weights;
  run.rows = rows;
  run.states = buffers.states;
  run.scratch = buffers.scratch;
  run_gru(evolution.gru, run);
  return buffers.states;
}

}  // namespace augur
