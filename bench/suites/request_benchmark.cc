// Measures whole requests: T behaviours, N candidates.
//
//   again/…     another list of candidates for the same user: what depends on the user is kept
//   append/…    one event is appended to a full window, then ranked: everything is computed anew
//   new_user/…  features and history are set, then ranked: as bench/compare does
//   stream/…    as append/…, in a session with streaming: one step instead of the whole history
//   threads/…   as again/…, on several threads of one session
//   tile/…      as again/…, with a tile set in the session's options
//
// Arguments: width of embeddings and states, T, N, and the number of threads or the tile. Counters:
// ns per candidate and step, the bytes of a session, and for one thread the machine's lower bound
// (peak/bound.h) as a share of the measured time; for int8 models with the peak of int8 products.
#include <benchmark/benchmark.h>

#include <string>

#include "peak/bound.h"
#include "peak/peak.h"
#include "suites/model.h"

namespace augur::bench {
namespace {

using benchmark::Counter;

// What happens before each ranking.
enum class Before { kNothing, kAppend, kNewUser };

void measure(benchmark::State& state, ModelShape* shape, const SessionShape& of_session,
             Before before) {
  shape->width = static_cast<uint32_t>(state.range(0));
  shape->history = static_cast<uint32_t>(state.range(1));
  const auto candidates = static_cast<uint32_t>(state.range(2));
  RandomSession session(*shape, candidates, of_session);
  for ([[maybe_unused]] const auto _ : state) {
    if (before == Before::kAppend) session.append();
    if (before == Before::kNewUser) session.set_user();
    session.rank();
  }
  const double pairs = static_cast<double>(candidates) * shape->history;
  state.counters["ns/pair"] =
      Counter(pairs * 1e-9, Counter::kIsIterationInvariantRate | Counter::kInvert);
  state.counters["session"] = static_cast<double>(session.session_bytes());
}

void run(benchmark::State& state, ModelShape shape, Before before) {
  measure(state, &shape, {}, before);
  const auto candidates = static_cast<uint32_t>(state.range(2));
  const RequestShape request = {shape.width, shape.history, candidates,
                                shape.attention == AttentionShape::kMlp,
                                before != Before::kNothing};
  static const Peaks peaks = measure_peaks();
  const double peak = shape.integers ? peaks.int8_ops : peaks.f32_flops;
  const auto count_share = [&](const char* name, const FunctionCosts& costs) {
    state.counters[name] = Counter(bound_seconds(request, peak, peaks.clock_hz, costs),
                                   Counter::kIsIterationInvariantRate);
  };
  count_share("share_of_bound", kBestFunctions);
  count_share("share_for_aims", kFunctionsOfAims);
}

void add(const std::string& name, const ModelShape& shape) {
  const auto add_one = [&](const char* kind, Before before) {
    benchmark::RegisterBenchmark(
        (kind + name).c_str(),
        [shape, before](benchmark::State& state) { run(state, shape, before); })
        ->ArgsProduct({{36, 64, 128}, {50, 100}, {1, 10, 20, 100, 500}})
        ->ArgsProduct({{36}, {1000, 4000}, {1, 10, 20, 100}})
        ->Unit(benchmark::kMicrosecond);
  };
  add_one("again/", Before::kNothing);
  add_one("append/", Before::kAppend);
  add_one("new_user/", Before::kNewUser);
}

// The benchmark's fourth argument sets this member of the session's shape.
benchmark::internal::Benchmark* add_varied(const std::string& name, const ModelShape& shape,
                                           uint32_t SessionShape::*member) {
  return benchmark::RegisterBenchmark(name.c_str(), [shape, member](benchmark::State& state) {
    ModelShape copy = shape;
    SessionShape of_session;
    of_session.*member = static_cast<uint32_t>(state.range(3));
    measure(state, &copy, of_session, Before::kNothing);
  });
}

void add_tiles(const std::string& name, const ModelShape& shape) {
  add_varied("tile/" + name, shape, &SessionShape::tile)
      ->ArgsProduct({{36, 64, 128}, {50, 100}, {100, 500}, {16, 32, 48, 64, 96, 128, 256}})
      ->Unit(benchmark::kMicrosecond);
}

void add_stream(const std::string& name, const ModelShape& shape) {
  benchmark::RegisterBenchmark(("stream/" + name).c_str(),
                               [shape](benchmark::State& state) {
                                 ModelShape copy = shape;
                                 SessionShape streaming;
                                 streaming.streaming = true;
                                 measure(state, &copy, streaming, Before::kAppend);
                               })
      ->ArgsProduct({{36, 64, 128}, {50, 100}, {1, 10, 20, 100}})
      ->ArgsProduct({{36}, {1000, 4000}, {1, 10, 20, 100}})
      ->Unit(benchmark::kMicrosecond);
}

void add_threads(const std::string& name, const ModelShape& shape) {
  add_varied("threads/" + name, shape, &SessionShape::threads)
      ->ArgsProduct({{36}, {100}, {100, 500, 1000}, {1, 2, 4}})
      ->UseRealTime()
      ->Unit(benchmark::kMicrosecond);
}

const bool added = [] {
  for (const bool integers : {false, true}) {
    const std::string type = integers ? "_int8" : "";
    ModelShape shape;
    shape.integers = integers;
    add("bilinear" + type, shape);
    add_threads("bilinear" + type, shape);
    add_stream("bilinear" + type, shape);
    add_tiles("bilinear" + type, shape);
    shape.attention = AttentionShape::kMlp;
    add("mlp" + type, shape);
    add_threads("mlp" + type, shape);
    add_stream("mlp" + type, shape);
    add_tiles("mlp" + type, shape);
    shape.attention = AttentionShape::kBilinear;
    shape.reset_before = true;
    add("bilinear_reset_before" + type, shape);
  }
  return true;
}();

}  // namespace
}  // namespace augur::bench
