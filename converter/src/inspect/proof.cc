// A proof in words; see proof.h.
#include "inspect/proof.h"

#include "text/text.h"

namespace augur::convert {

std::string proof_text(const Proof& proof) {
  if (!proof) return "unknown: the file does not record what its scores were compared with";
  if (!is_proven(proof)) {
    return "unproven: converted without expected scores (augur-convert --validate and --expect)";
  }
  return count_text(proof->values, "expected value") + " of " +
         count_text(proof->requests, "request") + ", largest difference " +
         short_text(proof->largest_difference) + ", tolerance " + short_text(proof->tolerance);
}

Json proof_json(const Proof& proof) {
  if (!is_proven(proof)) return {{"state", proof ? "unproven" : "unknown"}};
  return {{"state", "proven"},
          {"requests", proof->requests},
          {"values", proof->values},
          {"largest_difference", proof->largest_difference},
          {"tolerance", proof->tolerance}};
}

}  // namespace augur::convert
