// The interest extractor: GRU layers over the behaviours' embeddings, computed once per user. The
// interest evolution uses the same functions for the parts of a cell's step.
#pragma once

#include "model/gru.h"
#include "network/chunk.h"

namespace augur {

// Of a cell's input projections W x_t + b.
struct Projection {
  ProductRun product;
  float* pair_inputs = nullptr;  // memory for two rows
  float* pair_outputs = nullptr;
};

augur_status plan_projection(const Gru& gru, Arena& arena, Fault& error, Projection* projection);
// projections [rows, gate rows] = W x_t + b. A row has the same bits whatever others are computed
// with it.
void project_inputs(const Gru& gru, const Projection& projection, const float* x, std::size_t rows,
                    float* projections);

// One run of a cell over some steps, for many candidates at once or for the user alone.
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
    Projection projection;
    float* state = nullptr;  // [hidden]: after the last step that was computed
  };
  Span<Layer> layers;
  // The first layer's projections depend on their own step alone. If they are kept, those of cached
  // steps are not computed again when the recurrence begins anew.
  StepRows first_projections;
};

augur_status plan_extractor(const Span<Gru>& layers, std::size_t max_steps, bool keep_projections,
                            Arena& arena, Fault& error, ExtractorBuffers* buffers);

// The next chunk begins with the first step.
void restart_extractor(const Span<Gru>& layers, const ExtractorBuffers& buffers);
// Interest states h [chunk.count, hidden] from the embeddings e, going on after the chunk before;
// they are kept in `states`. If there are no layers, e itself, which is in `states` already.
const float* extract_interests(const Span<Gru>& layers, const ExtractorBuffers& buffers,
                               const Chunk& chunk, const float* e, const StepRows& states,
                               const ChunkRoom& room);
// The same for steps that the extractor does not read: all are 0. There must be at least one layer.
const float* clear_interests(const Chunk& chunk, const StepRows& states, const ChunkRoom& room);

}  // namespace augur
