// Whether what the network has computed of candidates is finite.
#pragma once

#include "model/model.h"
#include "network/dien_state.h"

namespace augur {

// AUGUR_NOT_FINITE if a logit or a sequence's result of the first `rows` candidates is not finite;
// the error is that of the first such candidate. first: its index in the call, for messages.
// Results are looked at too, because an activation after them may hide that a value is not a
// number.
augur_status check_logits(const Model& model, const CandidateState& candidates, std::size_t first,
                          std::size_t rows, Fault& error);

}  // namespace augur
