// Candidates in tiles, on one thread or several.
//
// Every thread has a scorer of its own; the user's part they share. Candidates are handed out in
// pieces, in order, so that each thread has work until there is none. A piece is a tile or, toward
// the end, a part of one: candidates get the same bits either way, as long as none that had company
// in its tile loses it (kernels/product.h).
#pragma once

#include <atomic>

#include "session/helpers.h"
#include "session/scorer.h"

namespace augur {

class Ranker {
 public:
  // `columns` is what the candidates will be bound to. threads: 1 or more, the caller's included;
  // the others run after start().
  augur_status create(const Network& network, const UserPart& user, const Columns& columns,
                      std::size_t tile, std::size_t threads, Arena& arena, Fault& error);
  augur_status start(Fault& error) { return helpers_.start(error); }

  // Scores all rows of the columns. take(context, first row, logits, rows) is called for one piece
  // after another, by one thread at a time, in no order. On failure the error is that of the first
  // row that fails.
  using Take = void (*)(void* context, std::size_t first, const float* logits, std::size_t rows);
  augur_status score(Take take, void* context, Fault& error);

  // The caller's thread runs the network once for candidates of zeros.
  void rehearse() { workers_[0].scorer.rehearse(); }

  // Attention weights of one row over the stack's history, none if that is empty.
  augur_status attend(std::size_t row, std::size_t stack, AttentionWeights* weights, Fault& error);

 private:
  struct Worker {
    Scorer scorer;
    Columns columns;
    augur_status status = AUGUR_OK;
    std::size_t failed_at = 0;  // the piece's first row
    Fault error;
  };

  void work(Worker& worker);
  std::size_t count_sharers() const;
  bool next_piece(std::size_t* first, std::size_t* rows);
  std::size_t piece_rows(std::size_t first) const;

  const UserPart* user_ = nullptr;
  const Columns* columns_ = nullptr;
  std::size_t tile_ = 0;
  Span<Worker> workers_;
  Helpers helpers_;
  // What is being scored.
  Take take_ = nullptr;
  void* context_ = nullptr;
  std::size_t sharers_ = 1;  // so many threads share the work
  std::atomic<std::size_t> next_{0};
};

}  // namespace augur
