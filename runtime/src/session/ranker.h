// The network run for one user: the user's part once, then candidates in tiles.
#pragma once

#include "model/network.h"
#include "session/records.h"

namespace augur {

class Ranker {
 public:
  augur_status create(const Network& network, std::size_t max_history, std::size_t tile,
                      Arena& arena, Error& error);

  std::size_t tile() const { return tile_; }
  std::size_t max_history(std::size_t stack) const { return histories_[stack].max_steps; }

  // The user's part must be computed again before the next tile.
  void features_changed() { features_current_ = false; }
  void history_changed(std::size_t stack);
  // Events were added at the history's end, and the oldest `gone` dropped.
  void history_appended(std::size_t stack, std::size_t gone);

  // The user's part, as far as it changed. AUGUR_BAD_MODEL if a table holds a value that is not
  // finite.
  augur_status prepare(const Records& features, const Records* histories, Error& error);

  // Logits of the next `rows` (at most tile()) candidates of `columns`, which move on by as many.
  augur_status score(Columns& columns, std::size_t rows, const float** logits, Error& error);

  // Attention weights of the next candidate of `columns` over the stack's history, which must not
  // be empty.
  augur_status attend(Columns& columns, std::size_t stack, AttentionWeights* weights, Error& error);

 private:
  struct History {
    float* behaviours = nullptr;  // [steps, width of the stack's fields]
    std::size_t max_steps = 0;
    float* queries =
        nullptr;  // [tile, query width]; nullptr where the candidates' rows serve as they are
    bool current = false;
    // Of `behaviours`: the first `slid` rows are of events that are gone, `kept` rows after them
    // are of the history's first events.
    std::size_t slid = 0;
    std::size_t kept = 0;
  };

  augur_status embed_history(std::size_t stack, const Records& records, Error& error);
  augur_status embed(Columns& columns, std::size_t rows, Error& error);
  Rows gather_queries(std::size_t stack, std::size_t rows) const;

  const Network* network_ = nullptr;
  std::size_t tile_ = 0;
  bool features_current_ = false;
  Span<StackRun> stacks_;
  Span<History> histories_;
  HeadRun head_;
  float* features_ = nullptr;    // [width of the features]
  float* candidates_ = nullptr;  // [tile, width of a candidate]
  float* logits_ = nullptr;      // [tile]
  // One for each stack, for the head.
  Span<Rows> results_;
  Span<Rows> queries_;
  Span<Rows> projected_queries_;
};

}  // namespace augur
