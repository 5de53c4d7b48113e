// Which events a candidate's score attends to.
#pragma once

#include "network/dien.h"

namespace augur {

// Attention weights of one candidate over the steps of a sequence that has an attention; none if
// there are no steps. first: the candidate's index in the call, for messages. Fails where
// forward_candidates() would, and if a weight is not finite.
augur_status attend_candidate(const Model& model, const UserState& user, const InputRows& candidate,
                              std::size_t first, std::size_t sequence, CandidateState* state,
                              AttentionWeights* weights, Fault& error);

}  // namespace augur
