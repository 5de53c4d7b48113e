// The interest evolution: GRU, AIGRU, AGRU and both forms of AUGRU over the interest states.
#pragma once

#include "augur_generated.h"
#include "reference/gru.h"
#include "reference/matrix.h"

namespace augur::reference {

class Evolution {
 public:
  explicit Evolution(const fb::EvolutionT& evolution);

  bool uses_attention() const { return kind_ != fb::EvolutionKind::Gru; }

  // The last state, from 0; `attention` has a weight for every step (GRU: is not read).
  Vector run(const VectorSequence& interests, const Vector& attention) const;

 private:
  fb::EvolutionKind kind_;
  fb::AugruForm form_;
  GruCell cell_;
};

}  // namespace augur::reference
