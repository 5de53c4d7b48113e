// Measures a model on this machine; see measure.h.
#include "augur-bench/measure.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <memory>
#include <thread>

#include "common/percentile.h"
#include "common/threads.h"
#include "error.h"

namespace augur::bench {
namespace {

constexpr size_t kColdRuns = 21;
constexpr size_t kMinRuns = 20;
constexpr size_t kMaxRuns = 200000;
// So many different events are appended in turn; after the last comes the first again.
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

// Calls work(0) ... work(count - 1) in turn until `seconds` have been spent on each, after a tenth
// of that time for warming up. Appends the duration of each call of work(i) to times[i].
template <typename Work>
void repeat(double seconds, size_t count, std::vector<std::vector<double>>& times, Work work) {
  seconds *= static_cast<double>(count);
  for (double spent = 0; spent < seconds / 10;) {
    for (size_t i = 0; i < count; ++i)
      spent += time_of([&] { work(i); });
  }
  double spent = 0;
  for (size_t runs = 0; (spent < seconds || runs < kMinRuns) && runs < kMaxRuns; ++runs) {
    for (size_t i = 0; i < count; ++i) {
      times[i].push_back(time_of([&] { work(i); }));
      spent += times[i].back();
    }
  }
}

Times summarise(std::vector<double> times) {
  Times summary;
  summary.runs = times.size();
  summary.median = percentile(times, 0.5);
  summary.p90 = percentile(times, 0.9);
  summary.min = percentile(times, 0);
  return summary;
}

augur_session_options session_options(const BenchOptions& asked, uint32_t max_history,
                                      uint32_t threads) {
  augur_session_options options = {};
  options.struct_size = sizeof options;
  options.max_history = max_history;
  options.tile = asked.tile;
  options.threads = threads;
  return options;
}

class Session {
 public:
  Session(const augur_model& model, const augur_session_options& options) {
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
  // `request` goes into the message of an error.
  void check(augur_status status, const std::string& request) const {
    if (status == AUGUR_OK) return;
    throw Error(request + ": " + augur_session_error(session_) + " (" + augur_status_name(status) +
                ")");
  }

 private:
  augur_session* session_ = nullptr;
};

// The inputs of one case (a number of candidates and events), and the calls that are measured.
class Case {
 public:
  Case(const BenchResult& result, const BenchOptions& options, uint32_t history, size_t candidates,
       Random& random)
      : declared_(result.declared),
        options_(options),
        history_(history),
        user_(declared_.features, 1, random, result.keys),
        offers_(declared_.candidates, candidates, random, result.keys) {
    for (const Declared::Sequence& sequence : declared_.sequences) {
      events_.emplace_back(sequence.fields, std::min(history, sequence.max_history), random,
                           result.keys);
      for (size_t i = 0; i < kNewEvents; ++i)
        new_events_.emplace_back(sequence.fields, 1, random, result.keys);
    }
  }

  void set_user(const Session& session) const {
    for (size_t f = 0; f < user_.size(); ++f) {
      session.check(augur_session_set_feature(session.get(), user_.data() + f), name());
    }
    for (size_t s = 0; s < events_.size(); ++s) {
      session.check(
          augur_session_set_history(session.get(), declared_.sequences[s].name.c_str(),
                                    events_[s].data(), events_[s].size(), events_[s].rows()),
          name());
    }
  }

  void rank(const Session& session, std::vector<float>& scores) const {
    session.check(augur_rank(session.get(), offers_.data(), offers_.size(), offers_.rows(),
                             scores.data(), nullptr),
                  name());
  }

  void append(const Session& session, size_t turn) const {
    for (size_t s = 0; s < events_.size(); ++s) {
      const RandomColumns& event = new_events_[s * kNewEvents + turn % kNewEvents];
      session.check(augur_session_append(session.get(), declared_.sequences[s].name.c_str(),
                                         event.data(), event.size(), 1),
                    name());
    }
  }

  // Measures the first session of a model that was just opened.
  void start(const augur_model& model, ColdStart& times) const {
    std::unique_ptr<const Session> session;
    const augur_session_options options = session_of(options_.threads.front());
    times.create = time_of([&] { session = std::make_unique<const Session>(model, options); });
    std::vector<float> scores(offers_.rows());
    set_user(*session);
    times.rank = time_of([&] { rank(*session, scores); });
  }

  // One result for each number of threads.
  std::vector<CaseResult> run(const augur_model& model) const {
    std::vector<CaseResult> results;
    for (const uint32_t threads : options_.threads) {
      CaseResult result;
      result.history = history_;
      result.candidates = offers_.rows();
      result.threads = threads;
      const augur_session_options session_options = session_of(threads);
      result.session_bytes = augur_session_bytes(&model, &session_options);
      std::vector<double> new_user;
      result.first = cold_median([&] {
        const OpenModel opened(options_.model, options_.tables);
        const Session session(opened.get(), session_options);
        std::vector<float> scores(offers_.rows());
        set_user(session);
        const double first = time_of([&] { rank(session, scores); });
        set_user(session);
        new_user.push_back(time_of([&] { rank(session, scores); }));
        return first;
      });
      result.new_user = percentile(new_user, 0.5);
      results.push_back(result);
    }
    SteadyTimes all(options_);
    run_sessions(model, all);
    for (size_t i = 0; i < results.size(); ++i) {
      results[i].rank = summarise(std::move(all.ranks[i]));
      results[i].append = summarise(std::move(all.appends[i]));
    }
    return results;
  }

