// The peak speed of this core: how many f32 multiply-adds and int8 dot products a second it does
// with its widest vectors, and its clock meanwhile. A kernel's share of the peak is computed from
// these figures, measured in the same run as the kernel.
#pragma once

#include <string>

namespace augur::bench {

struct Peaks {
  double clock_hz = 0;
  double f32_flops = 0;              // two operations for each multiply-add
  double int8_ops = 0;               // likewise
  double f32_vectors_per_cycle = 0;  // instructions; to be compared with the processor's manual
  double int8_vectors_per_cycle = 0;
  std::string f32_instruction;  // "AVX-512 vfmadd231ps", say
  std::string int8_instruction;
};

// Measures for a few milliseconds. Each figure is the best of several short runs, so that an
// interruption does not lower it.
Peaks measure_peaks();

}  // namespace augur::bench
