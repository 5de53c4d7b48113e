// Hands pieces of the candidates to threads, and collects errors.
#include "session/ranking.h"

#include <algorithm>
#include <cstdint>

#include "common/build_choices.h"

namespace augur {
namespace {

// Smaller pieces cost more than they gain; a multiple of this fills every processor's vectors.
constexpr std::size_t kMinPiece = 16;
// A thread that has less work than this takes longer to wake up than it saves. The unit is one step
// of one candidate's history; the head counts as kHeadWork steps. 1024 of them take 20 to 150 µs.
constexpr std::size_t kMinWork = 1024;
constexpr std::size_t kHeadWork = 8;

// The next `rows` rows from the cursor on, in the form that the network reads.
InputRows next_rows(InputColumns* columns, std::size_t rows) {
  const auto embed = [](void* source, std::size_t, float* out) {
    auto* cursor = static_cast<InputColumns*>(source);
    const augur_status status = cursor->embed(out);
    cursor->next();
    return status;
  };
  return {columns, rows, embed};
}

}  // namespace

augur_status Ranking::create(const Model& model, const UserState& user, const InputColumns& columns,
                             const augur_session_options& options, Arena& arena, Fault& error) {
  model_ = &model;
  network_ = &network_of(model);
  user_ = &user;
  columns_ = &columns;
  tile_ = options.tile;
  const std::size_t threads = options.threads == 0 ? 1 : options.threads;
  slots_ = arena.array<Slot>(threads);
  if (slots_.size() != threads) return error.fail(AUGUR_OUT_OF_MEMORY, "no memory for a session");
  for (Slot& slot : slots_) {
    AUGUR_TRY(slot.columns.create_beside(columns, arena, error));
    AUGUR_TRY(plan_candidates(model, user, tile_, arena, error, &slot.candidates));
  }
  return pool_.create(threads, options, arena, error);
}

augur_status Ranking::score(Unusable unusable, Take take, void* context, Fault& error) {
  unusable_ = unusable;
  take_ = take;
  context_ = context;
  rows_ = columns_->rows();
  // The last row, if it is alone in its tile, waits for settle_last_usable().
  if (unusable == Unusable::kReported && rows_ % tile_ == 1) --rows_;
  next_ = 0;
  tasks_ = count_tasks();
  usable_ = 0;
  held_ = {};
  for (Slot& slot : slots_)
    slot.status = AUGUR_OK;
  if (build::kThreads && tasks_ > 1) {
    const auto task = [](void* self, std::size_t slot) {
      auto* ranking = static_cast<Ranking*>(self);
      ranking->work(ranking->slots_[slot]);
    };
    AUGUR_TRY(pool_.run(tasks_, task, this, error));
  } else {
    work(slots_[0]);
  }
  const Slot* first_failed = nullptr;
  for (const Slot& slot : slots_) {
    if (slot.status != AUGUR_OK &&
        (first_failed == nullptr || slot.failed_at < first_failed->failed_at))
      first_failed = &slot;
  }
  if (first_failed != nullptr) {
    error = first_failed->error;
    return first_failed->status;
  }
  if (unusable == Unusable::kReported) settle_last_usable();
  return AUGUR_OK;
}

augur_status Ranking::check_cancelled(Fault& error) const {
  if (!cancelled_.load(std::memory_order_relaxed)) return AUGUR_OK;
  return error.fail(AUGUR_CANCELLED, "augur_session_cancel has ended the call");
}

std::size_t Ranking::count_tasks() const {
  const std::uint64_t rows = rows_;
  std::uint64_t steps = kHeadWork;
  for (const SequenceState& sequence : user_->sequences)
    steps += sequence.steps;
  const std::uint64_t work = rows * steps;
  const std::uint64_t most = std::min(rows / kMinPiece, work / kMinWork);
  if (most >= slots_.size()) return slots_.size();
  return most == 0 ? 1 : static_cast<std::size_t>(most);
}

// Of the rows [first, first + rows). The slot's cursor must not be behind `first`.
augur_status Ranking::forward(Slot& slot, std::size_t first, std::size_t rows,
                              std::size_t min_rows) {
  slot.columns.skip(first - slot.columns.row());
  slot.candidates.min_rows = min_rows;
  return network_->forward_candidates(*model_, *user_, next_rows(&slot.columns, rows), first,
                                      &slot.candidates, slot.error);
}

void Ranking::work(Slot& slot) {
  slot.columns.follow(*columns_);
  const bool fails = unusable_ == Unusable::kFails;
  const std::size_t min_rows = fails ? 1 : std::min(tile_, std::size_t{2});
  std::size_t first = 0;
  std::size_t rows = 0;
  while (next_piece(&first, &rows)) {
    slot.status = check_cancelled(slot.error);
    if (slot.status == AUGUR_OK) {
      const augur_status status = forward(slot, first, rows, min_rows);
      if (fails && status != AUGUR_OK) slot.status = explain(slot, status, first, slot.error);
    }
    if (slot.status != AUGUR_OK) {
      slot.failed_at = first;
      // Stops the other threads from claiming more pieces. All pieces before this one have been
      // claimed, so a failure in an earlier one is found, too.
      next_ = rows_;
      return;
    }
    if (build::kThreads && tasks_ > 1) pool_.lock();
    deliver({first, rows, slot.candidates.logits, slot.candidates.statuses.data()});
    if (build::kThreads && tasks_ > 1) pool_.unlock();
  }
}

// Describes the first row that the network could not use, of those from `first` on, if its embed()
// has failed. The network has described other failures.
augur_status Ranking::explain(Slot& slot, augur_status status, std::size_t first, Fault& error) {
  if (status != AUGUR_OUT_OF_RANGE && status != AUGUR_INVALID_ARGUMENT) return status;
  const augur_status* statuses = slot.candidates.statuses.data();
  std::size_t row = 0;
  while (statuses[row] == AUGUR_OK)
    ++row;
  slot.columns.follow(*columns_);
  slot.columns.skip(first + row);
  return slot.columns.explain_row(error);
}

// Hands a piece to the caller. If candidates are reported one by one, its last usable row is held
// back until a later one is known.
void Ranking::deliver(const ScoredRows& scored) {
  if (unusable_ == Unusable::kFails) return take_(context_, scored);
  std::size_t after = 0;  // the row after the last usable one
  for (std::size_t row = 0; row < scored.count; ++row) {
    if (scored.statuses[row] != AUGUR_OK) continue;
    ++usable_;
    after = row + 1;
  }
  if (after == 0 || (held_.any && held_.row > scored.first)) return take_(context_, scored);
  take_held();
  held_ = {true, scored.first + after - 1, scored.logits[after - 1]};
  take_(context_, {scored.first, after - 1, scored.logits, scored.statuses});
  take_(context_, {scored.first + after, scored.count - after, scored.logits + after,
                   scored.statuses + after});
}

void Ranking::take_held() {
  const augur_status status = AUGUR_OK;
  if (held_.any) take_(context_, {held_.row, 1, &held_.logit, &status});
  held_.any = false;
}

// The end of a call whose candidates are reported one by one: computes the row that no thread has
// claimed, if there is one, and decides which row is computed alone.
void Ranking::settle_last_usable() {
  Slot& slot = slots_[0];
  slot.columns.follow(*columns_);
  if (rows_ < columns_->rows()) {
    const bool alone = usable_ % tile_ == 0;
    (void)forward(slot, rows_, 1, alone ? 1 : 2);
    const ScoredRows last = {rows_, 1, slot.candidates.logits, slot.candidates.statuses.data()};
    take_(context_, last);
    if (last.statuses[0] == AUGUR_OK) return take_held();
  }
  if (!held_.any || usable_ % tile_ != 1) return take_held();
  slot.columns.follow(*columns_);
  (void)forward(slot, held_.row, 1, 1);
  take_(context_, {held_.row, 1, slot.candidates.logits, slot.candidates.statuses.data()});
}

bool Ranking::next_piece(std::size_t* first, std::size_t* rows) {
  *first = next_;
  do {
    if (*first >= rows_) return false;
    *rows = piece_rows(*first);
  } while (!next_.compare_exchange_weak(*first, *first + *rows));
  return true;
}

std::size_t Ranking::piece_rows(std::size_t first) const {
  const std::size_t left = rows_ - first;
  std::size_t in_tile = tile_ - first % tile_;
  if (in_tile > left) in_tile = left;
  if (tasks_ == 1) return in_tile;
  // Pieces become smaller towards the end, so that all threads end at about the same time.
  std::size_t rows = left / tasks_ / kMinPiece * kMinPiece;
  if (rows < kMinPiece) rows = kMinPiece;
  return rows + 1 < in_tile ? rows : in_tile;  // never leaves a single row
}

augur_status Ranking::attend(std::size_t row, std::size_t sequence, AttentionWeights* weights,
                             Fault& error) {
  Slot& slot = slots_[0];
  slot.columns.follow(*columns_);
  slot.columns.skip(row);
  slot.candidates.min_rows = 1;
  const augur_status status = network_->attend(*model_, *user_, next_rows(&slot.columns, 1), row,
                                               sequence, &slot.candidates, weights, error);
  return explain(slot, status, row, error);
}

void Ranking::warm_up() {
  Fault error;
  for (const std::size_t rows : {std::min(tile_, kMaxLanes), std::size_t{1}})
    (void)network_->forward_candidates(*model_, *user_, zero_rows(rows), 0, &slots_[0].candidates,
                                       error);
}

}  // namespace augur
