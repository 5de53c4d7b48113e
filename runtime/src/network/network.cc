// The networks that there are, and the state of the user's part that all of them share.
#include "network/network.h"

#include "network/dien.h"

namespace augur {
namespace {

constexpr Network kDien = {dien::plan_user,       dien::forward_user,       dien::forward_sequence,
                           dien::plan_candidates, dien::forward_candidates, dien::attend_candidate};

}  // namespace

// There is one network today. A second one would be chosen here, by a member of Model that the
// loader sets.
const Network& network_of(const Model&) {
  return kDien;
}

augur_status plan_user(const Model& model, std::size_t max_history, bool stream, Arena& arena,
                       Fault& error, UserState* user) {
  user->stream = stream;
  const std::size_t count = model.sequences.size();
  user->sequences = arena.array<SequenceState>(count);
  if (arena.failed()) return error.fail(AUGUR_OUT_OF_MEMORY, "no memory for a session");
  for (std::size_t s = 0; s < count; ++s) {
    const Sequence& sequence = model.sequences[s];
    SequenceState& state = user->sequences[s];
    state.max_events = sequence.max_history;
    if (max_history != 0 && max_history < state.max_events) state.max_events = max_history;
    state.max_steps = sequence.window.rows(state.max_events);
  }
  return network_of(model).plan_user(model, arena, error, user);
}

augur_status plan_candidates(const Model& model, const UserState& user, std::size_t max_rows,
                             Arena& arena, Fault& error, CandidateState* state) {
  state->max_rows = max_rows;
  state->logits = arena.reserve(1, max_rows);
  state->statuses = arena.array<augur_status>(max_rows);
  return network_of(model).plan_candidates(model, user, arena, error, state);
}

void forget_history(SequenceState* sequence) {
  sequence->current = false;
  sequence->cached = {};
}

void extend_history(std::size_t dropped, SequenceState* sequence) {
  CachedSteps& cached = sequence->cached;
  sequence->current = false;
  if (!cached.stream && dropped >= cached.count) return forget_history(sequence);
  cached.count -= dropped;
  cached.slid += dropped;
}

void forget_user(UserState* user) {
  for (SequenceState& sequence : user->sequences)
    forget_history(&sequence);
  user->features_current = false;
}

}  // namespace augur
