// Measures a model on this machine; see measure.h.
#include "augur-bench/measure.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <thread>

#include "common/command.h"
#include "common/percentile.h"
#include "error.h"

namespace augur::bench {
namespace {

constexpr size_t kColdRuns = 21;
constexpr size_t kMinRuns = 20;
constexpr size_t kMaxRuns = 200000;
// Appended one after the other, then from the first again.
constexpr size_t kNewEvents = 64;

template <typename Work>
double time_of(Work work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

template <typename Work>
double cold_median(Work work) {
  std::vector<double> times;
  for (size_t i = 0; i < kColdRuns; ++i)
    times.push_back(work());
  return percentile(times, 0.5);
}

// Repeats `work`, until `seconds` are over, after a tenth of that for warming up.
template <typename Work>
std::vector<double> repeat(double seconds, Work work) {
  for (double spent = 0; spent < seconds / 10;)
    spent += time_of(work);
  std::vector<double> times;
  double spent = 0;
  while ((spent < seconds || times.size() < kMinRuns) && times.size() < kMaxRuns) {
    times.push_back(time_of(work));
    spent += times.back();
  }
  return times;
}

Times summarise(std::vector<double> times) {
  Times summary;
  summary.runs = times.size();
  summary.median = percentile(times, 0.5);
  summary.p90 = percentile(times, 0.9);
  summary.min = percentile(times, 0);
  return summary;
}

class Session {
 public:
  Session(const augur_model& model, uint32_t max_history) {
    augur_session_options options = {};
    options.struct_size = sizeof options;
    options.max_history = max_history;
    augur_error error = {};
    error.struct_size = sizeof error;
    if (augur_session_create(&model, &options, nullptr, 0, &session_, &error) != AUGUR_OK) {
      throw Error(std::string("a session cannot be made: ") + error.message);
    }
  }
  ~Session() { augur_session_destroy(session_); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  augur_session* get() const { return session_; }
  void check(augur_status status) const {
    if (status != AUGUR_OK) throw Error(augur_session_error(session_));
  }

 private:
  augur_session* session_ = nullptr;
};

// One case's inputs, and what is done with them.
class Case {
 public:
  Case(const Declared& declared, const augur_model& model, uint32_t history, size_t candidates,
       Random& random)
      : declared_(declared),
        model_(model),
        history_(history),
        user_(declared.features, 1, random),
        offers_(declared.candidates, candidates, random) {
    for (const Declared::Stack& stack : declared.stacks) {
      events_.emplace_back(stack.fields, std::min(history, stack.max_history), random);
      for (size_t i = 0; i < kNewEvents; ++i)
        new_events_.emplace_back(stack.fields, 1, random);
    }
  }

  void set_user(const Session& session) const {
    for (size_t f = 0; f < user_.size(); ++f) {
      session.check(augur_session_set_feature(session.get(), user_.data() + f));
    }
    for (size_t s = 0; s < events_.size(); ++s) {
      session.check(augur_session_set_history(session.get(), declared_.stacks[s].name.c_str(),
                                              events_[s].data(), events_[s].size(),
                                              events_[s].rows()));
    }
  }

  void rank(const Session& session, std::vector<float>& scores) const {
    session.check(augur_rank(session.get(), offers_.data(), offers_.size(), offers_.rows(),
                             scores.data(), nullptr));
  }

  void append(const Session& session, size_t turn) const {
    for (size_t s = 0; s < events_.size(); ++s) {
      const RandomColumns& event = new_events_[s * kNewEvents + turn % kNewEvents];
      session.check(augur_session_append(session.get(), declared_.stacks[s].name.c_str(),
                                         event.data(), event.size(), 1));
    }
  }

  CaseResult run(const BenchOptions& options) const {
    // A session that keeps as many events as there are has a full window. Without events it is one
    // of the model's own limit, and stays empty.
    CaseResult result;
    result.history = history_;
    result.candidates = offers_.rows();
    augur_session_options session_options = {};
    session_options.struct_size = sizeof session_options;
    session_options.max_history = history_;
    result.session_bytes = augur_session_bytes(&model_, &session_options);
    result.first = cold_median([&] {
      const Session session(model_, history_);
      std::vector<float> scores(offers_.rows());
      set_user(session);
      return time_of([&] { rank(session, scores); });
    });
    std::vector<double> ranks;
    std::vector<double> appends;
    run_threads(options, ranks, appends);
    result.rank = summarise(std::move(ranks));
    result.append = summarise(std::move(appends));
    return result;
  }

 private:
  // The steady figures, on all threads at once.
  void run_threads(const BenchOptions& options, std::vector<double>& ranks,
                   std::vector<double>& appends) const {
    std::vector<std::vector<double>> rank_times(options.threads);
    std::vector<std::vector<double>> append_times(options.threads);
    std::vector<std::exception_ptr> failures(options.threads);
    std::atomic<size_t> waiting{2 * options.threads};
    // Each figure begins when every thread has come to it.
    const auto meet = [&](size_t left) {
      --waiting;
      while (waiting > left)
        std::this_thread::yield();
    };
    const auto work = [&](size_t thread) {
      size_t met = 0;
      try {
        const Session session(model_, history_);
        std::vector<float> scores(offers_.rows());
        set_user(session);
        rank(session, scores);
        meet(options.threads);
        ++met;
        rank_times[thread] = repeat(options.seconds, [&] { rank(session, scores); });
        meet(0);
        ++met;
        if (history_ > 0) {
          append_times[thread] = repeat(options.seconds, [&, turn = size_t{0}]() mutable {
            append(session, turn++);
            rank(session, scores);
          });
        }
      } catch (...) {
        failures[thread] = std::current_exception();
        waiting -= 2 - met;
      }
    };
    std::vector<std::thread> threads;
    for (size_t t = 1; t < options.threads; ++t)
      threads.emplace_back(work, t);
    work(0);
    for (std::thread& thread : threads)
      thread.join();
    for (size_t t = 0; t < options.threads; ++t) {
      if (failures[t]) std::rethrow_exception(failures[t]);
      ranks.insert(ranks.end(), rank_times[t].begin(), rank_times[t].end());
      appends.insert(appends.end(), append_times[t].begin(), append_times[t].end());
    }
  }

  const Declared& declared_;
  const augur_model& model_;
  uint32_t history_;
  RandomColumns user_;
  RandomColumns offers_;
  std::vector<RandomColumns> events_;      // one a stack
  std::vector<RandomColumns> new_events_;  // kNewEvents a stack
};

}  // namespace

BenchResult measure(const BenchOptions& options, const augur_model& model) {
  BenchResult result;
  result.declared = read_declared(model);
  const uint32_t limit = result.declared.max_history();
  std::vector<uint32_t> histories;
  for (const uint32_t asked : options.history) {
    if (asked > limit) result.clamped.push_back(asked);
    const uint32_t history = std::min(asked, limit);
    if (std::find(histories.begin(), histories.end(), history) == histories.end()) {
      histories.push_back(history);
    }
  }
  result.open = cold_median([&] { return time_of([&] { const OpenModel again(options.model); }); });
  result.create = cold_median([&] { return time_of([&] { const Session session(model, 0); }); });
  Random random(options.seed);
  for (const uint32_t history : histories) {
    for (const size_t candidates : options.candidates) {
      const Case one(result.declared, model, history, candidates, random);
      result.cases.push_back(one.run(options));
    }
  }
  return result;
}

}  // namespace augur::bench
