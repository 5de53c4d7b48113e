// Ranks candidates tile by tile, on one thread or several.
//
// Every thread has a slot: the network's buffers for candidates, and a cursor over the columns. All
// slots read the same user part. Threads claim pieces of the candidates in order, until none is
// left. A piece is a tile or, towards the end, a part of one. A candidate gets the same bits in
// both, provided that no piece is a single candidate of a larger tile (kernels/product.h). Only the
// last candidate of a list may be computed alone: when it does not fit into the tiles before it.
//
// Candidates that cannot be used must not change that. So the last usable candidate is settled at
// the end, when it is known how many there are: it is computed alone if it would be in a list
// without the unusable ones, and all others are computed as several rows (CandidateState.min_rows).
#pragma once

#include <atomic>

#include "network/network.h"
#include "session/input_columns.h"
#include "session/thread_pool.h"

namespace augur {

// What happens when a candidate cannot be used.
enum class Unusable {
  kFails,    // the call fails
  kReported  // it gets a status, and the others are scored
};

// What has been computed of a part of the list.
struct ScoredRows {
  std::size_t first = 0;
  std::size_t count = 0;
  const float* logits = nullptr;           // [count], not-a-number for those that cannot be used
  const augur_status* statuses = nullptr;  // [count]
};

class Ranking {
 public:
  // The candidates will be bound to `columns`. Of the options, tile, threads and parallel_for are
  // used. Threads beside the caller's run after start().
  augur_status create(const Model& model, const UserState& user, const InputColumns& columns,
                      const augur_session_options& options, Arena& arena, Fault& error);
  augur_status start(Fault& error) { return pool_.start(error); }

  // Scores all rows of the columns. take(context, rows) is called for one part of the list after
  // another, by one thread at a time, in any order; every row is in one of them. On failure the
  // error is that of the first row that fails.
  using Take = void (*)(void* context, const ScoredRows& rows);
  augur_status score(Unusable unusable, Take take, void* context, Fault& error);

  // A cancelled call computes no further piece. begin_call() comes first in every call; what was
  // cancelled before does not count. cancel() may be called from any thread.
  void begin_call() { cancelled_.store(false, std::memory_order_relaxed); }
  void cancel() { cancelled_.store(true, std::memory_order_relaxed); }
  augur_status check_cancelled(Fault& error) const;

  // Runs the network for a block of candidates of zeros and for one, on the caller's thread.
  void warm_up();

  // Attention weights of one row over a sequence's history; none if the history is empty.
  augur_status attend(std::size_t row, std::size_t sequence, AttentionWeights* weights,
                      Fault& error);

 private:
  struct Slot {
    CandidateState candidates;
    InputColumns columns;
    augur_status status = AUGUR_OK;
    std::size_t failed_at = 0;  // first row of the piece that failed
    Fault error;
  };

  // A usable row that is not known yet to be the last.
  struct Held {
    bool any = false;
    std::size_t row = 0;
    float logit = 0.0f;
  };

  void work(Slot& slot);
  augur_status forward(Slot& slot, std::size_t first, std::size_t rows, std::size_t min_rows);
  augur_status explain(Slot& slot, augur_status status, std::size_t first, Fault& error);
  void deliver(const ScoredRows& scored);
  void take_held();
  void settle_last_usable();
  std::size_t count_tasks() const;
  bool next_piece(std::size_t* first, std::size_t* rows);
  std::size_t piece_rows(std::size_t first) const;

  const Model* model_ = nullptr;
  const Network* network_ = nullptr;
  const UserState* user_ = nullptr;
  const InputColumns* columns_ = nullptr;
  std::size_t tile_ = 0;
  Span<Slot> slots_;
  ThreadPool pool_;
  // The call in progress.
  Unusable unusable_ = Unusable::kFails;
  Take take_ = nullptr;
  void* context_ = nullptr;
  std::size_t rows_ = 0;   // that threads claim
  std::size_t tasks_ = 1;  // at most this many slots take part
  std::atomic<bool> cancelled_{false};
  std::atomic<std::size_t> next_{0};  // the first row that no thread has claimed
  // With Unusable::kReported, used by one thread at a time.
  std::size_t usable_ = 0;  // how many rows so far
  Held held_;
};

}  // namespace augur
