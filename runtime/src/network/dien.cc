// The forward pass, top to bottom. Numbers in parentheses are the paper's equations.
#include "network/dien.h"

#include <algorithm>

#include "common/finite.h"
#include "network/checks.h"

namespace augur {
namespace {

// e_t, the events' embeddings, with padding rows around them if the model has a window. Cached rows
// are moved to their place. If it fails, none are cached.
augur_status embed_events(const Sequence& sequence, const InputRows& events, SequenceState* state,
                          Fault& error) {
  const CachedSteps cached = state->cached;
  const FieldGroup& fields = sequence.fields;
  const std::size_t width = fields.width;
  float* e = state->behaviours;
  move_cached_rows(cached, width, e);
  state->cached = {};
  const std::size_t first = sequence.window.first_event(events.size);
  for (std::size_t row = 0; row < sequence.window.length; ++row) {
    const bool padding = row < first || row >= first + events.size;
    if (padding) embed_padding(fields, e + row * width);
  }
  float* added = e + (first + cached.count) * width;
  const std::size_t count = events.size - cached.count;
  for (std::size_t t = 0; t < count; ++t)
    events.embed(events.source, cached.count + t, added + t * width);
  return check_embedded(added, count * width, fields.description, error);
}

// The sequence's result for the head, if it is the same for all candidates.
void share_result(const Sequence& sequence, SequenceState* state) {
  const std::size_t width = sequence.result_width;
  const Steps& h = state->states;
  const float* last = nullptr;
  switch (sequence.result) {
    case ResultKind::kSumPool:
    case ResultKind::kMeanPool:
      return pool_rows(h, width, sequence.result == ResultKind::kMeanPool,
                       {&sequence.fields, sequence.padded_length, state->padding}, state->result);
    case ResultKind::kLastState:
      if (h.count > 0) last = h.rows + (h.count - 1) * width;
      break;
    case ResultKind::kEvolution:
      if (state->evolution.steps > 0)
        last = evolve(*sequence.evolution, state->evolution, state->shared_evolution, {}, 1);
      break;
    case ResultKind::kAttentionPool:
      break;
  }
  copy_row(last, width, state->result);
}

}  // namespace

augur_status forward_sequence(const Model& model, std::size_t s, const InputRows& events,
                              UserState* user, Fault& error) {
  const Sequence& sequence = model.sequences[s];
  const Window& window = sequence.window;
  const std::size_t rows = window.rows(events.size);
  const std::size_t first_event = window.first_event(events.size);
  SequenceState* state = &user->sequences[s];
  const CachedSteps cached = state->cached;

  // e_t, the behaviours' embeddings
  AUGUR_TRY(embed_events(sequence, events, state, error));
  user->behaviours[s] = {state->behaviours + first_event * sequence.fields.width, events.size};

  // (2)-(5)  the interest extractor: h_t = GRU(e_t, h_{t-1})
  const float* h = extract_interests(sequence.extractor, state->extractor, state->behaviours,
                                     window.reads_first ? events.size : rows, cached);
  if (window.reads_first) clear_interests(sequence.extractor, state->extractor, events.size, rows);
  // Of a window, the attention weighs the rows from `first` on.
  const std::size_t first = window.reads_first ? first_event : 0;
  state->states = {h + first * sequence.state_width, rows - first};
  state->first_event_step = first_event - first;

  // (8)  the part of the attention's scores that depends on h_t alone
  if (sequence.attention != nullptr)
    prepare_keys(*sequence.attention, state->states, cached, &state->keys);

  // (2)-(4)  of the evolution: W i'_t + b, with i'_t = h_t. A row whose weight is 0 changes no
  // state.
  if (sequence.evolution != nullptr) {
    const std::size_t begin = sequence.evolution->uses_attention ? first : 0;
    const std::size_t end = std::max(begin, window.evolves_first ? events.size : rows);
    project_interests(*sequence.evolution, {h + begin * sequence.state_width, end - begin}, cached,
                      &state->evolution);
  }
  if (sequence.shared_result) share_result(sequence, state);

  // The next call need not compute these steps again. In a window they move with every event.
  state->cached = {window.length == 0 ? events.size : 0, 0, user->stream};
  return AUGUR_OK;
}

augur_status forward_user(const Model& model, const InputRows& features, const InputRows* histories,
                          UserState* user, Fault& error) {
  bool changed = !user->features_current;
  if (changed) {
    features.embed(features.source, 0, user->features);
    AUGUR_TRY(check_embedded(user->features, model.features.width, "features", error));
  }
  for (std::size_t s = 0; s < model.sequences.size(); ++s) {
    if (user->sequences[s].current) continue;
    AUGUR_TRY(forward_sequence(model, s, histories[s], user, error));
    changed = true;
  }
  if (!changed) return AUGUR_OK;

  // The MLP's first layer: the columns whose inputs are the user's
  HeadInputs inputs;
  inputs.features = user->features;
  inputs.behaviours = user->behaviours.data();
  inputs.results = user->results.data();
  run_user_head(model, inputs, user->head);
  user->features_current = true;
  for (SequenceState& sequence : user->sequences)
    sequence.current = true;
  return AUGUR_OK;
}

namespace {

// e_a, the embeddings of the candidates' fields that make a sequence's query.
Rows query_of(const Model& model, std::size_t s, const CandidateState& state, std::size_t rows) {
  const std::size_t width = model.candidate.width;
  float* query = state.sequences[s].query;
  if (query == nullptr) return {state.embeddings, width};
  gather_fields(model.sequences[s].query, state.embeddings, width, rows, query);
  return {query, model.sequences[s].query_width};
}

// The sequence's result for `rows` candidates with the queries q: one row each, or one for all.
Rows evolved_interest(const Sequence& sequence, const SequenceState& user,
                      const CandidateState::Sequence& state, const float* q, std::size_t rows) {
  if (sequence.shared_result) return {user.result, 0};
  const std::size_t width = sequence.result_width;
  const bool evolves = sequence.evolution != nullptr;
  if (user.states.count == 0 || (evolves && user.evolution.steps == 0)) {
    std::fill_n(state.result, rows * width, 0.0f);
    return {state.result, width};
  }
  // (8)  a_t = softmax_t(score(h_t, e_a))
  const AttentionWeights a = attend(*sequence.attention, user.keys.keys, state.attention, q, rows);
  // (9)-(12)  h'_t = AUGRU(h_t, h'_{t-1}, a_t), of which the last is read
  if (evolves)
    return {evolve(*sequence.evolution, user.evolution, state.evolution, a, rows), width};
  pool_by_attention(user.states, width, a, rows, state.scratch, state.result);
  return {state.result, width};
}

// Logits of the first `rows` candidates, whose embeddings have been computed.
void forward_embedded(const Model& model, const UserState& user, std::size_t rows,
                      CandidateState* state) {
  for (std::size_t s = 0; s < model.sequences.size(); ++s) {
    const Sequence& sequence = model.sequences[s];
    const CandidateState::Sequence& buffers = state->sequences[s];
    const Rows e_a = state->queries[s] = query_of(model, s, *state, rows);
    Rows q;
    const bool attends = !sequence.shared_result && user.sequences[s].states.count > 0;
    if (attends || model.head.uses_projected_query(s)) {
      q = {project_query(*sequence.attention, buffers.attention, e_a.data, rows),
           sequence.attention->query_width};
    }
    state->projected_queries[s] = q;
    state->results[s] = evolved_interest(sequence, user.sequences[s], buffers, q.data, rows);
  }

  // The MLP over the user's features, the candidate and the interests
  HeadInputs inputs;
  inputs.features = user.features;
  inputs.candidates = state->embeddings;
  inputs.candidate_stride = model.candidate.width;
  inputs.results = state->results.data();
  inputs.queries = state->queries.data();
  inputs.projected_queries = state->projected_queries.data();
  const float* logits = run_head(model.head, user.head, inputs, rows, state->head);
  for (std::size_t row = 0; row < rows; ++row)
    state->logits[row] = model.calibration.scale * logits[row] + model.calibration.offset;
}

}  // namespace

augur_status forward_candidates(const Model& model, const UserState& user,
                                const InputRows& candidates, std::size_t first,
                                CandidateState* state, Fault& error) {
  const std::size_t width = model.candidate.width;
  for (std::size_t row = 0; row < candidates.size; ++row)
    candidates.embed(candidates.source, row, state->embeddings + row * width);
  const std::size_t embedded = first_not_finite(state->embeddings, candidates.size, width);
  if (embedded > 0) forward_embedded(model, user, embedded, state);
  return check_candidates(model, *state, first, embedded, candidates.size, error);
}

}  // namespace augur
