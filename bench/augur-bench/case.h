// One case of a measurement: a number of candidates and events, its random inputs, and the calls
// that are timed.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "augur-bench/measure.h"

namespace augur::bench {

augur_session_options session_options(const BenchOptions& asked, uint32_t max_history,
                                      uint32_t threads);

class Session {
 public:
  // Throws Error.
  Session(const augur_model& model, const augur_session_options& options);
  ~Session() { augur_session_destroy(session_); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  augur_session* get() const { return session_; }
  // Throws Error if the status is not AUGUR_OK; `request` goes into its message.
  void check(augur_status status, const std::string& request) const;

 private:
  augur_session* session_ = nullptr;
};

class Case {
 public:
  // `result` (what the model declares, and keys) and `options` must outlive the case. The inputs
  // depend on the options' seed, not on other cases: docs/benchmark-json.md.
  Case(const BenchResult& result, const BenchOptions& options, uint32_t history, size_t candidates);

  // Measures the first session of a model that was just opened.
  void start(const augur_model& model, ColdStart& times) const;

  // One result for each number of threads.
  std::vector<CaseResult> run(const augur_model& model) const;

 private:
  // Durations for each number of threads, in seconds.
  struct SteadyTimes {
    explicit SteadyTimes(const BenchOptions& options)
        : ranks(options.threads.size()), appends(options.threads.size()) {}
    std::vector<std::vector<double>> ranks;
    std::vector<std::vector<double>> appends;
  };

  Case(const BenchResult& result, const BenchOptions& options, uint32_t history, size_t candidates,
       Random random);
  // Names the request in messages.
  std::string name() const;
  augur_session_options session_of(uint32_t threads) const;
  void set_user(const Session& session) const;
  void rank(const Session& session, std::vector<float>& scores) const;
  // Appends the event of this turn to each sequence.
  void append(const Session& session, size_t turn) const;
  // Measures repeated calls, in all sessions at the same time.
  void run_sessions(const augur_model& model, SteadyTimes& all) const;

  const Declared& declared_;
  const BenchOptions& options_;
  uint32_t history_;
  RandomColumns user_;
  RandomColumns offers_;
  std::vector<RandomColumns> events_;      // one for each sequence
  std::vector<RandomColumns> new_events_;  // as many for each sequence as are appended in turn
};

}  // namespace augur::bench
