// The interest extractor: GRU layers over the behaviour embeddings, once per user.
#pragma once

#include "layers/gru.h"

namespace augur {

using GruList = flatbuffers::Vector<flatbuffers::Offset<fb::Gru>>;

class Extractor {
 public:
  augur_status load(Reader& reader, const GruList* file, std::uint32_t inputs);

  const Span<Gru>& layers() const { return layers_; }
  std::uint32_t outputs() const { return outputs_; }  // the behaviour's width without layers

 private:
  Span<Gru> layers_;
  std::uint32_t outputs_ = 0;
};

class ExtractorRun {
 public:
  augur_status create(const Extractor& extractor, std::size_t max_steps, Arena& arena,
                      Error& error);

  // Interest states [steps, outputs] of behaviours [steps, inputs]; the behaviours themselves
  // without layers.
  const float* run(const float* behaviours, std::size_t steps) const;

 private:
  struct Layer {
    GruRun run;
    const Gru* gru = nullptr;
    float* states = nullptr;  // [steps, hidden]
  };
  Span<Layer> layers_;
  float* projections_ = nullptr;  // [steps, gate rows of the widest layer]
  float* state_ = nullptr;        // [hidden of the widest layer]
};

}  // namespace augur
