// The forward pass: forward_user() and forward_candidates(), each after the functions that it
// calls. Numbers in parentheses are the paper's equations. A cell's step: step() in
// kernels/reference.cc.
#include "network/dien.h"

#include <algorithm>

#include "network/checks.h"

namespace augur::dien {
namespace {

// e_t, the events' embeddings, with padding rows around them if the model has a window. Cached rows
// are moved to their place. If it fails, none are cached.
augur_status embed_events(const Sequence& sequence, const InputRows& events, float* e,
                          SequenceState* state, Fault& error) {
  const CachedSteps cached = state->cached;
  const std::size_t width = sequence.fields.width;
  move_cached_rows(cached, width, e);
  state->cached = {};
  const std::size_t first_event = sequence.window.first_event(events.size);
  for (std::size_t row = 0; row < sequence.window.length; ++row) {
    const bool padding = row < first_event || row >= first_event + events.size;
    if (padding) embed_padding(sequence.fields, e + row * width);
  }
  float* added = e + (first_event + cached.count) * width;
  const std::size_t count = events.size - cached.count;
  for (std::size_t t = 0; t < count; ++t)
    events.embed(events.source, cached.count + t, added + t * width);
  return check_embedded(added, count * width, sequence.fields.description, error);
}

// The sequence's result for the head, if it is the same for all candidates.
void share_result(const Sequence& sequence, const SequenceBuffers& buffers) {
  const std::size_t width = sequence.result_width;
  const Steps& h = buffers.states;
  const float* last = nullptr;
  switch (sequence.result) {
    case ResultKind::kSumPool:
    case ResultKind::kMeanPool:
      return pool_rows(h, width, sequence.result == ResultKind::kMeanPool,
                       {&sequence.fields, sequence.padded_length, buffers.padding}, buffers.result);
    case ResultKind::kLastState:
      if (h.count > 0) last = h.rows + (h.count - 1) * width;
      break;
    case ResultKind::kEvolution:
      if (sequence.evolution != nullptr && buffers.evolution_inputs.steps > 0)
        last =
            evolve(*sequence.evolution, buffers.evolution_inputs, buffers.shared_evolution, {}, 1);
      break;
    case ResultKind::kAttentionPool:
      break;
  }
  copy_row(last, width, buffers.result);
}

}  // namespace

augur_status forward_sequence(const Model& model, std::size_t s, const InputRows& events,
                              UserState* user, Fault& error) {
  const Sequence& sequence = model.sequences[s];
  const Window& window = sequence.window;
  const std::size_t rows = window.rows(events.size);
  const std::size_t first_event = window.first_event(events.size);
  SequenceState* state = &user->sequences[s];
  SequenceBuffers* buffers = &buffers_of(*user).sequences[s];
  const CachedSteps cached = state->cached;

  // e_t, the behaviours' embeddings
  AUGUR_TRY(embed_events(sequence, events, buffers->behaviours, state, error));
  float* real = buffers->behaviours + first_event * sequence.fields.width;  // without padding rows
  buffers_of(*user).behaviours[s] = {real, events.size};

  // (2)-(5)  the interest extractor: h_t = GRU(e_t, h_{t-1})
  const float* h = extract_interests(sequence.extractor, buffers->extractor, buffers->behaviours,
                                     window.reads_first ? events.size : rows, cached);
  if (window.reads_first)
    clear_interests(sequence.extractor, buffers->extractor, events.size, rows);
  const std::size_t weighed = window.reads_first ? first_event : 0;  // the first row with a weight
  buffers->states = {h + weighed * sequence.state_width, rows - weighed};
  state->steps = rows - weighed;
  state->first_event_step = first_event - weighed;

  // (8)  the part of the attention's scores that depends on h_t alone
  if (sequence.attention != nullptr)
    prepare_keys(*sequence.attention, buffers->states, cached, &buffers->keys);

  // (2)-(4) in the evolution: the inputs' part W h_t + b. An AIGRU's is W h_t, which (9) scales.
  // Rows outside [begin, end) have weight 0; the loader has checked that they change no state.
  if (sequence.evolution != nullptr) {
    const std::size_t begin = sequence.evolution->uses_attention ? weighed : 0;
    const std::size_t end = std::max(begin, window.evolves_first ? events.size : rows);
    project_interests(*sequence.evolution, {h + begin * sequence.state_width, end - begin}, cached,
                      &buffers->evolution_inputs);
  }
  if (sequence.shared_result) share_result(sequence, *buffers);

  // The next call need not compute these steps again. In a window, new events move the rows.
  state->cached = {window.length == 0 ? events.size : 0, 0, user->stream};
  return AUGUR_OK;
}

augur_status forward_user(const Model& model, const InputRows& features, const InputRows* histories,
                          UserState* user, Fault& error) {
  const User& buffers = buffers_of(*user);
  bool changed = !user->features_current;
  if (changed) {
    features.embed(features.source, 0, buffers.features);
    AUGUR_TRY(check_embedded(buffers.features, model.features.width, "features", error));
  }
  for (std::size_t s = 0; s < model.sequences.size(); ++s) {
    if (user->sequences[s].current) continue;
    AUGUR_TRY(forward_sequence(model, s, histories[s], user, error));
    changed = true;
  }
  if (!changed) return AUGUR_OK;

  // The MLP's first layer: the columns whose inputs are the user's
  HeadInputs inputs;
  inputs.features = buffers.features;
  inputs.behaviours = buffers.behaviours.data();
  inputs.results = buffers.results.data();
  run_user_head(model, inputs, buffers.head);
  user->features_current = true;
  for (SequenceState& sequence : user->sequences)
    sequence.current = true;
  return AUGUR_OK;
}

namespace {

// The result of a sequence for `rows` candidates with the queries q: one row each, or one for all.
Rows result_for(const Sequence& sequence, const SequenceBuffers& user,
                const CandidateBuffers& state, const float* q, std::size_t rows) {
  if (sequence.shared_result) return {user.result, 0};
  const std::size_t width = sequence.result_width;
  const bool evolves = sequence.evolution != nullptr;
  if (user.states.count == 0 || (evolves && user.evolution_inputs.steps == 0)) {
    std::fill_n(state.result, rows * width, 0.0f);
    return {state.result, width};
  }
  // (8)  a_t = softmax_t(h_t W e_a), or with another score
  const AttentionWeights a = attend(*sequence.attention, user.keys.keys, state.attention, q, rows);
  // (9)-(12)  the interest evolution: h'_t = AUGRU(h_t, h'_{t-1}, a_t), of which the last is read
  if (evolves)
    return {evolve(*sequence.evolution, user.evolution_inputs, state.evolution, a, rows), width};
  // DIN's pooling: the sum of a_t h_t
  pool_by_attention(user.states, width, a, rows, state.scratch, state.result);
  return {state.result, width};
}

// Logits of the first `rows` candidates, whose embeddings have been computed.
void forward_embedded(const Model& model, const User& user, std::size_t rows,
                      const Candidates& buffers, float* logits) {
  const std::size_t width = model.candidate.width;
  for (std::size_t s = 0; s < model.sequences.size(); ++s) {
    const Sequence& sequence = model.sequences[s];
    const CandidateBuffers& candidate = buffers.sequences[s];
    // e_a, the embeddings of the fields that make the query, and the query q
    Rows e_a = {buffers.embeddings, width};
    if (candidate.query_embedding != nullptr) {
      gather_fields(sequence.query, buffers.embeddings, width, rows, candidate.query_embedding);
      e_a = {candidate.query_embedding, sequence.query_embedding_width};
    }
    Rows q;
    const bool attends = !sequence.shared_result && user.sequences[s].states.count > 0;
    if (attends || model.head.uses_query(s)) {
      q = {project_query(*sequence.attention, candidate.attention, e_a.data, rows),
           sequence.attention->query_width};
    }
    buffers.query_embeddings[s] = e_a;
    buffers.queries[s] = q;
    buffers.results[s] = result_for(sequence, user.sequences[s], candidate, q.data, rows);
  }

  // The MLP over the user's features, the candidate and the interests
  const HeadInputs inputs = {user.features,          nullptr,
                             buffers.embeddings,     width,
                             buffers.results.data(), buffers.query_embeddings.data(),
                             buffers.queries.data()};
  run_head(model, user.head, inputs, rows, buffers.head, logits);
}

}  // namespace

augur_status forward_candidates(const Model& model, const UserState& user,
                                const InputRows& candidates, std::size_t first_candidate,
                                CandidateState* state, Fault& error) {
  const Candidates& buffers = buffers_of(*state);
  const std::size_t rows =
      embed_candidates(candidates, model.candidate.width, state, buffers.embeddings);
  if (rows > 0) forward_embedded(model, buffers_of(user), rows, buffers, state->logits);
  return check_candidates(model, buffers.results, first_candidate, candidates.size, state, error);
}

}  // namespace augur::dien
