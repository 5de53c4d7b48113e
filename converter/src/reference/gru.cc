// The recurrent cell.
#include "reference/gru.h"

#include <cmath>

namespace augur::reference {

GruCell::GruCell(const fb::GruT& gru, bool has_update_gate)
    : hidden_(gru.recurrent->shape.at(1)),
      has_update_gate_(has_update_gate),
      reset_(gru.reset),
      input_(matrix(gru.input.get())),
      recurrent_(matrix(gru.recurrent.get())),
      bias_(vector(gru.bias.get())),
      candidate_recurrent_bias_(vector(gru.candidate_recurrent_bias.get())) {}

Vector GruCell::input_part(std::size_t gate, const Vector& x) const {
  Vector part = product(input_, gate * hidden_, hidden_, x);
  for (std::size_t k = 0; k < hidden_; ++k)
    part[k] += bias_.at(gate * hidden_ + k);
  return part;
}

Vector GruCell::recurrent_part(std::size_t gate, const Vector& h) const {
  return product(recurrent_, gate * hidden_, hidden_, h);
}

Vector GruCell::logistic_gate(std::size_t gate, const Vector& x, const Vector& h) const {
  Vector values = input_part(gate, x);
  add(values, recurrent_part(gate, h));
  for (double& value : values)
    value = sigmoid(value);
  return values;
}

Gates GruCell::gates(const Vector& x, const Vector& h) const {
  Gates gates;
  std::size_t gate = 0;
  if (has_update_gate_) gates.u = logistic_gate(gate++, x, h);
  const Vector r = logistic_gate(gate++, x, h);

  gates.c = input_part(gate, x);
  if (reset_ == fb::Reset::AfterProduct) {
    Vector recurrent = recurrent_part(gate, h);
    add(recurrent, candidate_recurrent_bias_);
    add(gates.c, times(r, recurrent));
  } else {
    add(gates.c, recurrent_part(gate, times(r, h)));
  }
  for (double& value : gates.c)
    value = std::tanh(value);
  return gates;
}

Vector mix(const Vector& h, const Vector& share, const Vector& c) {
  Vector next(h.size());
  for (std::size_t k = 0; k < h.size(); ++k) {
    next[k] = (1.0 - share.at(k)) * h[k] + share[k] * c.at(k);
  }
  return next;
}

VectorSequence run_gru(const GruCell& cell, const VectorSequence& inputs) {
  VectorSequence states;
  Vector h(cell.hidden(), 0.0);
  for (const Vector& x : inputs) {
    const Gates gates = cell.gates(x, h);
    h = mix(h, gates.u, gates.c);
    states.push_back(h);
  }
  return states;
}

}  // namespace augur::reference
