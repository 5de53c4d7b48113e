// Turns the lines of a request file into lines of answers; see worker.h.
#include "augur-rank/worker.h"

#include <algorithm>
#include <exception>

namespace augur::bench {

Worker::Worker(const Job& job) : job_(job), scorer_(job.model, job.fields), request_(job.fields) {}

void Worker::run(Task& task) {
  task.answer.clear();
  task.error.clear();
  try {
    rank(task);
  } catch (const std::bad_alloc&) {
    task.error = task.where + ": there is not enough memory";
  } catch (const std::exception& error) {
    task.error = error.what();
  }
}

void Worker::rank(Task& task) {
  requests::parse_request(task.line, task.where, job_.fields, request_);
  const bool labelled = !job_.options.labels.empty();
  task.candidates = request_.candidates.row_count();
  if (labelled) {
    task.id = request_.id;
    task.clicked =
        requests::labels_of(job_.labels, request_.id, task.candidates, task.where).clicked;
  }
  if (job_.options.each) {
    scorer_.rank_each(request_, answer_);
  } else {
    scorer_.rank(request_, answer_);
  }
  task.seconds = scorer_.seconds();
  if (labelled) task.logits = answer_.logits;
  leave_out_unusable(task);
  if (job_.options.top > 0) requests::keep_best(answer_, job_.options.top);
  if (job_.options.explain) scorer_.explain(request_, answer_);
  requests::append_json_line(answer_, task.answer);
}

void Worker::leave_out_unusable(Task& task) const {
  task.unusable = 0;
  if (answer_.statuses.empty()) return;
  size_t kept = 0;
  for (size_t i = 0; i < task.candidates; ++i) {
    if (!answer_.is_usable(i)) continue;
    if (!task.logits.empty()) {
      task.logits[kept] = task.logits[i];
      task.clicked[kept] = task.clicked[i];
    }
    ++kept;
  }
  task.unusable = task.candidates - kept;
  if (!task.logits.empty()) {
    task.logits.resize(kept);
    task.clicked.resize(kept);
  }
}

}  // namespace augur::bench
