// One case of a measurement; see case.h.
#include "augur-bench/case.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <thread>
#include <utility>

#include "common/threads.h"
#include "error.h"

namespace augur::bench {
namespace {

// So many different events are appended in turn; after the last comes the first again.
constexpr size_t kNewEvents = 64;

}  // namespace

augur_session_options session_options(const BenchOptions& asked, uint32_t max_history,
                                      uint32_t threads) {
  augur_session_options options = {};
  options.struct_size = sizeof options;
  options.max_history = max_history;
  options.tile = asked.tile;
  options.threads = threads;
  return options;
}

Session::Session(const augur_model& model, const augur_session_options& options) {
  augur_error error = {};
  error.struct_size = sizeof error;
  if (augur_session_create(&model, &options, nullptr, 0, &session_, &error) != AUGUR_OK) {
    throw Error(std::string("a session cannot be made: ") + error.message);
  }
}

void Session::check(augur_status status, const std::string& request) const {
  if (status == AUGUR_OK) return;
  throw Error(request + ": " + augur_session_error(session_) + " (" + augur_status_name(status) +
              ")");
}

Case::Case(const BenchResult& result, const BenchOptions& options, uint32_t history,
           size_t candidates)
    : Case(result, options, history, candidates, Random(options.seed)) {}

Case::Case(const BenchResult& result, const BenchOptions& options, uint32_t history,
           size_t candidates, Random random)
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

std::string Case::name() const {
  return "the random request with a history of " + std::to_string(history_) + " and " +
         std::to_string(offers_.rows()) + " candidates (seed " + std::to_string(options_.seed) +
         ")";
}

// The session keeps exactly as many events as there are, so that its window is full. If there are
// none, the session has the model's own limit and stays empty.
augur_session_options Case::session_of(uint32_t threads) const {
  return session_options(options_, history_, threads);
}

void Case::set_user(const Session& session) const {
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

void Case::rank(const Session& session, std::vector<float>& scores) const {
  session.check(augur_rank(session.get(), offers_.data(), offers_.size(), offers_.rows(),
                           scores.data(), nullptr),
                name());
}

void Case::append(const Session& session, size_t turn) const {
  for (size_t s = 0; s < events_.size(); ++s) {
    const RandomColumns& event = new_events_[s * kNewEvents + turn % kNewEvents];
    session.check(augur_session_append(session.get(), declared_.sequences[s].name.c_str(),
                                       event.data(), event.size(), 1),
                  name());
  }
}

void Case::start(const augur_model& model, ColdStart& times) const {
  std::unique_ptr<const Session> session;
  const augur_session_options options = session_of(options_.threads.front());
  times.create = time_of([&] { session = std::make_unique<const Session>(model, options); });
  std::vector<float> scores(offers_.rows());
  set_user(*session);
  times.rank = time_of([&] { rank(*session, scores); });
}

std::vector<CaseResult> Case::run(const augur_model& model) const {
  std::vector<CaseResult> results;
  for (const uint32_t threads : options_.threads) {
    CaseResult result;
    result.history = history_;
    result.candidates = offers_.rows();
    result.threads = threads;
    const augur_session_options session_options = session_of(threads);
    result.session_bytes = augur_session_bytes(&model, &session_options);
    std::vector<float> scores(offers_.rows());
    std::vector<double> new_user;
    result.first = cold_median([&] {
      const OpenModel opened(options_.model, options_.tables);
      const Session session(opened.get(), session_options);
      set_user(session);
      const double first = time_of([&] { rank(session, scores); });
      set_user(session);
      new_user.push_back(time_of([&] { rank(session, scores); }));
      return first;
    });
    result.new_user = percentile(new_user, 0.5);
    result.scores = digest_of(scores);
    results.push_back(std::move(result));
  }
  SteadyTimes all(options_);
  run_sessions(model, all);
  for (size_t i = 0; i < results.size(); ++i) {
    results[i].rank = summarise(std::move(all.ranks[i]));
    results[i].append = summarise(std::move(all.appends[i]));
  }
  return results;
}

void Case::run_sessions(const augur_model& model, SteadyTimes& all) const {
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
      repeat(options_.repetition, sessions.size(), times[index].ranks,
             [&](size_t i) { rank(*sessions[i], scores); });
      meet(0);
      ++met;
      if (history_ > 0) {
        repeat(options_.repetition, sessions.size(), times[index].appends,
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

}  // namespace augur::bench
