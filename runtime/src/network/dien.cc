// The forward pass: forward_user() and forward_candidates(), each after the functions that it
// calls. Numbers in parentheses are the paper's equations. A cell's step: step() in
// kernels/reference.cc.
#include "network/dien.h"

#include <algorithm>

#include "network/behaviours.h"
#include "network/checks.h"

namespace augur::dien {
namespace {

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
      if (h.ring.count > 0) last = h.rows.read(h.ring.row(h.ring.count - 1), 1, nullptr);
      break;
    case ResultKind::kEvolution:
      if (sequence.evolution != nullptr && buffers.evolution_inputs.steps.ring.count > 0)
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
  // The extractor reads the rows before `read`; rows from `weighed` on have attention weights.
  const std::size_t read = window.reads_first ? events.size : rows;
  const std::size_t weighed = window.reads_first ? first_event : 0;
  // The evolution reads rows [begin, end). Others have weight 0; the loader has checked that they
  // change no state.
  const bool attends = sequence.evolution != nullptr && sequence.evolution->uses_attention;
  const std::size_t begin = attends ? weighed : 0;
  const std::size_t end = std::max(begin, window.evolves_first ? events.size : rows);

  SequenceState* state = &user->sequences[s];
  SequenceBuffers* buffers = &buffers_of(*user).sequences[s];
  const ChunkRoom& room = buffers_of(*user).room;
  const CachedSteps cached = state->cached;
  state->cached = {};  // if it fails, none are
  const Ring& ring = buffers->ring = next_ring(buffers->ring, cached, rows);
  if (cached.restarts()) restart_extractor(sequence.extractor, buffers->extractor);
  for (std::size_t step = cached.states(); step < rows;) {
    const Chunk chunk = next_chunk(ring, cached, step, step < read ? read : rows);
    // e_t, the behaviours' embeddings
    const float* e = nullptr;
    AUGUR_TRY(
        embed_behaviours(sequence, events, ring, chunk, buffers->behaviours, room, &e, error));
    // (2)-(5)  the interest extractor: h_t = GRU(e_t, h_{t-1})
    const float* h = step < read ? extract_interests(sequence.extractor, buffers->extractor, chunk,
                                                     e, buffers->state_rows, room)
                                 : clear_interests(chunk, buffers->state_rows, room);
    // (2)-(4) in the evolution: the inputs' part W h_t + b. An AIGRU's is W h_t, which (9) scales.
    if (sequence.evolution != nullptr)
      project_interests(*sequence.evolution, h, chunk, room, buffers->evolution_inputs);
    step += chunk.count;
  }
  buffers->states = steps_of(buffers->state_rows, ring, weighed, rows);
  buffers->evolution_inputs.steps = steps_of(buffers->evolution_inputs.rows, ring, begin, end);
  buffers_of(*user).behaviours[s] = {
      steps_of(buffers->behaviours.rows, ring, first_event, first_event + events.size),
      buffers->behaviours.sums, (rows + kChunk - 1) / kChunk};
  state->steps = rows - weighed;
  state->first_event_step = first_event - weighed;

  // (8)  the part of the attention's scores that depends on h_t alone
  if (sequence.attention != nullptr)
    prepare_keys(*sequence.attention, buffers->states, cached.states(), &buffers->keys);
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
  if (user.states.ring.count == 0 || (evolves && user.evolution_inputs.steps.ring.count == 0)) {
    std::fill_n(state.result, rows * width, 0.0f);
    return {state.result, width};
  }
  // (8)  a_t = softmax_t(h_t W e_a), or with another score
  const AttentionWeights a = attend(*sequence.attention, user.keys, state.attention, q, rows);
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
    const bool attends = !sequence.shared_result && user.sequences[s].states.ring.count > 0;
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
