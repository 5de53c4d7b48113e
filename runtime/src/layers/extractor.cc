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
    AUGUR_TRY(layers_[i].load(reader, file->Get(i), outputs_, CellKind{}));
    outputs_ = layers_[i].hidden();
  }
  return AUGUR_OK;
}

augur_status ExtractorRun::create(const Extractor& extractor, std::size_t max_steps, Arena& arena,
                                  Error& error) {
  layers_ = arena.array<Layer>(extractor.layers().size);
  if (layers_.size != extractor.layers().size)
    return error.fail(AUGUR_OUT_OF_MEMORY, "no memory for a session");
  std::size_t widest = 0;
  for (std::size_t i = 0; i < layers_.size; ++i) {
    const Gru& gru = extractor.layers()[i];
    layers_[i].gru = &gru;
    AUGUR_TRY(layers_[i].run.create(gru, gru.inputs(), arena, error));
    layers_[i].states = arena.reserve(max_steps, gru.hidden());
    if (gru.hidden() > widest) widest = gru.hidden();
  }
  if (layers_.empty()) return AUGUR_OK;
  projections_ = arena.reserve(max_steps, gate_count(ShareRule::kPlain) * widest);
  state_ = arena.reserve(1, widest);
  return AUGUR_OK;
}

const float* ExtractorRun::run(const float* behaviours, std::size_t steps) const {
  const float* x = behaviours;
  for (const Layer& layer : layers_) {
    const std::size_t hidden = layer.gru->hidden();
    layer.run.project(x, steps, projections_);
    std::memset(state_, 0, hidden * sizeof(float));
    layer.run.run(projections_, steps, {}, 1, state_, layer.states);
    x = layer.states;
  }
  return x;
}

}  // namespace augur
