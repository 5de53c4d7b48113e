// The forward pass of the Deep Interest Evolution Network (DIEN, Zhou et al., arXiv 1809.03672):
// first the user's part, once per user, then the logits of candidates.
//
// Another network (SIM, BST, ...) is another set of files beside this one; docs/architecture.md
// tells how.
#pragma once

#include "network/dien_state.h"

namespace augur::dien {

// These are the functions of a Network, described in network/network.h.

augur_status forward_user(const Model& model, const InputRows& features, const InputRows* histories,
                          UserState* user, Fault& error);
augur_status forward_sequence(const Model& model, std::size_t sequence, const InputRows& events,
                              UserState* user, Fault& error);
augur_status forward_candidates(const Model& model, const UserState& user,
                                const InputRows& candidates, std::size_t first_candidate,
                                CandidateState* state, Fault& error);
// In network/explain.cc.
augur_status attend_candidate(const Model& model, const UserState& user, const InputRows& candidate,
                              std::size_t first_candidate, std::size_t sequence,
                              CandidateState* state, AttentionWeights* weights, Fault& error);

}  // namespace augur::dien
