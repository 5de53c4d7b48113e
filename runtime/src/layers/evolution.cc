// Loading and running the evolution.
#include "layers/evolution.h"

#include <cstring>

#include "kernels/sequence.h"

namespace augur {

augur_status Evolution::load(Reader& reader, const fb::Evolution* file, std::uint32_t inputs,
                             bool unit_input, bool unit_attention) {
  const Reader::Part part(reader, "evolution");
  CellKind kind;
  kind.unit_input = unit_input;
  kind.unit_share = unit_attention;
  switch (file->kind()) {
    case fb::EvolutionKind::Gru:
      break;
    case fb::EvolutionKind::Aigru:
      kind.scaled_input = true;
      break;
    case fb::EvolutionKind::Agru:
      kind.share = ShareRule::kAttention;
      break;
    case fb::EvolutionKind::Augru:
      switch (file->form()) {
        case fb::AugruForm::Scale:
          kind.share = ShareRule::kScale;
          break;
        case fb::AugruForm::Lift:
          kind.share = ShareRule::kLift;
          break;
        default:
          return reader.bad("unknown AUGRU form %u", static_cast<unsigned>(file->form()));
      }
      break;
    default:
      return reader.bad("unknown kind %u", static_cast<unsigned>(file->kind()));
  }
  const Reader::Part cell(reader, "cell");
  return cell_.load(reader, file->cell(), inputs, kind);
}

augur_status EvolutionRun::create(const Evolution& evolution, std::size_t max_steps,
                                  std::size_t max_rows, Arena& arena, Error& error) {
  evolution_ = &evolution;
  projections_ = arena.reserve(max_steps, evolution.cell().gate_rows());
  states_ = arena.reserve(max_rows, evolution.cell().hidden());
  return cell_.create(evolution.cell(), evolution.cell().inputs(), max_rows, arena, error);
}

void EvolutionRun::prepare(const float* states, std::size_t steps) {
  steps_ = steps;
  cell_.project(states, steps, projections_);
}

const float* EvolutionRun::run(const float* weights, std::size_t rows) const {
  const std::size_t gate_rows = evolution_->cell().gate_rows();
  const std::size_t padded = padded_steps(steps_);
  std::memset(states_, 0, rows * evolution_->cell().hidden() * sizeof(float));
  for (std::size_t t = 0; t < steps_; ++t) {
    cell_.step(projections_ + t * gate_rows, weights == nullptr ? nullptr : weights + t, padded,
               rows, states_);
  }
  return states_;
}

}  // namespace augur
