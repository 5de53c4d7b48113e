// One thread's run of the network over candidates, on a user's part that is there already.
#pragma once

#include "session/columns.h"
#include "session/user_part.h"

namespace augur {

class Scorer {
 public:
  // Room for `max_rows` candidates at a time.
  augur_status create(const Network& network, const UserPart& user, std::size_t max_rows,
                      Arena& arena, Fault& error);

  // Logits of the next `rows` candidates of `columns`, which move on by as many. The error is that
  // of the first of them that fails, whichever others stand beside it.
  augur_status score(Columns& columns, std::size_t rows, const float** logits, Fault& error);

  // The same work for a block of candidates of zeros and for one.
  void rehearse();

  // Attention weights of the next candidate of `columns` over the stack's history, none if that is
  // empty. Fails where score() would, too.
  augur_status attend(Columns& columns, std::size_t stack, AttentionWeights* weights, Fault& error);

 private:
  // Into candidates_; returns how many come before the first whose tables hold a value that is not
  // finite.
  std::size_t embed(Columns& columns, std::size_t rows);
  // logits_ of the first `rows` of candidates_.
  void score_embedded(std::size_t rows);
  // That what score_embedded() has left is finite; `first` is the first row's index, for messages.
  augur_status check_scored(std::size_t first, std::size_t rows, Fault& error) const;
  Rows gather_queries(std::size_t stack, std::size_t rows) const;

  const Network* network_ = nullptr;
  const UserPart* user_ = nullptr;
  std::size_t max_rows_ = 0;
  Span<StackRun> stacks_;
  HeadRun head_;
  float* candidates_ = nullptr;  // [rows, width of a candidate]
  float* logits_ = nullptr;      // [rows]
  // One for each stack: [rows, query width]; nullptr where the candidates' rows serve as they are.
  Span<float*> gathered_queries_;
  // One for each stack, for the head.
  Span<Rows> results_;
  Span<Rows> queries_;
  Span<Rows> projected_queries_;
};

}  // namespace augur
