// Measures how long a model takes on this machine: opening it, creating a session, ranking.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "augur-bench/inputs.h"
#include "augur-bench/keys.h"
#include "augur-bench/scores.h"
#include "augur-bench/timing.h"
#include "common/open_model.h"

namespace augur::bench {

struct BenchOptions {
  std::string model;
  TableOptions tables;
  std::vector<std::string> keys;  // "TABLE=FILE": the table's ids are keys of the file, not rows
  std::vector<size_t> candidates = {1, 10, 100};
  std::vector<uint32_t> history = {50, 100};  // events; clamped to the model's longest history
  std::vector<uint32_t> threads = {1};        // of a session
  size_t sessions = 1;          // so many rank at the same time; a figure is the time of one call
  uint32_t tile = 0;            // the sessions' option; 0: the library's choice
  Repetition repetition;        // of the calls of each figure
  std::vector<unsigned> cores;  // the process was bound to these; empty: to none
  uint64_t seed = 1;
};

struct CaseResult {
  size_t history = 0;
  size_t candidates = 0;
  uint32_t threads = 1;
  size_t session_bytes = 0;
  double first = 0;     // median: the first ranking in a new session of a model just opened
  double new_user = 0;  // median: the same ranking in that session, after its inputs are set anew
  Times rank;           // rank again; what depends on the user alone has been computed
  Times append;         // append one event to the full window and rank
  ScoresDigest scores;  // of the first ranking
};

// The first calls in the process, each made once, in seconds.
struct ColdStart {
  double open = 0;
  double create = 0;
  double rank = 0;  // the first case
};

struct BenchResult {
  std::unique_ptr<const OpenModel> model;
  Declared declared;                      // what the model declares
  std::vector<std::string> rows_remarks;  // for tables whose rows are not those of the conversion
  std::vector<TableKeys> keys;            // what the inputs are drawn from
  std::vector<Lookups> lookups;
  std::vector<uint32_t> clamped;  // requested histories that are beyond the model's limit
  double open = 0;                // median; the file is in the page cache
  double create = 0;              // median
  ColdStart cold;
  std::optional<size_t> resident_growth;  // in bytes, from before `open` until after `rank`
  std::vector<CaseResult> cases;
};

// Throws Error.
BenchResult measure(const BenchOptions& options);

}  // namespace augur::bench
