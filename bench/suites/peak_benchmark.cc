// The machine's peaks, from which the shares of the bound are computed: operations a second, and
// vectors a cycle, which a processor's manual states too. Below 95% of the manual's figure the
// machine was busy or slowed, and shares are too high by as much.
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
