// How fast this machine could be: its measured peak, and the time that a request must take at
// least.
#pragma once

#include "suites/model.h"

namespace augur::bench {

// f32 multiply-adds per second of one core, in the kernel set that the runtime has chosen; measured
// once.
double peak_multiply_adds();

// Multiply-adds at the peak, and 0.16 ns for each sigmoid or exponential and 0.19 ns for each tanh
// at 3.69 GHz, scaled to the clock of the run, which is measured too. `user_part`: the user's part
// is computed too, with 110 cycles of dependent latency for each step of the extractor.
double bound_seconds(const ModelShape& shape, double candidates, bool user_part);

}  // namespace augur::bench
