// Measures a model on this machine: open, create, rank.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "augur-bench/inputs.h"
#include "common/open_model.h"

namespace augur::bench {

struct BenchOptions {
  std::string model;
  TableOptions tables;
  std::vector<size_t> candidates = {1, 10, 100};
  std::vector<uint32_t> history = {50, 100};  // events; clamped to the model's longest history
  std::vector<uint32_t> threads = {1};        // of a session
  size_t sessions = 1;   // as many rank at the same time; times are those of one call
  uint32_t tile = 0;     // of the sessions; 0: the library's choice
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
  double first = 0;     // median: rank on a new session of a model just opened
  double new_user = 0;  // median: the same work on a session that has ranked
  Times rank;           // rank again, the user's part being there
  Times append;         // append one event to the full window, and rank
};

// The very first calls of the process, once each, in seconds.
struct ColdStart {
  double open = 0;
  double create = 0;
  double rank = 0;  // of the first case
};

struct BenchResult {
  std::unique_ptr<const OpenModel> model;
  Declared declared;                      // by the model
  std::vector<std::string> rows_remarks;  // of tables whose rows are not the conversion's
  std::vector<uint32_t> clamped;          // histories asked for beyond the model's limit
  double open = 0;                        // median, the file being in the page cache
  double create = 0;                      // median
  ColdStart cold;
  std::vector<CaseResult> cases;
};

// Throws Error.
BenchResult measure(const BenchOptions& options);

}  // namespace augur::bench
