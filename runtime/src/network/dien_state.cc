// Plans the DIEN's buffers.
#include "network/dien_state.h"

#include <algorithm>

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

// Histories of more steps keep less: what costs little is computed again.
constexpr std::size_t kShortHistory = 256;

// Whether h and the evolution's inputs are kept as fp16: in int8 models for long histories. It does
// not depend on the session's own limit, so that scores do not either.
bool keeps_halves(const Sequence& sequence) {
  return sequence.evolution != nullptr &&
         sequence.evolution->gru.cell.integers != IntegerPath::kNone &&
         !sequence.extractor.empty() && sequence.window.rows(sequence.max_history) > kShortHistory;
}

// Whether the head pools the sequence's behaviours.
bool pools_behaviours(const Head& head, std::size_t sequence) {
  const auto pools = [sequence](const Source& source) {
    return source.kind == SourceKind::kPooled && source.index == sequence;
  };
  for (const Slot& slot : head.slots) {
    if (pools(slot.source) || (slot.product && pools(slot.times))) return true;
  }
  return false;
}

augur_status plan_sequence(const Model& model, std::size_t s, std::size_t max_steps, bool stream,
                           const ChunkRoom& room, Arena& arena, Fault& error,
                           SequenceBuffers* buffers) {
  const Sequence& sequence = model.sequences[s];
  const bool is_short = max_steps <= kShortHistory;
  const bool halves = keeps_halves(sequence);
  // Of a window, nothing stays valid; in a stream, no recurrence begins anew.
  const bool replays = sequence.window.length == 0 && !stream;
  const bool keeps_projections = replays && is_short && !sequence.extractor.empty();
  const bool pools = pools_behaviours(model.head, s);
  const bool keeps_behaviours = sequence.extractor.empty() || (pools && is_short);
  buffers->ring.capacity = max_steps;
  BehaviourBuffers& behaviours = buffers->behaviours;
  behaviours.skips_cached = keeps_behaviours || keeps_projections;
  if (keeps_behaviours) behaviours.rows.plan(max_steps, sequence.fields.width, false, arena);
  if (pools && !keeps_behaviours) plan_sums(max_steps, sequence.fields.width, arena, &behaviours);
  if (sequence.extractor.empty()) {
    buffers->state_rows = behaviours.rows;
  } else {
    buffers->state_rows.plan(max_steps, sequence.state_width, halves, arena);
  }
  AUGUR_TRY(plan_extractor(sequence.extractor, max_steps, keeps_projections, arena, error,
                           &buffers->extractor));
  if (sequence.attention != nullptr)
    plan_keys(*sequence.attention, max_steps, is_short && !halves, arena, &buffers->keys);
  if (sequence.evolution != nullptr) {
    AUGUR_TRY(plan_evolution_inputs(*sequence.evolution, max_steps, halves, arena, error,
                                    &buffers->evolution_inputs));
  }
  if (!sequence.shared_result) return AUGUR_OK;
  if (sequence.evolution != nullptr) {
    plan_evolution(*sequence.evolution, 1, arena, &buffers->shared_evolution);
    buffers->shared_evolution.projections = room.projections;
    buffers->shared_evolution.scratch = room.scratch;
  }
  buffers->padding = arena.reserve(1, sequence.fields.width);
  buffers->result = arena.reserve(1, sequence.result_width);
  return AUGUR_OK;
}

ChunkRoom plan_room(const Model& model, Arena& arena) {
  std::size_t width = 0;
  std::size_t gate_rows = 0;
  std::size_t hidden = 0;
  std::size_t layers = 0;
  bool halves = false;
  for (const Sequence& sequence : model.sequences) {
    halves = halves || keeps_halves(sequence);
    layers = std::max(layers, sequence.extractor.size());
    width = std::max<std::size_t>(width, sequence.fields.width);
    if (sequence.evolution != nullptr) {
      gate_rows = std::max<std::size_t>(gate_rows, sequence.evolution->gru.gate_rows());
      hidden = std::max<std::size_t>(hidden, sequence.evolution->gru.hidden);
    }
    for (const Gru& gru : sequence.extractor) {
      gate_rows = std::max<std::size_t>(gate_rows, gru.gate_rows());
      hidden = std::max<std::size_t>(hidden, gru.hidden);
    }
  }
  ChunkRoom room;
  room.embeddings = arena.reserve(kChunk, width);
  room.projections = arena.reserve(kChunk, gate_rows);
  if (halves || layers > 1) room.states[0] = arena.reserve(kChunk, hidden);
  if (layers > 1) room.states[1] = arena.reserve(kChunk, hidden);
  room.scratch = arena.reserve(1, recurrence_row_scratch(hidden));
  return room;
}

