// Measures all contenders (engines) with the same request. In each round every contender runs for a
// short time, one after the other, so that disturbances of the machine affect all of them equally.
// Writes JSON.
//
//   augur-compare cases.json --out results.json [--candidates 1,10,100,500] [--rounds 15] [--only
//   F]
#include <time.h>

#include <CLI/CLI.hpp>

#include <cmath>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "common/percentile.h"
#include "contender.h"
#include "peak/bound.h"
#include "peak/peak.h"

namespace augur::compare {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
  std::string cases, out, only, case_name;
  std::vector<size_t> candidates = {1, 10, 100, 500};
  size_t rounds = 15;
  double block_seconds = 0.02;  // how long one contender runs in one round
  bool thread_time = false;
};

// Elapsed time, or the processor time of this thread, which other programs on a busy machine hardly
// change.
double now(bool of_thread) {
  timespec time = {};
  clock_gettime(of_thread ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

double seconds_of(Contender& contender, bool of_thread) {
  const double begin = now(of_thread);
  contender.run();
  return now(of_thread) - begin;
}

std::unique_ptr<Contender> make(const Json& contender) {
  const std::string engine = contender["engine"];
  const std::string file = contender["file"];
  if (engine == "augur") return make_augur(file);
  if (engine == "torch") return make_torch(file);
  return make_onnxruntime(file, contender.value("repeat_history", false));
}

struct Entry {
  std::string name;
  std::unique_ptr<Contender> contender;
  double worst = 0;  // |score - expected|
  size_t repeats = 1;
  std::vector<double> rounds;  // the median of each round's block
};

double sigmoid(double x) {
  return 1 / (1 + std::exp(-x));
}

Request request_of(const Json& json, size_t candidates) {
  Request request;
  request.user = json["user"];
  request.history_item = json["history_item"].get<Ids>();
  request.history_category = json["history_category"].get<Ids>();
  request.item = json["item"].get<Ids>();
  request.category = json["category"].get<Ids>();
  request.item.resize(candidates);
  request.category.resize(candidates);
  return request;
}

// Checks the answer, warms up, and finds how many runs make a block of block_seconds.
void settle(Entry& entry, const Request& request, const std::vector<double>& logits,
            const Options& options) {
  entry.contender->prepare(request);
  const float* found = entry.contender->run();
  for (size_t i = 0; i < request.item.size(); ++i) {
    entry.worst = std::max(entry.worst,
                           std::abs(sigmoid(static_cast<double>(found[i])) - sigmoid(logits[i])));
  }
  double fastest = 1e9;
  for (int i = 0; i < 5; ++i)
    fastest = std::min(fastest, seconds_of(*entry.contender, options.thread_time));
  entry.repeats = std::max<size_t>(3, static_cast<size_t>(options.block_seconds / fastest));
}

Json measure(const Json& one, size_t candidates, const Options& options) {
  const Request request = request_of(one["request"], candidates);
  const std::vector<double> logits = one["logits"];
  std::vector<Entry> entries;
  for (const Json& contender : one["contenders"]) {
    const std::string name = contender["name"];
    if (name.find(options.only) == std::string::npos && name.find("augur") != 0) continue;
    entries.push_back({name, make(contender), 0, 1, {}});
    settle(entries.back(), request, logits, options);
  }
  std::vector<double> f32, int8, clock;
  for (size_t round = 0; round < options.rounds; ++round) {
    const bench::Peaks peaks = bench::measure_peaks();
    f32.push_back(peaks.f32_flops);
    int8.push_back(peaks.int8_ops);
    clock.push_back(peaks.clock_hz);
    for (size_t i = 0; i < entries.size(); ++i) {
      Entry& entry = entries[(i + round) % entries.size()];
      std::vector<double> times;
      for (size_t repeat = 0; repeat < entry.repeats; ++repeat)
        times.push_back(seconds_of(*entry.contender, options.thread_time));
      entry.rounds.push_back(bench::percentile(times, 0.5));
    }
  }
  const bench::RequestShape shape{one["hidden"], one["steps"], candidates,
                                  one["attention"] == "mlp"};
  const double hz = bench::percentile(clock, 0.5);
  Json result = {{"case", one["name"]}, {"candidates", candidates}};
  result["peaks"] = {{"f32_gflops", bench::percentile(f32, 0.5) / 1e9},
                     {"int8_gops", bench::percentile(int8, 0.5) / 1e9},
                     {"clock_ghz", hz / 1e9}};
  result["bound_us"] = {
      {"f32", bench::bound_seconds(shape, bench::percentile(f32, 0.5), hz) * 1e6},
      {"int8", bench::bound_seconds(shape, bench::percentile(int8, 0.5), hz) * 1e6}};
  for (Entry& entry : entries) {
    Json rounds = Json::array();
    for (const double seconds : entry.rounds)
      rounds.push_back(seconds * 1e6);
    result["contenders"].push_back({{"name", entry.name},
                                    {"median_us", bench::percentile(entry.rounds, 0.5) * 1e6},
                                    {"worst_score_error", entry.worst},
                                    {"rounds_us", std::move(rounds)}});
  }
  return result;
}

void run(const Options& options) {
  std::ifstream file(options.cases);
  if (!file) throw std::runtime_error(options.cases + ": cannot be opened");
  const Json cases = Json::parse(file);
  Json results = Json::array();
  for (const Json& one : cases) {
    if (one["name"].get<std::string>().find(options.case_name) == std::string::npos) continue;
    for (const size_t candidates : options.candidates) {
      results.push_back(measure(one, candidates, options));
      const Json& last = results.back();
      std::cerr << one["name"].get<std::string>() << " N=" << candidates << ":";
      for (const Json& contender : last["contenders"]) {
        std::cerr << "  " << contender["name"].get<std::string>() << " "
                  << std::lround(contender["median_us"].get<double>());
      }
      std::cerr << "  bound " << std::lround(last["bound_us"]["f32"].get<double>()) << " / "
                << std::lround(last["bound_us"]["int8"].get<double>()) << "\n";
    }
  }
  std::ofstream(options.out) << results.dump(1) << "\n";
}

}  // namespace
}  // namespace augur::compare

int main(int argc, char** argv) {
  augur::compare::Options options;
  CLI::App app("Times Augur beside other engines, interleaved, on one thread.", "augur-compare");
  app.add_option("cases", options.cases, "cases.json, written by make_models.py")->required();
  app.add_option("--out", options.out, "The results, JSON")->required();
  app.add_option("--candidates", options.candidates)->delimiter(',')->capture_default_str();
  app.add_option("--rounds", options.rounds)->check(CLI::Range(1, 1000))->capture_default_str();
  app.add_option("--block", options.block_seconds, "Seconds of one contender in one round")
      ->capture_default_str();
  app.add_option("--case", options.case_name, "The cases whose name has this in it");
  app.add_option("--only", options.only, "Augur and the contenders whose name has this in it");
  app.add_flag("--thread-time", options.thread_time,
               "Processor time of the thread, for a machine that is busy; else the wall clock");
  CLI11_PARSE(app, argc, argv);
  try {
    augur::compare::run(options);
  } catch (const std::exception& error) {
    std::cerr << "augur-compare: " << error.what() << "\n";
    return 1;
  }
  return 0;
}
