// Loading and running the extractor.
#include "layers/extractor.h"

#include <cstring>

namespace augur {

augur_status Extractor::load(Reader& reader, const GruList* file, std::uint32_t inputs) {
  outputs_ = inputs;
  const std::uint32_t count = file == nullptr ? 0 : file->size();
  AUGUR_TRY(reader.check_count(count, "extractor layers"));
  layers_ = reader.arena().array<Gru>(count);
  if (layers_.size != count) return reader.no_memory();
  for (std::uint32_t i = 0; i < count; ++i) {
    const Reader::Part part(reader, "extractor %u", i);
    CellKind kind;
    kind.unit_input = i > 0;
    AUGUR_TRY(layers_[i].load(reader, file->Get(i), outputs_, kind));
    outputs_ = layers_[i].hidden();
  }
  return AUGUR_OK;
}

augur_status ExtractorRun::create(const Extractor& extractor, std::size_t max_steps, Arena& arena,
                                  Fault& error) {
  layers_ = arena.array<Layer>(extractor.layers().size);
  if (layers_.size != extractor.layers().size)
    return error.fail(AUGUR_OUT_OF_MEMORY, "no memory for a session");
  std::size_t widest_other = 0;
  for (std::size_t i = 0; i < layers_.size; ++i) {
    const Gru& gru = extractor.layers()[i];
    layers_[i].gru = &gru;
    layers_[i].run.create(gru, arena);
    AUGUR_TRY(layers_[i].inputs.create(gru, gru.inputs(), arena, error));
    layers_[i].states = arena.reserve(max_steps, gru.hidden());
    layers_[i].state = arena.reserve(1, gru.hidden());
    if (i > 0 && gru.gate_rows() > widest_other) widest_other = gru.gate_rows();
  }
  if (layers_.empty()) return AUGUR_OK;
  first_projections_ = arena.reserve(max_steps, layers_[0].gru->gate_rows());
  if (widest_other > 0) projections_ = arena.reserve(max_steps, widest_other);
  return AUGUR_OK;
}

const float* ExtractorRun::run(const float* behaviours, std::size_t steps, StepsKept kept) const {
  const float* x = behaviours;
  const std::size_t done = kept.states();
  for (const Layer& layer : layers_) {
    const std::size_t hidden = layer.gru->hidden();
    const std::size_t gate_rows = layer.gru->gate_rows();
    const bool first = &layer == layers_.data;
    float* projections = first ? first_projections_ : projections_;
    const std::size_t projected = first ? kept.steps : done;
    if (first && kept.slid > 0) {
      std::memmove(projections, projections + kept.slid * gate_rows,
                   kept.steps * gate_rows * sizeof(float));
    }
    layer.inputs.project(x, projected, steps, projections);
    move_kept_states(kept, hidden, layer.states);
    // The recurrence goes on where it was, or begins.
    if (done == 0 && !kept.continued) std::memset(layer.state, 0, hidden * sizeof(float));
    layer.run.run(projections + done * gate_rows, steps - done, {}, 1, layer.state,
                  layer.states + done * hidden);
    x = layer.states;
  }
  return x;
}

void ExtractorRun::clear_states(std::size_t first, std::size_t end) const {
  const Layer& last = layers_[layers_.size - 1];
  const std::size_t hidden = last.gru->hidden();
  std::memset(last.states + first * hidden, 0, (end - first) * hidden * sizeof(float));
}

}  // namespace augur
