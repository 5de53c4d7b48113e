// One user's state and the calls on it, as the C API declares them (runtime/include/augur/augur.h).
#pragma once

#include "session/history_buffer.h"
#include "session/ranking.h"

namespace augur {

// What restoring a saved state found; see augur_restore_report.
struct Restored {
  augur_restored_by by = AUGUR_RESTORED_BY_NOTHING;
  std::size_t unknown_ids = 0;
  std::size_t dropped_events = 0;
};

class Session {
 public:
  // Everything is taken from `arena`, which the session does not own. options.tile must not be 0.
  augur_status create(const Model& model, const augur_session_options& options, Arena& arena,
                      Fault& error);
  // Starts the threads that the options ask for beside the caller's; called last.
  augur_status start_threads(Fault& error) { return ranking_.start(error); }

  // Runs the network once on zeros, and discards the result. Work that is needed only the first
  // time, such as loading the code into memory, is then done before the first ranking.
  void warm_up();

  Fault& error() { return error_; }
  const Fault& error() const { return error_; }

  augur_status set_feature(const augur_column* feature);
  augur_status set_history(const char* sequence_name, const augur_column* columns,
                           std::size_t column_count, std::size_t events);
  augur_status append(const char* sequence_name, const augur_column* columns,
                      std::size_t column_count, std::size_t events);
  void clear();
  std::size_t history_length(const char* sequence_name) const;

  // In session/saved_state.cc.
  augur_status save(void* memory, std::size_t* bytes);
  augur_status restore(const void* memory, std::size_t bytes, Restored* restored);

  // each: the options of augur_rank_each and augur_rank_top_k_each; nullptr: a candidate that
  // cannot be used fails the call.
  augur_status rank(const augur_column* columns, std::size_t column_count, std::size_t candidates,
                    float* scores, float* logits, const augur_each_options* each);
  augur_status rank_top_k(const augur_column* columns, std::size_t column_count,
                          std::size_t candidates, std::size_t k, std::size_t* indices,
                          float* scores, std::size_t* count, const augur_each_options* each);
  // May be called from any thread.
  void cancel() { ranking_.cancel(); }
  augur_status explain(const char* sequence_name, const augur_column* columns,
                       std::size_t column_count, std::size_t candidates, std::size_t row,
                       float* weights, std::size_t room, std::size_t* count);

 private:
  augur_status find_sequence(const char* name, std::size_t* sequence);
  // Brings the network's user part up to date. Fails if the call has been cancelled.
  augur_status forward_user_part();
  augur_status bind_candidates(const augur_column* columns, std::size_t column_count,
                               std::size_t candidates, const augur_each_options* each);
  // Scores the candidates that the columns are bound to. If it fails, so have all of them.
  augur_status score(const augur_each_options* each, Ranking::Take take, void* outputs);
  // Adds the columns' events to the sequence's history, or replaces the history with them.
  augur_status put_events(const char* sequence_name, const augur_column* columns,
                          std::size_t column_count, std::size_t events, bool replace);
  // events: how many of the columns' rows are not masked.
  augur_status push_events(std::size_t sequence, std::size_t events);
  augur_status compute_before_dropping(std::size_t sequence, std::size_t events);
  // The sequence's mask drops the event in the columns' current row.
  bool is_masked(std::size_t sequence) const;
  // The same for the newest event of a history.
  bool is_masked(std::size_t sequence, const HistoryBuffer& history) const;
  // In session/saved_state.cc.
  void write_inputs(SavedWriter& out) const;
  augur_status check_schema(SavedReader& in);
  augur_status read_inputs(SavedReader& in, const RestoreRules& rules, bool take,
                           Restored* restored);

  const Model* model_ = nullptr;
  const Network* network_ = nullptr;
  Fault error_;
  InputColumns columns_;
  HistoryBuffer features_;  // one row
  Span<HistoryBuffer> histories_;
  Span<InputRows> history_rows_;  // of the histories, for the network
  float* event_ = nullptr;        // streams: one event, [width of the widest sequence]
  UserState user_;
  Ranking ranking_;
};

}  // namespace augur