augur_status plan_candidate_sequence(const Sequence& sequence, const FieldGroup& candidate,
                                     std::size_t max_rows, Arena& arena, Fault& error,
                                     CandidateBuffers* buffers) {
  if (!query_is_candidate(sequence, candidate))
    buffers->query_embedding = arena.reserve(max_rows, sequence.query_embedding_width);
  if (sequence.attention != nullptr)
    AUGUR_TRY(plan_attention(*sequence.attention, max_rows, arena, error, &buffers->attention));
  if (sequence.shared_result) return AUGUR_OK;
  if (sequence.evolution != nullptr) {
    plan_evolution(*sequence.evolution, max_rows, arena, &buffers->evolution);
    buffers->result = buffers->evolution.states;
  } else {
    buffers->result = arena.reserve(max_rows, sequence.result_width);
  }
  return AUGUR_OK;
}

// What a tile's results do not need to stay: the sequences' memory one after the other, and the
// head's.
void place_candidates(const Model& model, const UserState& user, std::size_t max_rows,
                      Overlay* overlay, Candidates* buffers) {
  for (std::size_t s = 0; s < model.sequences.size(); ++s) {
    const Sequence& sequence = model.sequences[s];
    CandidateBuffers& candidate = buffers->sequences[s];
    const bool halves = keeps_halves(sequence);
    overlay->back_to(0);
    if (sequence.attention != nullptr) {
      place_scores(user.sequences[s].max_steps, max_rows, overlay, &candidate.attention);
      const std::size_t mark = overlay->mark();
      place_attention(*sequence.attention, max_rows, halves, overlay, &candidate.attention);
      overlay->back_to(mark);
    }
    if (sequence.evolution != nullptr) {
      place_evolution(*sequence.evolution, halves, overlay, &candidate.evolution);
    } else {
      candidate.scratch = overlay->take(1, weighted_sum_scratch(sequence.result_width));
    }
  }
  overlay->back_to(0);
  place_head(model.head, max_rows, overlay, &buffers->head);
}

}  // namespace

augur_status plan_user(const Model& model, Arena& arena, Fault& error, UserState* user) {
  auto* buffers = arena.create<User>();
  if (buffers == nullptr) return error.fail(AUGUR_OUT_OF_MEMORY, "no memory for a session");
  user->buffers = buffers;
  const std::size_t count = model.sequences.size();
  buffers->sequences = arena.array<SequenceBuffers>(count);
  buffers->behaviours = arena.array<Behaviours>(count);
  buffers->results = arena.array<Rows>(count);
  if (arena.failed()) return error.fail(AUGUR_OUT_OF_MEMORY, "no memory for a session");
  buffers->features = arena.reserve(1, model.features.width);
  buffers->room = plan_room(model, arena);
  for (std::size_t s = 0; s < count; ++s) {
    SequenceBuffers& sequence = buffers->sequences[s];
    AUGUR_TRY(plan_sequence(model, s, user->sequences[s].max_steps, user->stream, buffers->room,
                            arena, error, &sequence));
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
    AUGUR_TRY(plan_candidate_sequence(model.sequences[s], model.candidate, state->max_rows, arena,
                                      error, &buffers->sequences[s]));
  }
  AUGUR_TRY(plan_head(model.head, arena, error, &buffers->head));
  Overlay sizes(nullptr);
  place_candidates(model, user, state->max_rows, &sizes, buffers);
  Overlay overlay(arena.reserve(1, sizes.most()));
  place_candidates(model, user, state->max_rows, &overlay, buffers);
  return AUGUR_OK;
}

}  // namespace augur::dien
