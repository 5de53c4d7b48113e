// Plans the DIEN's buffers.
#include "network/dien_state.h"

namespace augur::dien {
namespace {

// Whether the query consists of all the candidate's fields, in the same order.
bool query_is_candidate(const Sequence& sequence, const FieldGroup& candidate) {
  if (sequence.query.size() != candidate.fields.size()) return false;
  for (std::size_t i = 0; i < sequence.query.size(); ++i) {
    if (sequence.query[i] != &candidate.fields[i]) return false;
  }
  return true;
}

augur_status plan_sequence(const Sequence& sequence, std::size_t max_steps, Arena& arena,
                           Fault& error, SequenceBuffers* buffers) {
  buffers->behaviours = arena.reserve(max_steps, sequence.fields.width);
  AUGUR_TRY(plan_extractor(sequence.extractor, max_steps, arena, error, &buffers->extractor));
  if (sequence.attention != nullptr)
    plan_keys(*sequence.attention, max_steps, arena, &buffers->keys);
  if (sequence.evolution != nullptr) {
    AUGUR_TRY(plan_evolution_inputs(*sequence.evolution, max_steps, arena, error,
                                    &buffers->evolution_inputs));
  }
  if (!sequence.shared_result) return AUGUR_OK;
  if (sequence.evolution != nullptr)
    plan_evolution(*sequence.evolution, 1, arena, &buffers->shared_evolution);
  buffers->padding = arena.reserve(1, sequence.fields.width);
  buffers->result = arena.reserve(1, sequence.result_width);
  return AUGUR_OK;
}

augur_status plan_candidate_sequence(const Sequence& sequence, const FieldGroup& candidate,
                                     std::size_t max_steps, std::size_t max_rows, Arena& arena,
                                     Fault& error, CandidateBuffers* buffers) {
  if (!query_is_candidate(sequence, candidate))
    buffers->query_embedding = arena.reserve(max_rows, sequence.query_embedding_width);
  if (sequence.attention != nullptr) {
    AUGUR_TRY(plan_attention(*sequence.attention, max_steps, max_rows, arena, error,
                             &buffers->attention));
  }
  if (sequence.shared_result) return AUGUR_OK;
  if (sequence.evolution != nullptr) {
    plan_evolution(*sequence.evolution, max_rows, arena, &buffers->evolution);
  } else {
    buffers->scratch = arena.reserve(1, weighted_sum_scratch(sequence.result_width));
  }
  buffers->result = arena.reserve(max_rows, sequence.result_width);
  return AUGUR_OK;
}

}  // namespace

augur_status plan_user(const Model& model, Arena& arena, Fault& error, UserState* user) {
  auto* buffers = arena.create<User>();
  if (buffers == nullptr) return error.fail(AUGUR_OUT_OF_MEMORY, "no memory for a session");
  user->buffers = buffers;
  const std::size_t count = model.sequences.size();
  buffers->sequences = arena.array<SequenceBuffers>(count);
  buffers->behaviours = arena.array<Steps>(count);
  buffers->results = arena.array<Rows>(count);
  if (arena.failed()) return error.fail(AUGUR_OUT_OF_MEMORY, "no memory for a session");
  buffers->features = arena.reserve(1, model.features.width);
  for (std::size_t s = 0; s < count; ++s) {
    SequenceBuffers& sequence = buffers->sequences[s];
    AUGUR_TRY(
        plan_sequence(model.sequences[s], user->sequences[s].max_steps, arena, error, &sequence));
    buffers->results[s] = {sequence.result, 0};
  }
  return plan_user_head(model.head, arena, error, &buffers->head);
}

augur_status plan_candidates(const Model& model, const UserState& user, Arena& arena, Fault& error,
                             CandidateState* state) {
  auto* buffers = arena.create<Candidates>();
  if (buffers == nullptr) return error.fail(AUGUR_OUT_OF_MEMORY, "no memory for a session");
  state->buffers = buffers;
  const std::size_t count = model.sequences.size();
  buffers->sequences = arena.array<CandidateBuffers>(count);
  buffers->query_embeddings = arena.array<Rows>(count);
  buffers->queries = arena.array<Rows>(count);
  buffers->results = arena.array<Rows>(count);
  if (arena.failed()) return error.fail(AUGUR_OUT_OF_MEMORY, "no memory for a session");
  buffers->embeddings = arena.reserve(state->max_rows, model.candidate.width);
  for (std::size_t s = 0; s < count; ++s) {
    AUGUR_TRY(plan_candidate_sequence(model.sequences[s], model.candidate,
                                      user.sequences[s].max_steps, state->max_rows, arena, error,
                                      &buffers->sequences[s]));
  }
  return plan_head(model.head, state->max_rows, arena, error, &buffers->head);
}

}  // namespace augur::dien
