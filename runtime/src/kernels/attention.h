// Scores of candidates (queries) against a history's steps (keys), softmax, and weighted sums.
//
// Scores and weights are [steps, stride]: a column is a candidate, so that a vector holds one step
// of many candidates, as the recurrence reads it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "common/build_choices.h"
#include "kernels/activation.h"
#include "kernels/packing.h"

namespace augur {

// int8 weights of a layer, packed for lanes with one group (`units` a multiple of four). Their
// inputs x are converted to integers: 128 + 127 x / max |x| of the pair, rounded, or 255 x if all x
// are known to lie in [0, 1].
struct IntegerLayer {
  IntegerPath path = IntegerPath::kNone;
  const std::int8_t* lanes = nullptr;     // nullptr: the layer is f32
  const float* scales = nullptr;          // [units], of the weights
  const std::int32_t* offsets = nullptr;  // [units], -128 Σ_k weight
  bool unit_inputs = false;               // in [0, 1]
};

// A dense layer of a pair's MLP, after the first layer.
struct PairLayer {
  const float* weight = nullptr;  // packed for lanes, one group
  const float* bias = nullptr;    // [units] or nullptr
  std::size_t inputs = 0;
  std::size_t units = 0;
  Activation activation;
  IntegerLayer integer = {};  // instead of `weight`; sigmoid and tanh are then to 1e-3
};

// score = layers(activation(query part + key part + product (query ∘ key)))
struct PairMlp {
  PairLayer key;                   // its outputs are the key part; no inputs: there is none
  const float* product = nullptr;  // [units, width] packed for lanes, one group; nullptr: none
  const float* bias = nullptr;     // [units], if neither part has it; or nullptr
  std::size_t width = 0;
  std::size_t units = 0;
  Activation activation;
  IntegerLayer integer_product = {};  // instead of `product`
  const PairLayer* layers = nullptr;  // the last has one unit
  std::size_t layer_count = 0;
  std::size_t widest = 0;  // the most units of any layer, the first included
};

// Steps of a history.
struct Keys {
  const float* rows = nullptr;  // [steps, width]
  std::size_t width = 0;
  std::size_t steps = 0;
  const float* kept = nullptr;  // what keep_keys() has written for these steps, or nullptr
};

// Scores are computed from blocks of steps: the keys as lanes and, for an MLP, the key part as
// lanes. Blocks may be kept between calls; otherwise each call makes them again, and scores have
// the same bits.
struct KeepKeys {
  const PairMlp* mlp = nullptr;  // nullptr: score = query · key
  Keys keys;
  std::size_t first = 0;     // the blocks of the steps from `first` ...
  std::size_t end = 0;       // ... to before `end` are made
  float* kept = nullptr;     // kept_keys_size() floats, 64-byte aligned
  float* scratch = nullptr;  // pair_scratch() floats, 64-byte aligned
};

constexpr std::size_t wider(std::size_t a, std::size_t b) {
  return a > b ? a : b;
}

constexpr std::size_t padded_lanes(std::size_t rows) {
  return (rows + kMaxLanes - 1) / kMaxLanes * kMaxLanes;
}

// units: of the MLP's first layer, 0 if there is none.
constexpr std::size_t kept_keys_size(std::size_t width, std::size_t units, std::size_t max_steps) {
  return (width + units) * padded_lanes(max_steps);
}

struct PairScores {
  const PairMlp* mlp = nullptr;  // nullptr: score = query · key
  Keys keys;
  std::size_t rows = 0;
  const float* queries = nullptr;  // [rows, query_stride]
  std::size_t query_stride = 0;
  const float* query_part = nullptr;  // MLP: [rows, units], or nullptr
  float* scores = nullptr;            // [steps, stride]
  std::size_t stride = 0;
  float* scratch = nullptr;  // pair_scratch() floats, 64-byte aligned

  // Whether there is no MLP; a constant where the build has no choice.
  bool dots() const {
    constexpr bool kDots = build::kDot || build::kBilinear;
    return !build::kMlp || (kDots && mlp == nullptr);
  }
};

// Memory for the queries and the query part of all candidates as lanes; for a block of steps: the
// keys as lanes, as floats and as integers, and the key part; for a block of pairs: two
// layers' outputs, as floats and as integers, the second in place of the products, and the scores.
// Scores by dot products need room for the scores of a block of steps instead.
constexpr std::size_t pair_scratch(std::size_t width, std::size_t units, std::size_t widest,
                                   std::size_t max_rows) {
  const std::size_t keys = width + quads(width) + units;
  const std::size_t second = wider(widest, width);
  const std::size_t values = widest + quads(widest) + second + quads(second);
  return (width + units) * padded_lanes(max_rows) + (keys + values + 8) * kMaxLanes;
}

struct Weights {
  std::size_t rows = 0;
  std::size_t steps = 0;
  std::size_t stride = 0;  // at least rows, rounded up to kMaxVector
  float scale = 1.0f;
  float* scores = nullptr;  // [steps, stride], in place
  std::size_t first = 0;    // sums begin with this step, and go on with step 0 after the last one
};

// out[row] = Σ_t weights[t][row] x[t]
struct WeightedSum {
  const float* weights = nullptr;  // [steps, stride]
  std::size_t stride = 0;
  std::size_t rows = 0;
  const float* x = nullptr;  // [steps, width]
  std::size_t steps = 0;
  std::size_t width = 0;
  float* out = nullptr;      // [rows, width]
  float* scratch = nullptr;  // weighted_sum_scratch() floats
  bool add = false;          // to what is in `out`
};

constexpr std::size_t weighted_sum_scratch(std::size_t width) {
  return 4 * (padded_units(width) + kMaxVector);
}

}  // namespace augur
