// Runs recurrent cells over a history's steps.
#include "network/gru.h"

#include <cstring>

#include "kernels/kernel_set.h"

namespace augur {

augur_status plan_projection(const Gru& gru, Arena& arena, Fault& error, Projection* projection) {
  const InputRange inputs = gru.unit_input ? InputRange::kUnit : InputRange::kAny;
  projection->pair_inputs = arena.reserve(2, gru.inputs);
  projection->pair_outputs = arena.reserve(2, gru.gate_rows());
  return projection->product.create(gru.input, gru.inputs, gru.gate_rows(), arena, error, inputs);
}

void project_inputs(const Gru& gru, const Projection& projection, const float* x, std::size_t rows,
                    float* projections) {
  if (rows != 1) {
    if (rows > 0) projection.product.run(x, rows, projections);
    return;
  }
  // A product of one row may have other bits than one of several rows (kernels/product.h).
  for (const std::size_t row : {std::size_t{0}, std::size_t{1}})
    std::memcpy(projection.pair_inputs + row * gru.inputs, x, gru.inputs * sizeof(float));
  projection.product.run(projection.pair_inputs, 2, projection.pair_outputs);
  std::memcpy(projections, projection.pair_outputs, gru.gate_rows() * sizeof(float));
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

augur_status plan_extractor(const Span<Gru>& layers, std::size_t max_steps, bool keep_projections,
                            Arena& arena, Fault& error, ExtractorBuffers* buffers) {
  buffers->layers = arena.array<ExtractorBuffers::Layer>(layers.size());
  if (buffers->layers.size() != layers.size())
    return error.fail(AUGUR_OUT_OF_MEMORY, "no memory for a session");
  for (std::size_t i = 0; i < layers.size(); ++i) {
    AUGUR_TRY(plan_projection(layers[i], arena, error, &buffers->layers[i].projection));
    buffers->layers[i].state = arena.reserve(1, layers[i].hidden);
  }
  if (keep_projections && !layers.empty())
    buffers->first_projections.plan(max_steps, layers[0].gate_rows(), false, arena);
  return AUGUR_OK;
}

void restart_extractor(const Span<Gru>& layers, const ExtractorBuffers& buffers) {
  for (std::size_t i = 0; i < layers.size(); ++i)
    std::memset(buffers.layers[i].state, 0, layers[i].hidden * sizeof(float));
}

const float* extract_interests(const Span<Gru>& layers, const ExtractorBuffers& buffers,
                               const Chunk& chunk, const float* e, const StepRows& states,
                               const ChunkRoom& room) {
  const float* x = e;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const Gru& gru = layers[i];
    const ExtractorBuffers::Layer& layer = buffers.layers[i];
    const bool keeps = i == 0 && buffers.first_projections.kept();
    float* projections =
        keeps ? buffers.first_projections.open(chunk.row, nullptr) : room.projections;
    const std::size_t done = keeps ? chunk.cached : 0;
    project_inputs(gru, layer.projection, x + done * gru.inputs, chunk.count - done,
                   projections + done * gru.gate_rows());
    float* const h =
        i + 1 == layers.size() ? states.open(chunk.row, room.states[i % 2]) : room.states[i % 2];
    GruRun run;
    run.projections = projections;
    run.steps = chunk.count;
    run.rows = 1;
    run.states = layer.state;
    run.history = h;
    run.scratch = room.scratch;
    run_gru(gru, run);
    x = h;
  }
  if (!layers.empty()) states.close(chunk.row, chunk.count, x);
  return x;
}

const float* clear_interests(const Chunk& chunk, const StepRows& states, const ChunkRoom& room) {
  float* const h = states.open(chunk.row, room.states[0]);
  std::memset(h, 0, chunk.count * states.width * sizeof(float));
  states.close(chunk.row, chunk.count, h);
  return h;
}

}  // namespace augur
