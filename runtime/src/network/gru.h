// The interest extractor: GRU layers over the behaviours' embeddings, computed once per user. The
// interest evolution uses the same two functions for the parts of a cell's step.
#pragma once

#include "model/gru.h"
#include "network/cached_steps.h"
#include "network/rows.h"

namespace augur {

// The buffers of a cell's input projections W x_t + b.
augur_status plan_projection(const Gru& gru, Arena& arena, Fault& error, ProductRun* projection);
// projections[t, gate rows] = W x_t + b for the steps from `first` on; earlier steps have been
// computed.
void project_inputs(const ProductRun& projection, const float* x, std::size_t first,
                    std::size_t steps, float* projections);

// One run of a cell over all steps, for many candidates at once or for the user alone.
struct GruRun {
  const float* projections = nullptr;  // [steps, gate rows]
  std::size_t steps = 0;
  AttentionWeights attention;  // of the candidates; none if the cell uses no attention
  std::size_t rows = 0;        // candidates; 1 for the user alone
  float* states = nullptr;   // [rows, hidden]: h before the first step, afterwards h after the last
  float* history = nullptr;  // nullptr, or with one row the states after every step [steps, hidden]
  float* scratch = nullptr;  // recurrence_scratch(hidden) floats
};
// Equations (2) to (5) and (9) to (12) of the paper, for every step: step() in
// kernels/reference.cc.
void run_gru(const Gru& gru, const GruRun& run);

struct ExtractorBuffers {
  struct Layer {
    ProductRun projection;
    float* states = nullptr;  // [steps, hidden]
    float* state = nullptr;   // [hidden]: after the last step that was computed
    float* scratch = nullptr;
  };
  Span<Layer> layers;
  float* first_projections = nullptr;  // [steps, gate rows of the first layer]; cached
  float* projections = nullptr;        // [steps, gate rows of the widest of the others]
};

augur_status plan_extractor(const Span<Gru>& layers, std::size_t max_steps, Arena& arena,
                            Fault& error, ExtractorBuffers* buffers);

// Interest states h [steps, hidden] of behaviours [steps, inputs]; the behaviours themselves if
// there are no layers. While the history grows, only the new steps are computed. Once its oldest
// events are dropped, the recurrence runs again over the first layer's input projections, which are
// cached; in a stream it goes on from its last state.
const float* extract_interests(const Span<Gru>& layers, const ExtractorBuffers& buffers,
                               const float* behaviours, std::size_t steps,
                               const CachedSteps& cached);

// Sets the interest states of steps [first, end), which the last run did not compute, to 0. There
// must be at least one layer.
void clear_interests(const Span<Gru>& layers, const ExtractorBuffers& buffers, std::size_t first,
                     std::size_t end);

}  // namespace augur
