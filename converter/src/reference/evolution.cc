// The interest evolution.
#include "reference/evolution.h"

namespace augur::reference {

Evolution::Evolution(const fb::EvolutionT& evolution)
    : kind_(evolution.kind),
      form_(evolution.form),
      cell_(*evolution.cell, evolution.kind != fb::EvolutionKind::Agru) {}

Vector Evolution::run(const VectorSequence& interests, const Vector& attention) const {
  Vector h(cell_.hidden(), 0.0);
  for (std::size_t t = 0; t < interests.size(); ++t) {
    const double a = uses_attention() ? attention.at(t) : 1.0;
    const bool scaled_input = kind_ == fb::EvolutionKind::Aigru;
    const Gates gates = cell_.gates(scaled_input ? scaled(a, interests[t]) : interests[t], h);
    Vector share = gates.u;
    if (kind_ == fb::EvolutionKind::Agru) share.assign(h.size(), a);
    if (kind_ == fb::EvolutionKind::Augru) {
      for (double& u : share)
        u = form_ == fb::AugruForm::Scale ? a * u : a + (1.0 - a) * u;
    }
    h = mix(h, share, gates.c);
  }
  return h;
}

}  // namespace augur::reference
