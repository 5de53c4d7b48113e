// Turns the lines of a request file into lines of answers.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "augur-rank/rank.h"
#include "requests/answer.h"
#include "requests/json_lines.h"
#include "requests/request.h"

namespace augur::bench {

// What all workers share and only read.
struct Job {
  const RankOptions& options;
  const augur_model& model;
  requests::ModelFields fields;
  requests::ById<requests::Labels> labels;
};

// One request: its line, and its answer when it has been ranked.
struct Task {
  std::string line;
  std::string where;

  std::string id;      // only with labels
  std::string answer;  // a line of the output
  std::string error;   // not empty: the request failed
  double seconds = 0;  // spent in the runtime
  size_t candidates = 0;
  size_t unusable = 0;        // of them
  std::vector<float> logits;  // of the usable candidates, in their order; only with labels
  std::vector<uint8_t> clicked;
};

// One thread's session and buffers.
class Worker {
 public:
  explicit Worker(const Job& job);
  // Never throws: a failure is in task.error.
  void run(Task& task);

 private:
  void rank(Task& task);
  // Counts the answer's unusable candidates, and takes them out of what the AUC is computed from.
  void leave_out_unusable(Task& task) const;

  const Job& job_;
  requests::RequestRanker scorer_;
  requests::Request request_;
  requests::Answer answer_;
};

}  // namespace augur::bench
