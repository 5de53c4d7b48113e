// What every contender does: it reads the request, answers it once to be checked, and then measures
// when it is told to.
//
// A contender is a process of its own. It prints
//
//   ready ERROR MODEL_KB REQUEST_KB    largest |score - expected|; how much its memory grew when
//   the model was made, and
//                                      at most by the end of the first requests
//
// and then answers each line "measure REQUESTS LEAST_SECONDS MOST_SECONDS" of its input with
//
//   times MEDIAN LEAST COUNT           microseconds of one request, and how many were timed
//
// until the input ends. It ends a measurement when it has made so many requests and LEAST_SECONDS
// have passed, or after MOST_SECONDS, but never before three requests.
//
// The file of inputs has, without gaps: int64 ids of the user, T items and T categories of the
// history, N items and N categories of the candidates; the vectors of the same as f32, [T, H], [N,
// H] and [18]; and the N expected scores in f64.
#pragma once

#include <time.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

namespace augur::compare {

constexpr std::size_t kUserWidth = 18;

struct Inputs {
  std::size_t hidden = 0, steps = 0, candidates = 0;
  std::vector<std::int64_t> user_id, history_item, history_category, item, category;
  std::vector<float> history, candidate, user;
  std::vector<double> expected;
};

[[noreturn]] inline void fail(const std::string& message) {
  std::fprintf(stderr, "%s\n", message.c_str());
  std::exit(1);
}

template <typename T>
void read(std::istream& file, std::vector<T>& values, std::size_t count) {
  values.resize(count);
  file.read(reinterpret_cast<char*>(values.data()),
            static_cast<std::streamsize>(count * sizeof(T)));
}

inline Inputs read_inputs(const char* path, std::size_t hidden, std::size_t steps,
                          std::size_t candidates) {
  std::ifstream file(path, std::ios::binary);
  Inputs inputs{hidden, steps, candidates, {}, {}, {}, {}, {}, {}, {}, {}, {}};
  read(file, inputs.user_id, 1);
  read(file, inputs.history_item, steps);
  read(file, inputs.history_category, steps);
  read(file, inputs.item, candidates);
  read(file, inputs.category, candidates);
  read(file, inputs.history, steps * hidden);
  read(file, inputs.candidate, candidates * hidden);
  read(file, inputs.user, kUserWidth);
  read(file, inputs.expected, candidates);
  if (!file) fail(std::string(path) + ": cannot be read");
  return inputs;
}

// What every contender's command line ends with: INPUTS ATTENTION HIDDEN STEPS CANDIDATES CLOCK.
struct Arguments {
  Arguments(int count, char** values) {
    if (count < 7) fail("too few arguments");
    char** last = values + count - 6;
    inputs = last[0];
    attention = last[1];
    hidden = std::strtoul(last[2], nullptr, 10);
    steps = std::strtoul(last[3], nullptr, 10);
    candidates = std::strtoul(last[4], nullptr, 10);
    of_thread = std::strcmp(last[5], "thread") == 0;
  }

  const char* inputs = nullptr;
  std::string attention;
  std::size_t hidden = 0, steps = 0, candidates = 0;
  bool of_thread = false;  // processor time of the thread, which a busy machine hardly changes
};

inline double now(bool of_thread) {
  timespec time = {};
  clock_gettime(of_thread ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

// VmRSS or VmHWM of this process.
inline long memory_kb(const std::string& name) {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);) {
    if (line.compare(0, name.size(), name) == 0)
      return std::strtol(line.c_str() + name.size() + 1, nullptr, 10);
  }
  return 0;
}

// The runtime is loaded and the model is not: memory grows from what is returned.
inline long watch_memory() {
  std::ofstream("/proc/self/clear_refs") << 5;  // forget the highest use of memory so far
  return memory_kb("VmRSS");
}

// `run` answers the request and returns the scores.
template <typename Run>
int contend(const Arguments& arguments, const Inputs& inputs, long memory_before, Run&& run) {
  const long made = memory_kb("VmRSS") - memory_before;
  const float* found = run();
  double error = 0;
  for (std::size_t i = 0; i < inputs.expected.size(); ++i) {
    const double difference = std::abs(static_cast<double>(found[i]) - inputs.expected[i]);
    error = difference <= error ? error : difference;  // a NaN stays
  }
  for (int i = 0; i < 3; ++i)
    run();
  std::printf("ready %.3e %ld %ld\n", error, made, memory_kb("VmHWM") - memory_before);
  std::fflush(stdout);
  std::vector<double> times;
  std::string command;
  std::size_t requests = 0;
  double least = 0, most = 0;
  while (std::cin >> command >> requests >> least >> most) {
    run();
    times.clear();
    const double begin = now(arguments.of_thread);
    double last = begin;
    while (times.size() < 3 ||
           (last - begin < most && (times.size() < requests || last - begin < least))) {
      run();
      const double end = now(arguments.of_thread);
      times.push_back(end - last);
      last = end;
    }
    std::sort(times.begin(), times.end());
    std::printf("times %.3f %.3f %zu\n", times[times.size() / 2] * 1e6, times[0] * 1e6,
                times.size());
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace augur::compare
