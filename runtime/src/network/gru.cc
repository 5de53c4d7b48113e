// Runs recurrent cells over a history's steps.
#include "network/gru.h"

#include <cstring>

#include "kernels/kernel_set.h"

namespace augur {

augur_status plan_projection(const Gru& gru, Arena& arena, Fault& error, ProductRun* projection) {
  const InputRange inputs = gru.unit_input ? InputRange::kUnit : InputRange::kAny;
  return projection->create(gru.input, gru.inputs, gru.gate_rows(), arena, error, inputs);
}

void project_inputs(const ProductRun& projection, const float* x, std::size_t first,
                    std::size_t steps, float* projections) {
  projection.run_from(x, first, steps, projections);
}

void run_gru(const Gru& gru, const GruRun& run) {
  Recurrence recurrence;
  recurrence.cell = &gru.cell;
  recurrence.steps = run.steps;
  recurrence.projections = run.projections;
  recurrence.attention = run.attention.data;
  recurrence.attention_stride = run.attention.stride;
  recurrence.rows = run.rows;
  recurrence.states = run.states;
  recurrence.history = run.history;
  recurrence.scratch = run.scratch;
  kernels().recur(recurrence);
}

augur_status plan_extractor(const Span<Gru>& layers, std::size_t max_steps, Arena& arena,
                            Fault& error, ExtractorBuffers* buffers) {
  buffers->layers = arena.array<ExtractorBuffers::Layer>(layers.size());
  if (buffers->layers.size() != layers.size())
    return error.fail(AUGUR_OUT_OF_MEMORY, "no memory for a session");
  std::size_t widest_other = 0;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const Gru& gru = layers[i];
    ExtractorBuffers::Layer& layer = buffers->layers[i];
    layer.scratch = arena.reserve(1, recurrence_scratch(gru.hidden));
    AUGUR_TRY(plan_projection(gru, arena, error, &layer.projection));
    layer.states = arena.reserve(max_steps, gru.hidden);
    layer.state = arena.reserve(1, gru.hidden);
    if (i > 0 && gru.gate_rows() > widest_other) widest_other = gru.gate_rows();
  }
  if (layers.empty()) return AUGUR_OK;
  buffers->first_projections = arena.reserve(max_steps, layers[0].gate_rows());
  if (widest_other > 0) buffers->projections = arena.reserve(max_steps, widest_other);
  return AUGUR_OK;
}

const float* extract_interests(const Span<Gru>& layers, const ExtractorBuffers& buffers,
                               const float* behaviours, std::size_t steps,
                               const CachedSteps& cached) {
  const float* x = behaviours;
  const std::size_t done = cached.states();
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const Gru& gru = layers[i];
    const ExtractorBuffers::Layer& layer = buffers.layers[i];
    const std::size_t hidden = gru.hidden;
    const std::size_t gate_rows = gru.gate_rows();
    float* projections = i == 0 ? buffers.first_projections : buffers.projections;
    // The first layer's projections depend on their own step alone, so they stay valid when older
    // steps are dropped.
    const std::size_t projected = i == 0 ? cached.count : done;
    if (i == 0) move_cached_rows(cached, gate_rows, projections);
    project_inputs(layer.projection, x, projected, steps, projections);
    move_cached_states(cached, hidden, layer.states);
    if (done == 0 && !cached.stream) std::memset(layer.state, 0, hidden * sizeof(float));
    GruRun run;
    run.projections = projections + done * gate_rows;
    run.steps = steps - done;
    run.rows = 1;
    run.states = layer.state;
    run.history = layer.states + done * hidden;
    run.scratch = layer.scratch;
    run_gru(gru, run);
    x = layer.states;
  }
  return x;
}

void clear_interests(const Span<Gru>& layers, const ExtractorBuffers& buffers, std::size_t first,
                     std::size_t end) {
  const std::size_t last = layers.size() - 1;
  const std::size_t hidden = layers[last].hidden;
  std::memset(buffers.layers[last].states + first * hidden, 0,
              (end - first) * hidden * sizeof(float));
}

}  // namespace augur
