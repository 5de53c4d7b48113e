// Computes one candidate's attention weights.
#include <cmath>

#include "network/dien.h"

namespace augur::dien {

augur_status attend_candidate(const Model& model, const UserState& user, const InputRows& candidate,
                              std::size_t first_candidate, std::size_t s, CandidateState* state,
                              AttentionWeights* weights, Fault& error) {
  *weights = {};
  AUGUR_TRY(forward_candidates(model, user, candidate, first_candidate, state, error));
  const std::size_t steps = user.sequences[s].steps;
  if (steps == 0) return AUGUR_OK;
  const Attention& attention = *model.sequences[s].attention;
  const Candidates& candidates = buffers_of(*state);
  const AttentionBuffers& buffers = candidates.sequences[s].attention;
  const float* q = project_query(attention, buffers, candidates.query_embeddings[s].data, 1);
  const KeyBuffers& keys = buffers_of(user).sequences[s].keys;
  *weights = attend(attention, keys, buffers, q, 1);
  // In the steps' order, in the column beside it, which no candidate has.
  float* const ordered = buffers.scores + 1;
  for (std::size_t t = 0; t < steps; ++t)
    ordered[t * buffers.stride] = buffers.scores[keys.states.ring.row(t) * buffers.stride];
  weights->data = ordered;
  for (std::size_t t = 0; t < steps; ++t) {
    if (std::isfinite(weights->data[t * weights->stride])) continue;
    return error.fail(AUGUR_NOT_FINITE,
                      "candidate %zu: its attention to step %zu of stack '%s' is not finite: the "
                      "model's numbers overflow on this input",
                      first_candidate, t, model.sequences[s].name);
  }
  return AUGUR_OK;
}

}  // namespace augur::dien
