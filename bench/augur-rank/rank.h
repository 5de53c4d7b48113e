// Ranks the candidates of every request of a file.
#pragma once

#include <cstddef>
#include <string>

#include "common/open_model.h"

namespace augur::bench {

struct RankOptions {
  std::string model;
  TableOptions tables;
  std::string requests;  // "-": standard input
  std::string out;       // empty: standard output
  std::string labels;    // empty: none
  size_t top = 0;        // 0: all candidates, in the request's order
  size_t threads = 1;    // each with a session of its own; answers keep the requests' order
  bool each = false;     // unusable candidates get no score; without, they fail the request
  bool explain = false;
  bool stats = false;
};

// Throws Error; then there is no output file.
void rank_requests(const RankOptions& options);

}  // namespace augur::bench
