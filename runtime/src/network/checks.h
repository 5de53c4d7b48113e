// Checks that the network's results for candidates are finite.
#pragma once

#include "common/error.h"
#include "model/model.h"
#include "network/rows.h"

namespace augur {

// Reports the first candidate that fails, whatever other candidates are in the tile.
// AUGUR_NOT_FINITE if a logit or a sequence's result is not finite, of the first `embedded`
// candidates. The results are checked as well as the logits, because an activation between the two
// may hide not-a-number. AUGUR_BAD_MODEL if `embedded` is less than `rows`: then the embedding of
// candidate `embedded` is not finite. first_candidate: the index of the first row in the call, for
// messages. results: one for each sequence.
augur_status check_candidates(const Model& model, const float* logits, const Span<Rows>& results,
                              std::size_t first_candidate, std::size_t embedded, std::size_t rows,
                              Fault& error);

}  // namespace augur
