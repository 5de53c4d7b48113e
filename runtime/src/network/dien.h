// The forward pass of the Deep Interest Evolution Network (DIEN, Zhou et al., arXiv 1809.03672):
// first the user's part, once per user, then the logits of candidates.
//
// Another network (SIM, BST, ...) is another pair of files beside this one; docs/architecture.md
// tells how.
#pragma once

#include "network/dien_state.h"
#include "network/embedding.h"

namespace augur {

// Computes the outdated parts of the user's part. `features` has one row; `histories` has one
// element for each sequence. AUGUR_BAD_MODEL if a table holds a value that is not finite.
augur_status forward_user(const Model& model, const InputRows& features, const InputRows* histories,
                          UserState* user, Fault& error);

// The user's part of one sequence alone. forward_user() calls it. A session calls it for a stream,
// whose events must be computed before they are dropped. If it fails, no step of the sequence is
// cached.
augur_status forward_sequence(const Model& model, std::size_t sequence, const InputRows& events,
                              UserState* user, Fault& error);

// Logits of the next candidates->size rows, at most max_rows, into state->logits. `first` is the
// first row's index in the call, for messages. The error is that of the first candidate that fails,
// whatever other candidates are in the tile.
augur_status forward_candidates(const Model& model, const UserState& user,
                                const InputRows& candidates, std::size_t first,
                                CandidateState* state, Fault& error);

}  // namespace augur
