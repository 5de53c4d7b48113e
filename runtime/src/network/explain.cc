// Computes one candidate's attention weights.
#include "network/explain.h"

#include <cmath>

namespace augur {

augur_status attend_candidate(const Model& model, const UserState& user, const InputRows& candidate,
                              std::size_t first, std::size_t s, CandidateState* state,
                              AttentionWeights* weights, Fault& error) {
  *weights = {};
  AUGUR_TRY(forward_candidates(model, user, candidate, first, state, error));
  const SequenceState& history = user.sequences[s];
  if (history.states.count == 0) return AUGUR_OK;
  const Attention& attention = *model.sequences[s].attention;
  const AttentionBuffers& buffers = state->sequences[s].attention;
  const float* q = project_query(attention, buffers, state->queries[s].data, 1);
  *weights = attend(attention, history.keys.keys, buffers, q, 1);
  for (std::size_t t = 0; t < history.states.count; ++t) {
    if (std::isfinite(weights->data[t * weights->stride])) continue;
    return error.fail(AUGUR_NOT_FINITE,
                      "candidate %zu: its attention to step %zu of stack '%s' is not finite: the "
                      "model's numbers overflow on this input",
                      first, t, model.sequences[s].name);
  }
  return AUGUR_OK;
}

}  // namespace augur
