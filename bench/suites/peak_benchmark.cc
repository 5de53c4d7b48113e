// Prints the machine's peaks: operations a second, from which the shares of the peak are computed,
// and vector instructions a cycle, which can be compared with the processor's manual. If that
// figure is below 95% of the manual's, the machine was busy or throttled, and all shares of this
// run are too high by the same factor.
#include <benchmark/benchmark.h>

#include "peak/peak.h"

namespace augur::bench {
namespace {

void peaks(benchmark::State& state) {
  Peaks peaks;
  for ([[maybe_unused]] const auto _ : state)
    peaks = measure_peaks();
  state.counters["f32_gflops"] = peaks.f32_flops * 1e-9;
  state.counters["f32_vectors/cycle"] = peaks.f32_vectors_per_cycle;
  state.counters["int8_gops"] = peaks.int8_ops * 1e-9;
  state.counters["int8_vectors/cycle"] = peaks.int8_vectors_per_cycle;
  state.counters["clock_ghz"] = peaks.clock_hz * 1e-9;
  state.SetLabel(peaks.f32_instruction + "; " + peaks.int8_instruction);
}
BENCHMARK(peaks)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace augur::bench
