// The interest evolution: a recurrence over the interest states, driven by each candidate's
// attention.
#pragma once

#include "network/gru.h"

namespace augur {

// The user's part: W h_t + b of every step; for an AIGRU W h_t, because (9) scales it.
struct EvolutionInputs {
  ProductRun projection;
  float* projections = nullptr;  // [steps, gate rows]
  std::size_t steps = 0;
};

augur_status plan_evolution_inputs(const Evolution& evolution, std::size_t max_steps, Arena& arena,
                                   Fault& error, EvolutionInputs* inputs);
// states: the interest states [steps, inputs]. Cached steps are not computed again.
void project_interests(const Evolution& evolution, const Steps& states, const CachedSteps& cached,
                       EvolutionInputs* inputs);

// One thread's candidates.
struct EvolutionBuffers {
  float* states = nullptr;  // [rows, hidden]
  float* scratch = nullptr;
};

void plan_evolution(const Evolution& evolution, std::size_t max_rows, Arena& arena,
                    EvolutionBuffers* buffers);

// The last states h'_T [rows, hidden] of `rows` candidates: equations (9) to (12) of the paper.
// weights: none if the evolution uses no attention.
const float* evolve(const Evolution& evolution, const EvolutionInputs& inputs,
                    const EvolutionBuffers& buffers, const AttentionWeights& weights,
                    std::size_t rows);

}  // namespace augur
