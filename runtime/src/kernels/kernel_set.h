// The fused kernels of one instruction set, and the choice among them.
//
// kernel_set.cc holds the table of all sets, the best first; reference.cc is the same in plain
// loops, which tests compare the others with, and which runs where a processor has none of the
// instruction sets.
#pragma once

#include <cstddef>

#include "kernels/activation.h"
#include "kernels/attention.h"
#include "kernels/quantise.h"
#include "kernels/recurrence.h"
#include "kernels/small_product.h"

namespace augur {

// Kernels read whole vectors, and write whole vectors where there is padding, so buffers must be
// readable for kReadPastEnd bytes past their end.
struct KernelSet {
  const char* name;  // Highway's namespace of the instruction set, such as N_AVX2
  // How it computes with int8 weights. kNone: there are no instructions for dot products of int8,
  // and the kernels must not be given such weights; expanded to f32, they are faster then anyway.
  IntegerPath integers;
  std::size_t block;  // candidates that are computed side by side
  void (*recur)(const Recurrence&);
  void (*keep_keys)(const KeepKeys&);
  void (*score_pairs)(const PairScores&);
  void (*scale_scores)(const Weights&);
  void (*softmax)(const Weights&);  // of scale * scores over the steps
  void (*weighted_sum)(const WeightedSum&);
  void (*activate)(const ActivationCall&);  // all kinds but kDiceRowwise
  decltype(&augur::quantise_rows) quantise_rows;
  // fp16 and back, `count` values. Values beyond fp16's largest become that. Only where there are
  // integer products.
  void (*to_halves)(const float* x, std::size_t count, std::uint16_t* halves);
  void (*to_floats)(const std::uint16_t* halves, std::size_t count, float* x);
  void (*multiply_small)(const SmallProduct&);  // nullptr: XNNPACK is as fast
};

// The best that this processor can run. Thread-safe.
const KernelSet& kernels();

// All that this processor can run, the best first, the reference last; nullptr past the last.
const KernelSet* kernel_set(std::size_t index);

extern const KernelSet kReferenceKernels;

}  // namespace augur
