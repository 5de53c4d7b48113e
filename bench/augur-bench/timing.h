// Times calls: once each, or many of them back to back or at a pace.
#pragma once

#include <chrono>
#include <cstddef>
#include <thread>
#include <vector>

#include "common/percentile.h"

namespace augur::bench {

// Durations of many calls, in seconds.
struct Times {
  double median = 0;
  double p90 = 0;
  double p99 = 0;
  double min = 0;
  size_t calls = 0;
};

// How often calls are repeated, and how fast they follow each other.
struct Repetition {
  double seconds = 0.5;  // spent on each figure, pauses included, if `calls` is 0
  size_t calls = 0;      // so many are timed; 0: as many as `seconds` allow, within limits
  double pace = 0;       // seconds from one call's begin to the next one's; 0: back to back
};

inline double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

template <typename Work>
double time_of(Work work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return seconds_since(begin);
}

// Lets calls begin at a pace. The thread sleeps until the next one is due, so that the core may
// lower its clock, as it does in an app. After a call that took longer the next one begins at once.
class Pacer {
 public:
  explicit Pacer(double pace)
      : pace_(std::chrono::duration_cast<std::chrono::steady_clock::duration>(
            std::chrono::duration<double>(pace))),
        due_(std::chrono::steady_clock::now()) {}

  void wait() {
    if (pace_.count() == 0) return;
    due_ += pace_;
    const auto now = std::chrono::steady_clock::now();
    if (due_ > now) {
      std::this_thread::sleep_until(due_);
    } else {
      due_ = now;
    }
  }

 private:
  std::chrono::steady_clock::duration pace_;
  std::chrono::steady_clock::time_point due_;
};

// Calls work(0) ... work(count - 1) in turn, as often as `asked` says for each, after a tenth of
// that for warming up. Appends the duration of each call of work(i) to times[i].
template <typename Work>
void repeat(const Repetition& asked, size_t count, std::vector<std::vector<double>>& times,
            Work work) {
  constexpr size_t kMinCalls = 20;
  constexpr size_t kMaxCalls = 200000;
  const double seconds = asked.seconds * static_cast<double>(count);
  const auto is_done = [&](size_t rounds, double spent, double share) {
    if (asked.calls > 0)
      return static_cast<double>(rounds) >= share * static_cast<double>(asked.calls);
    return spent >= share * seconds;
  };
  Pacer pacer(asked.pace);
  auto begin = std::chrono::steady_clock::now();
  for (size_t round = 0; !is_done(round, seconds_since(begin), 0.1); ++round) {
    for (size_t i = 0; i < count; ++i) {
      pacer.wait();
      work(i);
    }
  }
  begin = std::chrono::steady_clock::now();
  const size_t least = asked.calls > 0 ? asked.calls : kMinCalls;
  for (size_t round = 0;
       (round < least || !is_done(round, seconds_since(begin), 1)) && round < kMaxCalls; ++round) {
    for (size_t i = 0; i < count; ++i) {
      pacer.wait();
      times[i].push_back(time_of([&] { work(i); }));
    }
  }
}

inline Times summarise(std::vector<double> times) {
  Times summary;
  summary.calls = times.size();
  summary.median = percentile(times, 0.5);
  summary.p90 = percentile(times, 0.9);
  summary.p99 = percentile(times, 0.99);
  summary.min = percentile(times, 0);
  return summary;
}

// The median of 21 values of work().
template <typename Work>
double cold_median(Work work) {
  constexpr size_t kColdRuns = 21;
  std::vector<double> times;
  for (size_t i = 0; i < kColdRuns; ++i)
    times.push_back(work());
  return percentile(times, 0.5);
}

}  // namespace augur::bench