 private:
  // Names the request in messages.
  std::string name() const {
    return "the random request with a history of " + std::to_string(history_) + " and " +
           std::to_string(offers_.rows()) + " candidates (seed " + std::to_string(options_.seed) +
           ")";
  }

  // The session keeps exactly as many events as there are, so that its window is full. If there are
  // none, the session has the model's own limit and stays empty.
  augur_session_options session_of(uint32_t threads) const {
    return session_options(options_, history_, threads);
  }

  // Durations for each number of threads, in seconds.
  struct SteadyTimes {
    explicit SteadyTimes(const BenchOptions& options)
        : ranks(options.threads.size()), appends(options.threads.size()) {}
    std::vector<std::vector<double>> ranks;
    std::vector<std::vector<double>> appends;
  };

  // Measures repeated calls, in all sessions at the same time.
  void run_sessions(const augur_model& model, SteadyTimes& all) const {
    std::vector<SteadyTimes> times(options_.sessions, SteadyTimes(options_));
    std::vector<std::exception_ptr> failures(options_.sessions);
    std::atomic<size_t> waiting{2 * options_.sessions};
    // All threads wait here, so that they measure the same thing at the same time.
    const auto meet = [&](size_t left) {
      --waiting;
      while (waiting > left)
        std::this_thread::yield();
    };
    const auto work = [&](size_t index) {
      size_t met = 0;
      try {
        std::vector<std::unique_ptr<Session>> sessions;
        std::vector<float> scores(offers_.rows());
        for (const uint32_t threads : options_.threads) {
          sessions.push_back(std::make_unique<Session>(model, session_of(threads)));
          set_user(*sessions.back());
          rank(*sessions.back(), scores);
        }
        meet(options_.sessions);
        ++met;
        repeat(options_.seconds, sessions.size(), times[index].ranks,
               [&](size_t i) { rank(*sessions[i], scores); });
        meet(0);
        ++met;
        if (history_ > 0) {
          repeat(options_.seconds, sessions.size(), times[index].appends,
                 [&, turn = size_t{0}](size_t i) mutable {
                   append(*sessions[i], turn++);
                   rank(*sessions[i], scores);
                 });
        }
      } catch (...) {
        failures[index] = std::current_exception();
        waiting -= 2 - met;
      }
    };
    run_on_threads("--sessions", options_.sessions, work,
                   [&](size_t missing) { waiting -= 2 * missing; });
    for (const std::exception_ptr& failure : failures) {
      if (failure) std::rethrow_exception(failure);
    }
    const auto gather = [](const std::vector<std::vector<double>>& from,
                           std::vector<std::vector<double>>& to) {
      for (size_t i = 0; i < from.size(); ++i)
        to[i].insert(to[i].end(), from[i].begin(), from[i].end());
    };
    for (const SteadyTimes& one : times) {
      gather(one.ranks, all.ranks);
      gather(one.appends, all.appends);
    }
  }

  const Declared& declared_;
  const BenchOptions& options_;
  uint32_t history_;
  RandomColumns user_;
  RandomColumns offers_;
  std::vector<RandomColumns> events_;      // one for each sequence
  std::vector<RandomColumns> new_events_;  // kNewEvents for each sequence
};

}  // namespace

BenchResult measure(const BenchOptions& options) {
  BenchResult result;
  const auto open = [&] {
    return std::make_unique<const OpenModel>(options.model, options.tables);
  };
  result.cold.open = time_of([&] { result.model = open(); });
  const augur_model& model = result.model->get();
  result.rows_remarks = check_rows(model, options.tables);
  result.declared = read_declared(model);
  result.keys = read_keys(model, options.keys);
  const uint32_t limit = result.declared.max_history();
  std::vector<uint32_t> histories;
  for (const uint32_t asked : options.history) {
    if (asked > limit) result.clamped.push_back(asked);
    const uint32_t history = std::min(asked, limit);
    if (std::find(histories.begin(), histories.end(), history) == histories.end()) {
      histories.push_back(history);
    }
  }
  Random random(options.seed);
  for (const uint32_t history : histories) {
    for (const size_t candidates : options.candidates) {
      const Case one(result, options, history, candidates, random);
      if (result.cases.empty()) one.start(model, result.cold);
      for (const CaseResult& measured : one.run(model))
        result.cases.push_back(measured);
    }
  }
  result.open = cold_median([&] { return time_of([&] { const auto again = open(); }); });
  result.create = cold_median([&] {
    const auto opened = open();
    return time_of([&] { const Session session(opened->get(), session_options(options, 0, 1)); });
  });
  result.lookups = measure_lookups(model, result.keys, options.seconds, random);
  return result;
}

}  // namespace augur::bench
