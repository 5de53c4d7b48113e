// Checks that the network's results for candidates are finite.
#pragma once

#include "model/model.h"
#include "network/dien_state.h"

namespace augur {

// The error is that of the first candidate that fails, whatever other candidates are in the tile.
// AUGUR_NOT_FINITE if a logit or a sequence's result of the first `embedded` candidates is not
// finite; results are looked at too, because an activation after them may hide that a value is not
// a number. AUGUR_BAD_MODEL if `embedded` is less than `rows`: then the embedding of the next
// candidate is not finite. first: the index of the first candidate in the call, for messages.
augur_status check_candidates(const Model& model, const CandidateState& candidates,
                              std::size_t first, std::size_t embedded, std::size_t rows,
                              Fault& error);

}  // namespace augur
