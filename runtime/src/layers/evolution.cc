// Loading and running the evolution.
#include "layers/evolution.h"

#include <cstring>

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

augur_status EvolutionUser::create(const Evolution& evolution, std::size_t max_steps, Arena& arena,
                                   Fault& error) {
  gate_rows_ = evolution.cell().gate_rows();
  projections_ = arena.reserve(max_steps, gate_rows_);
  return inputs_.create(evolution.cell(), evolution.cell().inputs(), arena, error);
}

void EvolutionUser::prepare(const float* states, std::size_t steps, StepsKept kept) {
  steps_ = steps;
  move_kept_states(kept, gate_rows_, projections_);
  inputs_.project(states, kept.states(), steps, projections_);
}

void EvolutionRun::create(const Evolution& evolution, const EvolutionUser& user,
                          std::size_t max_rows, Arena& arena) {
  evolution_ = &evolution;
  user_ = &user;
  states_ = arena.reserve(max_rows, evolution.cell().hidden());
  cell_.create(evolution.cell(), arena);
}

const float* EvolutionRun::run(AttentionWeights weights, std::size_t rows) const {
  std::memset(states_, 0, rows * evolution_->cell().hidden() * sizeof(float));
  cell_.run(user_->projections(), user_->steps(), weights, rows, states_, nullptr);
  return states_;
}

}  // namespace augur
