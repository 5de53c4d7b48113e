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

// One history's steps, in the forms that scoring reads.
struct Keys {
  const float* rows = nullptr;        // [steps, width]
  const float* transposed = nullptr;  // [width, transposed_stride], columns are steps
  const float* packed = nullptr;      // rows, packed for lanes: [steps, width] with one group
  std::size_t width = 0;  // of a key; MLP: of query ∘ key, 0 if it has no product part
  std::size_t steps = 0;
  std::size_t transposed_stride =
      0;  // at least padded_units(steps); columns past them: anything finite
  // MLP: the key part [steps, units] and its transpose [units, transposed_stride], or nullptr
  const float* part = nullptr;
  const float* part_transposed = nullptr;
};

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

// Memory for the queries and the query part as lanes; for the products and two layers' outputs, as
// floats and as integers; and for a block's scores. The same memory may hold rows of scores
// instead.
constexpr std::size_t pair_scratch(std::size_t width, std::size_t widest, std::size_t max_steps) {
  const std::size_t values = width + quads(width) + 2 * (widest + quads(widest));
  const std::size_t lanes = (width + widest + values + 1) * kMaxLanes;
  const std::size_t rows = 4 * (padded_units(max_steps) + kMaxVector);
  return lanes > rows ? lanes : rows;
}

struct Weights {
  std::size_t rows = 0;
  std::size_t steps = 0;
  std::size_t stride = 0;  // at least rows, rounded up to kMaxVector
  float scale = 1.0f;
  float* scores = nullptr;  // [steps, stride], in place
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
};

constexpr std::size_t weighted_sum_scratch(std::size_t width) {
  return 4 * (padded_units(width) + kMaxVector);
}

}  // namespace augur
