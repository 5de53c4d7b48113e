// Handing candidates out to threads, and gathering what comes of it.
#include "session/ranker.h"

#include <algorithm>
#include <cstdint>

namespace augur {
namespace {

// Smaller pieces are not worth while; a multiple of this fills every processor's vectors.
constexpr std::size_t kMinPiece = 16;
// What each thread must have to do, or waking it takes longer than it saves: in steps of one
// candidate, of which its head counts for some. That many take some 20 to 150 µs.
constexpr std::size_t kMinWork = 1024;
constexpr std::size_t kHeadWork = 8;

}  // namespace

augur_status Ranker::create(const Network& network, const UserPart& user, const Columns& columns,
                            std::size_t tile, std::size_t threads, Arena& arena, Fault& error) {
  user_ = &user;
  columns_ = &columns;
  tile_ = tile;
  workers_ = arena.array<Worker>(threads);
  if (workers_.size != threads) return error.fail(AUGUR_OUT_OF_MEMORY, "no memory for a session");
  for (Worker& worker : workers_) {
    AUGUR_TRY(worker.columns.create_beside(columns, arena, error));
    AUGUR_TRY(worker.scorer.create(network, user, tile, arena, error));
  }
  return helpers_.create(threads - 1, arena, error);
}

augur_status Ranker::score(Take take, void* context, Fault& error) {
  take_ = take;
  context_ = context;
  next_ = 0;
  sharers_ = count_sharers();
  for (Worker& worker : workers_)
    worker.status = AUGUR_OK;
  if (sharers_ > 1) {
    helpers_.run(
        sharers_ - 1,
        [](void* self, std::size_t worker) {
          auto* ranker = static_cast<Ranker*>(self);
          ranker->work(ranker->workers_[worker]);
        },
        this);
  } else {
    work(workers_[0]);
  }
  const Worker* first_failed = nullptr;
  for (const Worker& worker : workers_) {
    if (worker.status != AUGUR_OK &&
        (first_failed == nullptr || worker.failed_at < first_failed->failed_at))
      first_failed = &worker;
  }
  if (first_failed == nullptr) return AUGUR_OK;
  error = first_failed->error;
  return first_failed->status;
}

std::size_t Ranker::count_sharers() const {
  const std::uint64_t rows = columns_->rows();
  const std::uint64_t work = rows * (user_->steps() + kHeadWork);
  const std::uint64_t most = std::min(rows / kMinPiece, work / kMinWork);
  if (most >= workers_.size) return workers_.size;
  return most == 0 ? 1 : static_cast<std::size_t>(most);
}

void Ranker::work(Worker& worker) {
  worker.columns.follow(*columns_);
  std::size_t first = 0;
  std::size_t rows = 0;
  while (next_piece(&first, &rows)) {
    worker.columns.skip(first - worker.columns.row());
    const float* logits = nullptr;
    worker.status = worker.scorer.score(worker.columns, rows, &logits, worker.error);
    if (worker.status != AUGUR_OK) {
      worker.failed_at = first;
      // No more pieces. All before this one have been handed out, so that the first failure is
      // found whichever thread comes to it.
      next_ = columns_->rows();
      return;
    }
    if (sharers_ > 1) helpers_.lock();
    take_(context_, first, logits, rows);
    if (sharers_ > 1) helpers_.unlock();
  }
}

bool Ranker::next_piece(std::size_t* first, std::size_t* rows) {
  *first = next_;
  do {
    if (*first >= columns_->rows()) return false;
    *rows = piece_rows(*first);
  } while (!next_.compare_exchange_weak(*first, *first + *rows));
  return true;
}

std::size_t Ranker::piece_rows(std::size_t first) const {
  const std::size_t left = columns_->rows() - first;
  std::size_t in_tile = tile_ - first % tile_;
  if (in_tile > left) in_tile = left;
  if (sharers_ == 1) return in_tile;
  // Pieces become smaller as the work runs out, so that all threads end at about the same time.
  std::size_t rows = left / sharers_ / kMinPiece * kMinPiece;
  if (rows < kMinPiece) rows = kMinPiece;
  return rows + 1 < in_tile ? rows : in_tile;  // a single row is not left behind
}

augur_status Ranker::attend(std::size_t row, std::size_t stack, AttentionWeights* weights,
                            Fault& error) {
  Worker& worker = workers_[0];
  worker.columns.follow(*columns_);
  worker.columns.skip(row);
  return worker.scorer.attend(worker.columns, stack, weights, error);
}

}  // namespace augur
