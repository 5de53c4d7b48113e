// Ranks the candidates of every request of a file; see rank.h.
#include "augur-rank/rank.h"

#include <unistd.h>

#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <unordered_set>

#include "augur-rank/pipeline.h"
#include "augur-rank/progress.h"
#include "augur-rank/worker.h"
#include "common/open_model.h"
#include "common/percentile.h"
#include "error.h"
#include "requests/json_lines.h"
#include "requests/measures.h"
#include "text/file.h"
#include "text/text.h"
#include "write/output_file.h"

namespace augur::bench {
namespace {

// Collects what --labels and --stats print at the end.
class Summary {
 public:
  explicit Summary(const RankOptions& options) : options_(options) {}

  void add(const Task& task) {
    ++requests_;
    candidates_ += task.candidates;
    unusable_ += task.unusable;
    if (task.unusable > 0 && first_unusable_.empty()) first_unusable_ = task.where;
    if (options_.stats) seconds_.push_back(task.seconds);
    if (options_.labels.empty()) return;
    asked_.insert(task.id);
    logits_.insert(logits_.end(), task.logits.begin(), task.logits.end());
    clicked_.insert(clicked_.end(), task.clicked.begin(), task.clicked.end());
    groups_.add_group(task.logits, task.clicked);
  }

  // Says which labels belong to no request.
  void print_not_asked(const requests::ById<requests::Labels>& labels) const {
    const std::string text =
        requests::not_asked(labels, asked_, options_.labels, options_.requests);
    if (!text.empty()) print_warning("augur-rank", text);
  }

  void print() {
    if (unusable_ > 0) {
      print_warning("augur-rank", std::to_string(unusable_) + " of " +
                                      count_text(candidates_, "candidate") +
                                      " could not be scored; the first in " + first_unusable_);
    }
    if (!options_.labels.empty()) print_auc();
    if (options_.stats) print_stats();
  }

 private:
  void print_auc() const {
    size_t clicks = 0;
    for (const uint8_t clicked : clicked_)
      clicks += clicked;
    const double area = requests::area_under_curve(logits_, clicked_);
    if (std::isnan(area)) {
      std::fprintf(stderr, "AUC is not defined: %zu of %zu candidates were clicked\n", clicks,
                   clicked_.size());
      return;
    }
    std::fprintf(stderr, "AUC %.6f (%zu candidates, %zu clicked)\n", area, clicked_.size(), clicks);
    if (groups_.groups() == 0) return;
    std::fprintf(stderr, "AUC within requests %.6f (%zu requests with both kinds)\n",
                 groups_.value(), groups_.groups());
  }

  void print_stats() {
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin_;
    std::fprintf(stderr,
                 "%zu requests, %zu candidates; %.1f µs a request in the runtime (median), %.2f s "
                 "in all, %zu %s\n",
                 requests_, candidates_, percentile(seconds_, 0.5) * 1e6, elapsed.count(),
                 options_.threads, options_.threads == 1 ? "thread" : "threads");
  }

  const RankOptions& options_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  size_t requests_ = 0;
  size_t candidates_ = 0;
  size_t unusable_ = 0;  // of them
  std::string first_unusable_;
  std::vector<double> seconds_;
  std::unordered_set<std::string> asked_;  // with labels: the requests' ids
  std::vector<float> logits_;
  std::vector<uint8_t> clicked_;
  requests::GroupedAuc groups_;
};

// Whether somebody watches a terminal on which nothing else appears meanwhile.
bool is_watched(const RankOptions& options) {
  const bool answers_appear = options.out.empty() && isatty(STDOUT_FILENO) == 1;
  const bool requests_appear = options.requests == "-" && isatty(STDIN_FILENO) == 1;
  return isatty(STDERR_FILENO) == 1 && !answers_appear && !requests_appear;
}

// 0 if it is unknown, as that of a pipe is.
size_t size_of(const std::string& requests) {
  std::error_code unknown;
  const std::uintmax_t size = std::filesystem::file_size(requests, unknown);
  return unknown ? 0 : static_cast<size_t>(size);
}

}  // namespace

void rank_requests(const RankOptions& options) {
  const OpenModel model(options.model, options.tables);
  for (const std::string& remark : check_rows(model.get(), options.tables))
    print_warning("augur-rank", remark);
  Job job{options, model.get(), requests::declared_fields(model.get()), {}};
  if (!options.labels.empty()) requests::require_click_model(model.get(), options.model);
  requests::LineReader lines(options.requests);
  if (!options.labels.empty()) job.labels = requests::read_labels(options.labels);
  std::vector<std::unique_ptr<Worker>> workers;
  for (size_t i = 0; i < options.threads; ++i)
    workers.push_back(std::make_unique<Worker>(job));
  require_distinct({{"the model", options.model},
                    {"--requests", options.requests},
                    {"--labels", options.labels}},
                   {{"--out", options.out}});
  OutputFile out(options.out);
  Summary summary(options);

  {
    Progress progress(is_watched(options), size_of(options.requests));
    Pipeline pipeline(
        [&](Task& task) {
          std::string_view line;
          if (!lines.next(line)) return false;
          task.line = line;
          task.where = lines.where();
          return true;
        },
        [&](const Task& task) {
          out.write(task.answer);
          summary.add(task);
          progress.add(task.line.size() + 1);
        },
        [&] {
          if (options.requests == "-") out.flush();
          progress.draw();
        });
    pipeline.run(workers);
  }
  out.finish();
  summary.print_not_asked(job.labels);
  summary.print();
}

}  // namespace augur::bench
