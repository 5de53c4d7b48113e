// The interest evolution: a recurrent layer over the interest states, driven by each candidate's
// attention.
#pragma once

#include "layers/gru.h"
#include "layers/steps_kept.h"

namespace augur {

class Evolution {
 public:
  // unit_input: the inputs are states of a GRU, in [-1, 1]; unit_attention: the weights lie in
  // [0, 1].
  augur_status load(Reader& reader, const fb::Evolution* file, std::uint32_t inputs,
                    bool unit_input, bool unit_attention);

  const Gru& cell() const { return cell_; }
  bool uses_attention() const { return cell_.kind().uses_attention(); }

 private:
  Gru cell_;
};

// The user's part: the input projections of the interest states.
class EvolutionUser {
 public:
  augur_status create(const Evolution& evolution, std::size_t max_steps, Arena& arena,
                      Fault& error);

  // Interest states [steps, inputs]; of `kept` nothing is computed again.
  void prepare(const float* states, std::size_t steps, StepsKept kept);

  const float* projections() const { return projections_; }
  std::size_t steps() const { return steps_; }

 private:
  GruInputs inputs_;
  std::size_t steps_ = 0;
  std::size_t gate_rows_ = 0;
  float* projections_ = nullptr;  // [steps, gate rows]
};

// One thread's candidates.
class EvolutionRun {
 public:
  void create(const Evolution& evolution, const EvolutionUser& user, std::size_t max_rows,
              Arena& arena);

  // Last states [rows, hidden]. weights: none if the cell uses no attention.
  const float* run(AttentionWeights weights, std::size_t rows) const;

 private:
  const Evolution* evolution_ = nullptr;
  const EvolutionUser* user_ = nullptr;
  GruRun cell_;
  float* states_ = nullptr;  // [rows, hidden]
};

}  // namespace augur
