// Plans the DIEN's buffers, and records which of their contents are still valid.
#include "network/dien_state.h"

namespace augur {
namespace {

// Whether the query consists of all of the candidate's fields, in their order.
bool query_is_candidate(const Sequence& sequence, const FieldGroup& candidate) {
  if (sequence.query.size() != candidate.fields.size()) return false;
  for (std::size_t i = 0; i < sequence.query.size(); ++i) {
    if (sequence.query[i] != &candidate.fields[i]) return false;
  }
  return true;
}

augur_status plan_sequence(const Sequence& sequence, std::size_t max_history, Arena& arena,
                           Fault& error, SequenceState* state) {
  state->max_events = sequence.max_history;
  if (max_history != 0 && max_history < state->max_events) state->max_events = max_history;
  const std::size_t max_steps = sequence.window.rows(state->max_events);
  state->max_steps = max_steps;
  state->behaviours = arena.reserve(max_steps, sequence.fields.width);
  AUGUR_TRY(plan_extractor(sequence.extractor, max_steps, arena, error, &state->extractor));
  if (sequence.attention != nullptr)
    AUGUR_TRY(plan_keys(*sequence.attention, max_steps, arena, error, &state->keys));
  if (sequence.evolution != nullptr) {
    AUGUR_TRY(
        plan_evolution_inputs(*sequence.evolution, max_steps, arena, error, &state->evolution));
  }
  if (!sequence.shared_result) return AUGUR_OK;
  if (sequence.evolution != nullptr)
    plan_evolution(*sequence.evolution, 1, arena, &state->shared_evolution);
  state->padding = arena.reserve(1, sequence.fields.width);
  state->result = arena.reserve(1, sequence.result_width);
  return AUGUR_OK;
}

}  // namespace

augur_status plan_user(const Model& model, std::size_t max_history, bool stream, Arena& arena,
                       Fault& error, UserState* user) {
  user->stream = stream;
  const std::size_t count = model.sequences.size();
  user->sequences = arena.array<SequenceState>(count);
  user->behaviours = arena.array<Steps>(count);
  user->results = arena.array<Rows>(count);
  if (arena.failed()) return error.fail(AUGUR_OUT_OF_MEMORY, "no memory for a session");
  user->features = arena.reserve(1, model.features.width);
  for (std::size_t s = 0; s < count; ++s) {
    SequenceState& state = user->sequences[s];
    AUGUR_TRY(plan_sequence(model.sequences[s], max_history, arena, error, &state));
    user->results[s] = {state.result, 0};
  }
  return plan_user_head(model.head, arena, error, &user->head);
}

void forget_history(SequenceState* sequence) {
  sequence->current = false;
  sequence->cached = {};
}

void extend_history(std::size_t dropped, SequenceState* sequence) {
  CachedSteps& cached = sequence->cached;
  sequence->current = false;
  // Layers do not accept a single cached step (CachedSteps), and it would save nothing.
  if (!cached.stream && dropped + 2 > cached.count) return forget_history(sequence);
  cached.count -= dropped;
  cached.slid += dropped;
}

void forget_user(UserState* user) {
  for (SequenceState& sequence : user->sequences)
    forget_history(&sequence);
  user->features_current = false;
}

augur_status plan_candidates(const Model& model, const UserState& user, std::size_t max_rows,
                             Arena& arena, Fault& error, CandidateState* candidates) {
  candidates->max_rows = max_rows;
  const std::size_t count = model.sequences.size();
  candidates->sequences = arena.array<CandidateState::Sequence>(count);
  candidates->queries = arena.array<Rows>(count);
  candidates->projected_queries = arena.array<Rows>(count);
  candidates->results = arena.array<Rows>(count);
  if (arena.failed()) return error.fail(AUGUR_OUT_OF_MEMORY, "no memory for a session");
  candidates->embeddings = arena.reserve(max_rows, model.candidate.width);
  candidates->logits = arena.reserve(1, max_rows);
  for (std::size_t s = 0; s < count; ++s) {
    const Sequence& sequence = model.sequences[s];
    CandidateState::Sequence& state = candidates->sequences[s];
    if (!query_is_candidate(sequence, model.candidate))
      state.query = arena.reserve(max_rows, sequence.query_width);
    if (sequence.attention != nullptr) {
      AUGUR_TRY(plan_attention(*sequence.attention, user.sequences[s].max_steps, max_rows, arena,
                               error, &state.attention));
    }
    if (sequence.shared_result) continue;
    if (sequence.evolution != nullptr) {
      plan_evolution(*sequence.evolution, max_rows, arena, &state.evolution);
    } else {
      state.scratch = arena.reserve(1, weighted_sum_scratch(sequence.result_width));
    }
    state.result = arena.reserve(max_rows, sequence.result_width);
  }
  return plan_head(model.head, max_rows, arena, error, &candidates->head);
}

}  // namespace augur
