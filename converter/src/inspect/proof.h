// What a model's scores were compared with at its conversion, in words.
#pragma once

#include <optional>
#include <string>

#include "augur_generated.h"
#include "description/node.h"

namespace augur::convert {

// Absent: the file does not record it.
using Proof = std::optional<fb::ProofT>;

inline bool is_proven(const Proof& proof) {
  return proof && proof->values > 0;
}

// "12 expected values of 3 requests, largest difference 3.1e-07, tolerance 1e-05", or that there is
// none, beginning with "unproven" or "unknown".
std::string proof_text(const Proof& proof);

// {"state": "proven", "unproven" or "unknown"} and, if it is proven, the numbers.
Json proof_json(const Proof& proof);

}  // namespace augur::convert
