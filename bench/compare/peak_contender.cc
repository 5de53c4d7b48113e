// Measures this core's peak speed between the contenders, and computes the least time of a request
// from it.
//
//   augur-compare-peak INPUTS ATTENTION HIDDEN STEPS CANDIDATES CLOCK
//
// Prints "ready 0 0 0", and for each line of its input
//
//   times GFLOPS_F32 GOPS_INT8 CLOCK_GHZ BOUND_F32_US BOUND_INT8_US
#include "contender.h"
#include "peak/bound.h"
#include "peak/peak.h"

int main(int argc, char** argv) {
  const augur::compare::Arguments arguments(argc, argv);
  const augur::bench::RequestShape shape{arguments.hidden, arguments.steps, arguments.candidates,
                                         arguments.attention == "mlp"};
  std::puts("ready 0 0 0");
  std::fflush(stdout);
  for (std::string line; std::getline(std::cin, line);) {
    const augur::bench::Peaks peaks = augur::bench::measure_peaks();
    std::printf("times %.3f %.3f %.4f %.3f %.3f\n", peaks.f32_flops / 1e9, peaks.int8_ops / 1e9,
                peaks.clock_hz / 1e9,
                augur::bench::bound_seconds(shape, peaks.f32_flops, peaks.clock_hz) * 1e6,
                augur::bench::bound_seconds(shape, peaks.int8_ops, peaks.clock_hz) * 1e6);
    std::fflush(stdout);
  }
  return 0;
}
