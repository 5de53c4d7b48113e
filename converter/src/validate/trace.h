// augur-inspect --trace: every intermediate value of a model on requests, in float64.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "augur/augur.h"
#include "convert/conversion.h"
#include "inspect/keys.h"

namespace augur::convert {

// A model whose rows are all there.
struct TracedModel {
  const fb::Model& file;                 // verified
  const std::vector<Sidecar>& sidecars;  // of its external tables
  const augur_model& opened;             // the same, sidecars attached: it declares the fields
};

// Prints a JSON line for each request of the file at `path` ("-" is the standard input):
//
//   {"id": "r1", "candidates": [
//     {"stacks": {"history": {"query": [...], "behaviours": [[...], ...], "interests": [[...],
//     ...],
//                             "attention": [...], "result": [...]}},
//      "head_input": [...], "logit": -0.36, "score": 0.41}, ...]}
//
// `behaviours`, `interests` and `attention` have a row for each event that counts, oldest first:
// masked events are left out, then those beyond max_history, and the padding rows of a window.
// `query` is the candidate's embedding e_a, `projected_query` what the attention makes of it;
// without an attention the latter and `attention` are missing. Numbers are float64 with all their
// digits; null is one that is not finite. Throws Error, which names line and request.
void print_traces(const TracedModel& model, const std::string& path, std::ostream& out);

}  // namespace augur::convert
