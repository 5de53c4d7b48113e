// Attention in vectors; kernels/attention.h says what is computed.
//
// A block of steps is transposed and scored for all candidates, then the next one. Pairs of a
// candidate and a step are computed in vectors: several candidates with one step or, for candidates
// that do not fill a vector, several steps with one candidate. The MLP uses the same code for both,
// with the roles of query and key exchanged. Both give the same bits.
#if defined(AUGUR_SIMD_ATTENTION_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef AUGUR_SIMD_ATTENTION_INL_H
#undef AUGUR_SIMD_ATTENTION_INL_H
#else
#define AUGUR_SIMD_ATTENTION_INL_H
#endif

#include <cstring>

#include "hwy/highway.h"
#include "kernels/attention.h"
#include "kernels/simd/pair-layers-inl.h"
#include "kernels/simd/products-inl.h"
#include "kernels/simd/row-products-inl.h"
#include "kernels/simd/transpose-inl.h"

HWY_BEFORE_NAMESPACE();
namespace augur {
namespace HWY_NAMESPACE {

// A block of pairs, one in each lane. A pair is a candidate's query and a step's key: one of them
// differs from lane to lane, the other one is shared by all lanes.
struct PairBlock {
  const PairMlp* mlp;
  const float* lane_values;  // [width, lane_stride]
  std::size_t lane_stride;
  const float* shared_values;  // [width]
  LaneStart start;
  LaneValues products;    // [width, lanes]
  LaneValues outputs[2];  // [widest, lanes]
};

// Places `units` rows of lanes, as floats and as integers, at *memory, which is moved behind them.
template <std::size_t kVectors>
HWY_INLINE LaneValues place_lanes(std::size_t units, float** memory) {
  constexpr std::size_t kLanes = kVectors * kVector;
  const LaneValues values = {*memory, reinterpret_cast<std::uint8_t*>(*memory + units * kLanes),
                             false};
  *memory += (units + quads(units)) * kLanes;
  return values;
}

template <std::size_t kVectors>
HWY_INLINE void place_buffers(const PairMlp& mlp, float* memory, PairBlock* block) {
  block->outputs[0] = place_lanes<kVectors>(mlp.widest, &memory);
  block->outputs[1] = place_lanes<kVectors>(wider(mlp.widest, mlp.width), &memory);
  block->products = block->outputs[1];  // are read before the second layer
}

// scores[lanes] = the MLP's outputs for the pairs of a block.
template <std::size_t kVectors>
HWY_NOINLINE void score_block(const PairBlock& block, float* scores) {
  const F f;
  constexpr std::size_t kLanes = kVectors * kVector;
  const PairMlp& mlp = *block.mlp;
  const std::size_t width = mlp.width;
  for (std::size_t k = 0; k < width; ++k) {
    const Vec shared = hn::Set(f, block.shared_values[k]);
    for (std::size_t v = 0; v < kVectors; ++v) {
      const std::size_t lane = v * kVector;
      hn::Store(hn::Mul(shared, hn::LoadU(f, block.lane_values + k * block.lane_stride + lane)), f,
                block.products.floats + k * kLanes + lane);
    }
  }
  LaneValues x = block.outputs[0];
  LaneValues y = block.outputs[1];
  const auto integer_next = [&](std::size_t i) {
    return i < mlp.layer_count && mlp.layers[i].integer.lanes != nullptr &&
           mlp.layers[i].integer.unit_inputs;
  };
  run_layer<kVectors>(mlp.product, mlp.integer_product, mlp.activation, block.products, width,
                      mlp.units, block.start, integer_next(0), &x);
  for (std::size_t i = 0; i < mlp.layer_count; ++i) {
    const PairLayer& layer = mlp.layers[i];
    run_layer<kVectors>(layer.weight, layer.integer, layer.activation, x, layer.inputs, layer.units,
                        start_of(layer.bias), integer_next(i + 1), &y);
    const LaneValues swap = x;
    x = y;
    y = swap;
  }
  for (std::size_t v = 0; v < kVectors; ++v) {
    const std::size_t lane = v * kVector;
    hn::StoreU(hn::Load(f, x.floats + lane), f, scores + lane);
  }
}

// The candidates that fill blocks, as lanes: block after block of [width, lanes].
template <class Rows>
HWY_INLINE void candidates_to_lanes(const PairScores& call, const Rows& rows, std::size_t width,
                                    std::size_t stride, float* lanes) {
  for_blocks(
      call.rows, call.rows,
      [&](std::size_t first, auto vectors) HWY_ATTR {
        constexpr std::size_t kVectors = decltype(vectors)::value;
        to_lanes<kVectors>(rows + first * stride, stride, kVectors * kVector, width,
                           lanes + first * width);
      },
      [](std::size_t, std::size_t) {});
}

// A block of steps.
struct StepBlock {
  const float* rows;  // [count, key width]
  std::size_t count;
  const float* keys;  // [key width, lanes]
  const float* part;  // MLP: [units, lanes]; nullptr: none
  float* scores;      // [count, stride of the scores]
};

// ---------------------------------------------------------------------------------------------
// dot products

inline constexpr std::size_t kDotSteps = kMaxLanes;  // in a block

// Scores of kVectors vectors of candidates with kSteps steps, whose keys are at `keys`.
template <std::size_t kSteps, std::size_t kVectors>
HWY_INLINE void dot_some(const float* keys, const float* queries, std::size_t width, float* scores,
                         std::size_t stride) {
  const F f;
  Vec sums[kSteps][kVectors];
  for (std::size_t m = 0; m < kSteps; ++m) {
    for (std::size_t v = 0; v < kVectors; ++v)
      sums[m][v] = hn::Zero(f);
  }
  for (std::size_t k = 0; k < width; ++k) {
    const float* weight = keys + k * kDotSteps;
    add_products_of(weight, queries, sums);
  }
  for (std::size_t m = 0; m < kSteps; ++m) {
    for (std::size_t v = 0; v < kVectors; ++v)
      hn::StoreU(sums[m][v], f, scores + m * stride + v * kVector);
  }
}

template <std::size_t kVectors>
HWY_NOINLINE void dot_lanes(const PairScores& call, const StepBlock& steps, std::size_t first) {
  const std::size_t width = call.keys.width;
  const float* queries = call.scratch + first * width;
  float* scores = steps.scores + first;
  std::size_t t = 0;
  for (; steps.count - t >= 8; t += 8) {
    dot_some<8, kVectors>(steps.keys + t, queries, width, scores + t * call.stride, call.stride);
  }
  for (; t < steps.count; ++t) {
    dot_some<1, kVectors>(steps.keys + t, queries, width, scores + t * call.stride, call.stride);
  }
}

// Of `rows` candidates, at most kMostRows.
inline HWY_ATTR void dot_rows(const PairScores& call, const StepBlock& steps, std::size_t first,
                              std::size_t rows, float* room) {
  constexpr std::size_t kStride = kDotSteps + kMaxVector;
  std::memset(room, 0, rows * kStride * sizeof(float));
  add_some_rows(rows, steps.keys, kDotSteps,
                {call.queries + first * call.query_stride, call.query_stride, 1}, call.keys.width,
                steps.count, room, kStride);
  for (std::size_t t = 0; t < steps.count; ++t) {
    for (std::size_t row = 0; row < rows; ++row)
      steps.scores[t * call.stride + first + row] = room[row * kStride + t];
  }
}

HWY_INLINE void dot_block(const Keys& keys, std::size_t t, float* lanes) {
  const std::size_t left = keys.steps - t;
  to_lanes<kDotSteps / kVector>(keys.rows + t * keys.width, keys.width,
                                left < kDotSteps ? left : kDotSteps, keys.width, lanes);
}

inline HWY_ATTR void score_dots(const PairScores& call) {
  const Keys& keys = call.keys;
  candidates_to_lanes(call, call.queries, keys.width, call.query_stride, call.scratch);
  float* const block = call.scratch + padded_lanes(call.rows) * keys.width;
  float* const room = block + keys.width * kDotSteps;
  StepBlock steps = {};
  for (std::size_t t = 0; t < keys.steps; t += steps.count) {
    steps.count = keys.steps - t < kDotSteps ? keys.steps - t : kDotSteps;
    steps.scores = call.scores + t * call.stride;
    steps.keys = keys.kept == nullptr ? block : keys.kept + t * keys.width;
    if (keys.kept == nullptr) dot_block(keys, t, block);
    for_blocks(
        call.rows, kMostRows,
        [&](std::size_t first, auto vectors)
            HWY_ATTR { dot_lanes<decltype(vectors)::value>(call, steps, first); },
        [&](std::size_t first, std::size_t rows)
            HWY_ATTR { dot_rows(call, steps, first, rows, room); });
  }
}

// ---------------------------------------------------------------------------------------------
// the MLP

inline constexpr std::size_t kSteps = kWidest * kVector;  // in a block

// Scores of kVectors vectors of candidates from `first` on.
template <std::size_t kVectors>
HWY_INLINE void score_lanes(const PairScores& call, const StepBlock& steps, std::size_t first,
                            const float* parts, float* memory) {
  const PairMlp& mlp = *call.mlp;
  PairBlock block = {};
  block.mlp = &mlp;
  block.lane_values = call.scratch + first * mlp.width;
  block.lane_stride = kVectors * kVector;
  block.shared_values = steps.rows;
  block.start =
      start_of(call.query_part == nullptr ? nullptr : parts + first * mlp.units, kVectors * kVector,
               steps.part == nullptr ? mlp.bias : steps.part, steps.part == nullptr ? 1 : kSteps);
  place_buffers<kVectors>(mlp, memory, &block);
  for (std::size_t t = 0; t < steps.count; ++t) {
    score_block<kVectors>(block, steps.scores + t * call.stride + first);
    block.shared_values += call.keys.width;
    if (steps.part != nullptr) ++block.start.shared;
  }
}

// Scores of one candidate with at most kVectors vectors of steps.
template <std::size_t kVectors>
HWY_INLINE void score_row(const PairScores& call, const StepBlock& steps, std::size_t row,
                          float* memory) {
  const PairMlp& mlp = *call.mlp;
  PairBlock block = {};
  block.mlp = &mlp;
  block.lane_values = steps.keys;
  block.lane_stride = kSteps;
  block.shared_values = call.queries + row * call.query_stride;
  block.start =
      start_of(steps.part, kSteps,
               call.query_part == nullptr ? mlp.bias : call.query_part + row * mlp.units, 1);
  float* const scores = memory;
  place_buffers<kVectors>(mlp, memory + kVectors * kVector, &block);
  score_block<kVectors>(block, scores);
  for (std::size_t lane = 0; lane < steps.count; ++lane)
    steps.scores[lane * call.stride + row] = scores[lane];
}

// Makes a block of the steps from t on. room: memory for the keys as integers.
HWY_MAYBE_UNUSED static HWY_NOINLINE void mlp_block(const PairMlp& mlp, const Keys& keys,
                                                    std::size_t t, float* lanes, float* room) {
  const std::size_t left = keys.steps - t;
  to_lanes<kWidest>(keys.rows + t * keys.width, keys.width, left < kSteps ? left : kSteps,
                    keys.width, lanes);
  if (mlp.key.inputs == 0) return;
  LaneValues part = {lanes + keys.width * kSteps, nullptr, false};
  run_layer<kWidest>(mlp.key.weight, mlp.key.integer, mlp.key.activation,
                     {lanes, reinterpret_cast<std::uint8_t*>(room), false}, keys.width, mlp.units,
                     start_of(mlp.key.bias), false, &part);
}

inline HWY_ATTR void score_mlp(const PairScores& call) {
  const Keys& keys = call.keys;
  const PairMlp& mlp = *call.mlp;
  const std::size_t lanes = padded_lanes(call.rows);
  float* const parts = call.scratch + lanes * mlp.width;
  float* const block = parts + lanes * mlp.units;
  float* const memory = block + (keys.width + mlp.units) * kSteps;
  candidates_to_lanes(call, call.queries, mlp.width, call.query_stride, call.scratch);
  if (call.query_part != nullptr)
    candidates_to_lanes(call, call.query_part, mlp.units, mlp.units, parts);
  StepBlock steps = {};
  for (std::size_t t = 0; t < keys.steps; t += steps.count) {
    steps.rows = keys.rows + t * keys.width;
    steps.count = keys.steps - t < kSteps ? keys.steps - t : kSteps;
    steps.scores = call.scores + t * call.stride;
    steps.keys = keys.kept == nullptr ? block : keys.kept + t * (keys.width + mlp.units);
    if (keys.kept == nullptr) mlp_block(mlp, keys, t, block, memory);
    steps.part = mlp.key.inputs == 0 ? nullptr : steps.keys + keys.width * kSteps;
    for_blocks(
        call.rows, 1,
        [&](std::size_t first, auto vectors)
            HWY_ATTR { score_lanes<decltype(vectors)::value>(call, steps, first, parts, memory); },
        [&](std::size_t row, std::size_t) HWY_ATTR {
          if (!kHalfBlocks || steps.count > kVector) {
            score_row<kWidest>(call, steps, row, memory);
          } else if constexpr (kHalfBlocks) {
            score_row<1>(call, steps, row, memory);
          }
        });
  }
}

// ---------------------------------------------------------------------------------------------
// both

HWY_ATTR void keep_keys(const KeepKeys& call) {
  const Keys& keys = call.keys;
  constexpr bool kDots = build::kDot || build::kBilinear;
  if (!build::kMlp || (kDots && call.mlp == nullptr)) {
    for (std::size_t t = call.first / kDotSteps * kDotSteps; t < call.end; t += kDotSteps)
      dot_block(keys, t, call.kept + t * keys.width);
    return;
  }
  for (std::size_t t = call.first / kSteps * kSteps; t < call.end; t += kSteps)
    mlp_block(*call.mlp, keys, t, call.kept + t * (keys.width + call.mlp->units), call.scratch);
}

HWY_ATTR void score_pairs(const PairScores& call) {
  call.dots() ? score_dots(call) : score_mlp(call);
}

HWY_ATTR void scale_scores(const Weights& call) {
  const F f;
  const Vec scale = hn::Set(f, call.scale);
  for (std::size_t t = 0; t < call.steps; ++t) {
    float* s = call.scores + t * call.stride;
    for (std::size_t row = 0; row < call.rows; row += kVector)
      hn::StoreU(hn::Mul(hn::LoadU(f, s + row), scale), f, s + row);
  }
}

// Replaces kCount steps' scores by their exponentials, and adds these to `sum`.
template <std::size_t kCount>
HWY_INLINE void exponentiate(float* scores, std::size_t stride, Vec scale, Vec largest, Vec& sum) {
  const F f;
  Vec e[kCount];
  for (std::size_t n = 0; n < kCount; ++n)
    e[n] = hn::Sub(hn::Mul(hn::LoadU(f, scores + n * stride), scale), largest);
  exp_not_positive(e);
  for (std::size_t n = 0; n < kCount; ++n) {
    hn::StoreU(e[n], f, scores + n * stride);
    sum = hn::Add(sum, e[n]);
  }
}

HWY_ATTR void softmax(const Weights& call) {
  const F f;
  const Vec scale = hn::Set(f, call.scale);
  for (std::size_t row = 0; row < call.rows; row += kVector) {
    float* const first = call.scores + row;
    float* const end = first + call.steps * call.stride;
    Vec largest = hn::Mul(hn::LoadU(f, first), scale);
    for (const float* s = first; s != end; s += call.stride)
      largest = hn::Max(largest, hn::Mul(hn::LoadU(f, s), scale));
    Vec sum = hn::Zero(f);
    // The steps from call.first on, then those before it.
    for (std::size_t t = call.first, to = call.steps;; t = 0, to = call.first) {
      for (; to - t >= kTogether; t += kTogether)
        exponentiate<kTogether>(first + t * call.stride, call.stride, scale, largest, sum);
      for (; t < to; ++t)
        exponentiate<1>(first + t * call.stride, call.stride, scale, largest, sum);
      if (to == call.first) break;
    }
    const Vec inverse = hn::Div(hn::Set(f, 1.0f), sum);
    for (float* s = first; s != end; s += call.stride)
      hn::StoreU(hn::Mul(hn::LoadU(f, s), inverse), f, s);
  }
}

HWY_ATTR void weighted_sum(const WeightedSum& call) {
  const std::size_t stride = padded_units(call.width) + kMaxVector;
  for (std::size_t first = 0; first < call.rows; first += kMostRows) {
    const std::size_t left = call.rows - first;
    const std::size_t rows = left < kMostRows ? left : kMostRows;
    for (std::size_t row = 0; row < rows; ++row) {
      float* sums = call.scratch + row * stride;
      if (call.add) {
        std::memcpy(sums, call.out + (first + row) * call.width, call.width * sizeof(float));
      } else {
        std::memset(sums, 0, call.width * sizeof(float));
      }
    }
    add_some_rows(rows, call.x, call.width, {call.weights + first, 1, call.stride}, call.steps,
                  call.width, call.scratch, stride);
    for (std::size_t row = 0; row < rows; ++row) {
      std::memcpy(call.out + (first + row) * call.width, call.scratch + row * stride,
                  call.width * sizeof(float));
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace augur
HWY_AFTER_NAMESPACE();

#endif
