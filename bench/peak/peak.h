// What this core can do at most: f32 multiply-adds and int8 dot products a second, at the widest
// vectors it has, and its clock while it does them. The bound of a kernel's time is computed from
// these, in the same run as the time itself.
#pragma once

#include <string>

namespace augur::bench {

struct Peaks {
  double clock_hz = 0;
  double f32_flops = 0;              // two operations for each multiply-add
  double int8_ops = 0;               // likewise
  double f32_vectors_per_cycle = 0;  // instructions, which the processor's manual tells too
  double int8_vectors_per_cycle = 0;
  std::string f32_instruction;  // "AVX-512 vfmadd231ps", say
  std::string int8_instruction;
};

// Takes a few milliseconds: the best of several short runs each, so that an interruption does not
// lower a peak.
Peaks measure_peaks();

}  // namespace augur::bench
