// Checks that the network's results for candidates are finite.
#pragma once

#include "common/error.h"
#include "model/model.h"
#include "network/rows.h"

namespace augur {

// The error is that of the first candidate that fails, whatever other candidates are in the tile.
// AUGUR_NOT_FINITE if a logit or a sequence's result of the first `embedded` candidates is not
// finite; results are looked at too, because an activation after them may hide that a value is not
// a number. AUGUR_BAD_MODEL if `embedded` is less than `rows`: then the embedding of the next
// candidate is not finite. first_candidate: its index in
// the call, for messages. results: one for each sequence.
augur_status check_candidates(const Model& model, const float* logits, const Span<Rows>& results,
                              std::size_t first_candidate, std::size_t embedded, std::size_t rows,
                              Fault& error);

}  // namespace augur
