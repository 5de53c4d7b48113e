// Measures a model on this machine: open, create, rank.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "augur-bench/inputs.h"

namespace augur::bench {

struct BenchOptions {
  std::string model;
  std::vector<size_t> candidates = {1, 10, 100};
  std::vector<uint32_t> history = {50, 100};  // events; clamped to the model's longest history
  std::vector<uint32_t> threads = {1};        // of a session
  size_t sessions = 1;   // as many rank at the same time; times are those of one call
  double seconds = 0.5;  // spent on each steady figure
  uint64_t seed = 1;
};

// Of many calls, in seconds.
struct Times {
  double median = 0;
  double p90 = 0;
  double min = 0;
  size_t runs = 0;
};

struct CaseResult {
  size_t history = 0;
  size_t candidates = 0;
  uint32_t threads = 1;
  size_t session_bytes = 0;
  double first = 0;  // median: rank on a new session whose features and history were just set
  Times rank;        // rank again, the user's part being there
  Times append;      // append one event to the full window, and rank
};

struct BenchResult {
  Declared declared;
  std::vector<uint32_t> clamped;  // histories asked for beyond the model's limit
  double open = 0;                // median, the file being in the page cache
  double create = 0;              // median
  std::vector<CaseResult> cases;
};

// `model` is options.model, open. Throws Error.
BenchResult measure(const BenchOptions& options, const augur_model& model);

}  // namespace augur::bench
