// The recurrent cell that the extractor and every evolution kind share.
#pragma once

#include <cstddef>

#include "augur_generated.h"
#include "reference/matrix.h"

namespace augur::reference {

// u is empty in a cell without update gate.
struct Gates {
  Vector u;
  Vector c;
};

class GruCell {
 public:
  GruCell(const fb::GruT& gru, bool has_update_gate);

  std::size_t hidden() const { return hidden_; }

  // The update gate and the candidate state for the step's input x and the state h before it.
  Gates gates(const Vector& x, const Vector& h) const;

 private:
  // W x + b (+ U h) of the gate whose rows begin at gate * H.
  Vector input_part(std::size_t gate, const Vector& x) const;
  Vector recurrent_part(std::size_t gate, const Vector& h) const;
  Vector logistic_gate(std::size_t gate, const Vector& x, const Vector& h) const;

  std::size_t hidden_;
  bool has_update_gate_;
  fb::Reset reset_;
  Matrix input_;
  Matrix recurrent_;
  Vector bias_;
  Vector candidate_recurrent_bias_;
};

// h' = (1 - share) ∘ h + share ∘ c
Vector mix(const Vector& h, const Vector& share, const Vector& c);

// All states of a plain GRU that begins with the state 0.
VectorSequence run_gru(const GruCell& cell, const VectorSequence& inputs);

}  // namespace augur::reference
