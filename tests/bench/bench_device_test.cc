// augur-bench: what a run on a phone needs, and what docs/benchmark-json.md promises.
#include <chrono>
#include <nlohmann/json.hpp>

#include "augur-bench/process.h"
#include "augur-bench/scores.h"
#include "augur-bench/timing.h"
#include "commands/command_line.h"
#include "reference/build.h"
#include "support/commands.h"

#if defined(__linux__)
#include <sched.h>
#endif

namespace augur::tools_test {
namespace {

using Json = nlohmann::json;

Json run_of(const std::vector<std::string>& arguments) {
  const Result result = augur_bench(arguments);
  REQUIRE_MESSAGE(result.status == 0, result.err);
  return Json::parse(result.out)["runs"][0];
}

TEST_CASE("--calls times so many calls of each figure, and --pace lets time pass between them") {
  const Workplace place;
  const auto begin = std::chrono::steady_clock::now();
  const Json run = run_of({place.model, "--candidates", "3", "--history", "4", "--threads", "1,2",
                           "--calls", "7", "--pace", "5", "--json"});
  const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begin;
  CHECK(run["pace_ms"] == 5);
  for (const Json& one : run["cases"]) {
    CHECK(one["rank"]["calls"] == 7);
    CHECK(one["append_and_rank"]["calls"] == 7);
    CHECK(one["rank"]["p50_us"] < 5000);  // a pause is not part of a call
  }
  // Two threads, two figures, seven calls and one for warming up, each 5 ms after the one before.
  CHECK(spent.count() >= 2 * 2 * 8 * 5e-3);
}

TEST_CASE("a pacer waits until the next call is due, and makes up for no call that took longer") {
  using Clock = std::chrono::steady_clock;
  augur::bench::Pacer pacer(0.02);
  const auto begin = Clock::now();
  pacer.wait();
  pacer.wait();
  CHECK(augur::bench::seconds_since(begin) >= 0.04);
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  pacer.wait();  // is late: at once
  const auto late = Clock::now();
  pacer.wait();
  CHECK(augur::bench::seconds_since(late) >= 0.0195);
  augur::bench::Pacer none(0);
  const auto again = Clock::now();
  for (int i = 0; i < 1000; ++i)
    none.wait();
  CHECK(augur::bench::seconds_since(again) < 0.5);
}

TEST_CASE("percentiles are the smallest time that so many calls do not exceed") {
  std::vector<double> times;
  for (int i = 200; i > 0; --i)
    times.push_back(i);
  const augur::bench::Times summary = augur::bench::summarise(times);
  CHECK(summary.calls == 200);
  CHECK(summary.min == 1);
  CHECK(summary.median == 100);
  CHECK(summary.p90 == 180);
  CHECK(summary.p99 == 198);
}

TEST_CASE("scores do not depend on other cases, on threads or on the pace") {
  const Workplace place;
  const Json all = run_of({place.model, "--candidates", "1,40", "--history", "2,4", "--threads",
                           "1,3", "--seconds", "0", "--json"});
  const Json one = run_of({place.model, "--candidates", "40", "--history", "4", "--calls", "1",
                           "--pace", "1", "--json"});
  const Json& scores = one["cases"][0]["scores"];
  int found = 0;
  for (const Json& other : all["cases"]) {
    const bool same = other["candidates"] == 40 && other["history"] == 4;
    CHECK((other["scores"] == scores) == same);
    found += same ? 1 : 0;
  }
  CHECK(found == 2);
  CHECK(scores["count"] == 40);
  CHECK(scores["samples"].size() == 16);
  const Json seeded = run_of({place.model, "--candidates", "40", "--history", "4", "--seconds", "0",
                              "--seed", "2", "--json"});
  CHECK(seeded["cases"][0]["scores"]["bits"] != scores["bits"]);
}

TEST_CASE("the digest of scores is the one that docs/benchmark-json.md describes") {
  std::vector<float> scores;
  for (int i = 0; i < 40; ++i)
    scores.push_back(static_cast<float>(i) / 64);
  const augur::bench::ScoresDigest digest = augur::bench::digest_of(scores);
  CHECK(digest.count == 40);
  CHECK(digest.sum == 780.0 / 64);
  double weighted = 0;
  for (int i = 0; i < 40; ++i)
    weighted += i / 64.0 * (i % 17) / 16;
  CHECK(digest.weighted_sum == doctest::Approx(weighted));
  REQUIRE(digest.samples.size() == 16);
  CHECK(digest.samples[0] == scores[0]);
  CHECK(digest.samples[1] == scores[2]);
  CHECK(digest.samples[15] == scores[37]);
  CHECK(augur::bench::digest_of({}).bits == 0xcbf29ce484222325u);
  // The bytes 00 00 80 3f.
  CHECK(augur::bench::digest_of({1.0f}).bits == 0x4b72477f9c5c2f98u);
}

TEST_CASE("--cores takes numbers and ranges") {
  using Cores = std::vector<unsigned>;
  CHECK(augur::bench::parse_cores("3") == Cores{3});
  CHECK(augur::bench::parse_cores("4-6,0,5") == Cores{0, 4, 5, 6});
  CHECK(augur::bench::parse_cores("1023") == Cores{1023});
  for (const char* text : {"", ",", "1,", "-1", "1-", "3-1", "a", "1 2", "1024", "0-99999999999"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(augur::bench::parse_cores(text), augur::UsageError);
  }
  const Workplace place;
  const Result result = augur_bench({place.model, "--cores", "2-x"});
  CHECK(result.status == 2);
  CHECK(contains(result.err,
                 "--cores: expected numbers and ranges below 1024, such as 0,4-7; "
                 "came '2-x'"));
}

#if defined(__linux__)

TEST_CASE("--cores binds the process to the cores, or says which it may use") {
  cpu_set_t set;
  CPU_ZERO(&set);
  REQUIRE(sched_getaffinity(0, sizeof set, &set) == 0);
  int core = 0;
  while (!CPU_ISSET(static_cast<size_t>(core), &set))
    ++core;
  const Workplace place;
  const std::string number = std::to_string(core);
  const Result one = augur_bench({place.model, "--cores", number, "--seconds", "0", "--json"});
  REQUIRE_MESSAGE(one.status == 0, one.err);
  CHECK(Json::parse(one.out)["runs"][0]["affinity"] == Json({core}));
  const Result text = augur_bench({place.model, "--cores", number, "--pace", "2", "--calls", "1"});
  CHECK(contains(text.out, "  on cores " + number + ", a call every 2 ms\n"));
  for (const std::string& missing : {std::string("1023"), number + ",1023"}) {
    const Result refused = augur_bench({place.model, "--cores", missing});
    CHECK(refused.status == 1);
    CHECK(refused.out.empty());
    CHECK(contains(refused.err, "--cores " + missing + ": the system does not give these cores"));
    CHECK(contains(refused.err, "this process may use " + number));
  }
}

TEST_CASE("the memory that a model and its first ranking take is measured") {
  REQUIRE(augur::bench::resident_bytes().has_value());
  const size_t before = *augur::bench::resident_bytes();
  std::vector<char> block(size_t{64} << 20, 1);
  const size_t after = *augur::bench::resident_bytes();
  CHECK(block[block.size() / 2] == 1);
  CHECK(after >= before + (block.size() >> 1));
  const Workplace place;
  const Json run = run_of({place.model, "--seconds", "0", "--json"});
  CHECK(run["memory"]["resident_growth_bytes"] > 0);
  CHECK(run["memory"]["resident_growth_bytes"] < 64 << 20);
}

#endif

TEST_CASE("wrong paces and numbers of calls are refused") {
  const Workplace place;
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"--pace", "-1"},
                                                    {"--pace", "60001"},
                                                    {"--calls", "0"},
                                                    {"--calls", "200001"}}) {
    std::vector<std::string> all = {place.model};
    all.insert(all.end(), arguments.begin(), arguments.end());
    const Result result = augur_bench(all);
    CHECK(result.status == 2);
    CHECK(contains(result.err, arguments[0]));
  }
}

}  // namespace
}  // namespace augur::tools_test
