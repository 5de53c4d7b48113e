// The interest extractor: GRU layers over the behaviour embeddings, once per user.
#pragma once

#include "layers/gru.h"
#include "layers/steps_kept.h"

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
                      Fault& error);

  // Interest states [steps, outputs] of behaviours [steps, inputs]; the behaviours themselves
  // without layers. While the history grows, only the new steps are computed; once its window
  // slides, the recurrence is replayed over the first layer's input projections, which are kept;
  // in a stream it goes on.
  const float* run(const float* behaviours, std::size_t steps, StepsKept kept) const;
  // The last run's interest states of the steps from `first` to before `end`, which it did not
  // reach, become 0; there must be a layer.
  void clear_states(std::size_t first, std::size_t end) const;

 private:
  struct Layer {
    GruInputs inputs;
    GruRun run;
    const Gru* gru = nullptr;
    float* states = nullptr;  // [steps, hidden]
    float* state = nullptr;   // [hidden]: after the last step that was computed
  };
  Span<Layer> layers_;
  float* first_projections_ = nullptr;  // [steps, gate rows of the first layer], kept
  float* projections_ = nullptr;        // [steps, gate rows of the widest of the others]
};

}  // namespace augur
