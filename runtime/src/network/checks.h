// Finds the candidates of a tile that cannot be used, and takes them out of the computation.
#pragma once

#include "network/network.h"

namespace augur {

// Embeds the candidates into out[state->max_rows, width], those that can be used, one after
// another, and sets all their statuses. Returns how many rows of `out` are to be computed: 0, or at
// least state->min_rows, of which the last are copies if too few candidates can be used.
std::size_t embed_candidates(const InputRows& candidates, std::size_t width, CandidateState* state,
                             float* out);

// To be called when the rows of embed_candidates() have been computed; `rows`: how many candidates
// there are. Gives the candidates their logits, not-a-number to those that cannot be used, and
// AUGUR_NOT_FINITE to those whose logit or result of a sequence is not finite. The results are
// checked as well as the logits, because an activation between the two may hide not-a-number.
// results: one for each sequence. Returns what Network::forward_candidates() returns.
augur_status check_candidates(const Model& model, const Span<Rows>& results,
                              std::size_t first_candidate, std::size_t rows, CandidateState* state,
                              Fault& error);

}  // namespace augur
