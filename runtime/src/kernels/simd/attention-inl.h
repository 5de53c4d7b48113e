// Attention in vectors; kernels/attention.h says what is computed.
//
// The MLP computes pairs of a candidate and a step in vectors: several candidates with one step or,
// for candidates that do not fill a vector, several steps with one candidate. Both use the same
// code, with the roles of query and key exchanged, and give the same bits.
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
  StartPair start;
  LaneValues products;    // [width, lanes]
  LaneValues outputs[2];  // [widest, lanes]
};

// Places a block's buffers in `memory`, which has lane_buffers() floats.
template <std::size_t kVectors>
HWY_INLINE void place_buffers(const PairMlp& mlp, float* memory, PairBlock* block) {
  constexpr std::size_t kLanes = kVectors * kVector;
  const auto place = [&](std::size_t units) {
    const LaneValues values = {memory, reinterpret_cast<std::uint8_t*>(memory + units * kLanes),
                               false};
    memory += (units + quads(units)) * kLanes;
    return values;
  };
  block->products = place(mlp.width);
  block->outputs[0] = place(mlp.widest);
  block->outputs[1] = place(mlp.widest);
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
                        StartBias{layer.bias}, integer_next(i + 1), &y);
    const LaneValues swap = x;
    x = y;
    y = swap;
  }
  for (std::size_t v = 0; v < kVectors; ++v) {
    const std::size_t lane = v * kVector;
    hn::StoreU(hn::Load(f, x.floats + lane), f, scores + lane);
  }
}

// Transposes x [rows, stride] to lanes [width, kLanes].
template <std::size_t kVectors>
HWY_INLINE void to_lanes(const float* x, std::size_t stride, std::size_t width, float* lanes) {
  constexpr std::size_t kLanes = kVectors * kVector;
  for (std::size_t k = 0; k < width; ++k) {
    for (std::size_t lane = 0; lane < kLanes; ++lane)
      lanes[k * kLanes + lane] = x[lane * stride + k];
  }
}

// Scores of kVectors vectors of candidates from `first` on, for all steps.
template <std::size_t kVectors>
HWY_NOINLINE void score_lanes(const PairScores& call, std::size_t first) {
  constexpr std::size_t kLanes = kVectors * kVector;
  const Keys& keys = call.keys;
  float* queries = call.scratch;
  to_lanes<kVectors>(call.queries + first * call.query_stride, call.query_stride, keys.width,
                     queries);
  if (call.dots()) {
    layer_lanes<kVectors>(keys.packed, queries, keys.width, keys.steps, StartZero(),
                          call.scores + first, call.stride);
    return;
  }
  const std::size_t units = call.mlp->units;
  float* parts = queries + keys.width * kLanes;
  if (call.query_part != nullptr)
    to_lanes<kVectors>(call.query_part + first * units, units, units, parts);
  PairBlock block = {};
  block.mlp = call.mlp;
  block.lane_values = queries;
  block.lane_stride = kLanes;
  block.shared_values = keys.rows;
  block.start = {call.query_part == nullptr ? nullptr : parts, kLanes,
                 keys.part == nullptr ? call.mlp->bias : keys.part};
  place_buffers<kVectors>(*call.mlp, parts + units * kLanes, &block);
  for (std::size_t t = 0; t < keys.steps; ++t) {
    score_block<kVectors>(block, call.scores + t * call.stride + first);
    block.shared_values += keys.width;
    if (keys.part != nullptr) block.start.shared += units;
  }
}

// Scores of one candidate, in vectors of steps.
inline HWY_ATTR void score_steps(const PairScores& call, std::size_t row) {
  const Keys& keys = call.keys;
  const std::size_t padded = keys.transposed_stride;
  float* const scores = call.scratch;
  PairBlock block = {};
  block.mlp = call.mlp;
  block.lane_values = keys.transposed;
  block.lane_stride = padded;
  block.shared_values = call.queries + row * call.query_stride;
  block.start = {
      keys.part_transposed, padded,
      call.query_part == nullptr ? call.mlp->bias : call.query_part + row * call.mlp->units};
  place_buffers<kWidest>(*call.mlp, scores + kMaxLanes, &block);
  for (std::size_t t = 0; t < keys.steps;) {
    const bool wide = !kHalfBlocks || keys.steps - t > kVector;
    if (wide) {
      score_block<kWidest>(block, scores);
    } else if constexpr (kHalfBlocks) {
      score_block<1>(block, scores);
    }
    const std::size_t lanes = wide ? kWidest * kVector : kVector;
    for (std::size_t lane = 0; lane < lanes && t + lane < keys.steps; ++lane)
      call.scores[(t + lane) * call.stride + row] = scores[lane];
    t += lanes;
    block.lane_values += lanes;
    if (block.start.lanes != nullptr) block.start.lanes += lanes;
  }
}

// Dot products of `rows` candidates, at most kMostRows, with all steps.
inline HWY_ATTR void score_rows(const PairScores& call, std::size_t first, std::size_t rows) {
  const Keys& keys = call.keys;
  const std::size_t stride = padded_units(keys.steps) + kMaxVector;
  std::memset(call.scratch, 0, rows * stride * sizeof(float));
  add_some_rows(rows, keys.transposed, keys.transposed_stride,
                {call.queries + first * call.query_stride, call.query_stride, 1}, keys.width,
                keys.steps, call.scratch, stride);
  for (std::size_t t = 0; t < keys.steps; ++t) {
    for (std::size_t row = 0; row < rows; ++row)
      call.scores[t * call.stride + first + row] = call.scratch[row * stride + t];
  }
}

HWY_ATTR void score_pairs(const PairScores& call) {
  const bool dots = call.dots();
  for_blocks(
      call.rows, dots ? kMostRows : 1,
      [&](std::size_t first, auto vectors)
          HWY_ATTR { score_lanes<decltype(vectors)::value>(call, first); },
      [&](std::size_t first, std::size_t rows)
          HWY_ATTR { dots ? score_rows(call, first, rows) : score_steps(call, first); });
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
    std::size_t t = 0;
    for (; call.steps - t >= kTogether; t += kTogether)
      exponentiate<kTogether>(first + t * call.stride, call.stride, scale, largest, sum);
    for (; t < call.steps; ++t)
      exponentiate<1>(first + t * call.stride, call.stride, scale, largest, sum);
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
    std::memset(call.scratch, 0, rows * stride * sizeof(float));
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
