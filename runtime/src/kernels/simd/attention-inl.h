// Attention in vectors; kernels/attention.h says what is computed.
//
// Pairs of a candidate and a step go through the MLP in vectors: of candidates with one step, or,
// for the candidates that are left over, of steps with one candidate. The two are the same code,
// with the roles of query and key exchanged, and give the same bits.
#if defined(AUGUR_SIMD_ATTENTION_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef AUGUR_SIMD_ATTENTION_INL_H
#undef AUGUR_SIMD_ATTENTION_INL_H
#else
#define AUGUR_SIMD_ATTENTION_INL_H
#endif

#include <cstring>

#include "hwy/highway.h"
#include "kernels/attention.h"
#include "kernels/simd/activation-inl.h"
#include "kernels/simd/integer-attention-inl.h"
#include "kernels/simd/products-inl.h"

HWY_BEFORE_NAMESPACE();
namespace augur {
namespace HWY_NAMESPACE {

// A layer on lanes: out[unit][lanes] = start(unit, v) + Σ_k weight x[k][lanes], then done(unit,
// count).
template <std::size_t kUnits, std::size_t kVectors, class Start>
HWY_INLINE void layer_block(const float* weight, const float* x, std::size_t inputs,
                            std::size_t unit, const Start& start, float* out,
                            std::size_t out_stride) {
  const F f;
  Vec sums[kUnits][kVectors];
  for (std::size_t m = 0; m < kUnits; ++m) {
    for (std::size_t v = 0; v < kVectors; ++v)
      sums[m][v] = start(unit + m, v * kVector);
  }
  add_products<kUnits, kVectors>(weight + unit * inputs, x, inputs, sums);
  for (std::size_t m = 0; m < kUnits; ++m) {
    for (std::size_t v = 0; v < kVectors; ++v) {
      hn::StoreU(sums[m][v], f, out + (unit + m) * out_stride + v * kVector);
    }
  }
}

template <std::size_t kVectors, class Start>
HWY_INLINE void layer_lanes(const float* weight, const float* x, std::size_t inputs,
                            std::size_t units, const Start& start, float* out,
                            std::size_t out_stride) {
  std::size_t unit = 0;
  for (; units - unit >= 8; unit += 8)
    layer_block<8, kVectors>(weight, x, inputs, unit, start, out, out_stride);
  for (; units - unit >= 4; unit += 4)
    layer_block<4, kVectors>(weight, x, inputs, unit, start, out, out_stride);
  for (; unit < units; ++unit)
    layer_block<1, kVectors>(weight, x, inputs, unit, start, out, out_stride);
}

struct StartZero {
  HWY_INLINE Vec operator()(std::size_t, std::size_t) const { return hn::Zero(F()); }
};

struct StartBias {
  const float* bias;  // nullptr: 0
  HWY_INLINE Vec operator()(std::size_t unit, std::size_t) const {
    return bias == nullptr ? hn::Zero(F()) : hn::Set(F(), bias[unit]);
  }
};

// The part of the pair that is in lanes plus the part that is the same for all of them.
struct StartPair {
  const float* lanes;  // [units, stride] or nullptr
  std::size_t stride;
  const float* shared;  // [units] or nullptr
  HWY_INLINE Vec operator()(std::size_t unit, std::size_t lane) const {
    const F f;
    const Vec a = lanes == nullptr ? hn::Zero(f) : hn::LoadU(f, lanes + unit * stride + lane);
    const Vec b = shared == nullptr ? hn::Zero(f) : hn::Set(f, shared[unit]);
    return hn::Add(a, b);
  }
};

// A layer's output y [units, lanes] from its input x [inputs, lanes].
template <std::size_t kVectors, class Start>
HWY_INLINE void run_layer(const float* weight, const IntegerLayer& integer,
                          const Activation& activation, const float* x, std::size_t inputs,
                          std::size_t units, const Start& start, std::uint8_t* bytes, float* y) {
  constexpr std::size_t kLanes = kVectors * kVector;
  const bool integers = kIntegerProducts && integer.lanes != nullptr && inputs > 0;
  if constexpr (kIntegerProducts) {
    if (integers) integer_layer_lanes<kVectors>(integer, x, inputs, units, start, bytes, y);
  }
  if (!integers) layer_lanes<kVectors>(weight, x, inputs, units, start, y, kLanes);
  const ActivationKind kind = activation.kind;
  if (kind == ActivationKind::kDiceRowwise) {
    for (std::size_t lane = 0; lane < kLanes; ++lane)
      dice_rowwise(activation, units, kLanes, y + lane);
    return;
  }
  if constexpr (kIntegerProducts) {
    if (integers && (kind == ActivationKind::kSigmoid || kind == ActivationKind::kTanh))
      return activate_roughly(kind, units * kLanes, y);
  }
  activate_lanes<kVectors>(activation, units, y);
}

// One vector block of pairs.
struct PairBlock {
  const PairMlp* mlp;
  const float* lane_values;  // [width, lane_stride]
  std::size_t lane_stride;
  const float* shared_values;  // [width]
  StartPair start;
  float* products;      // [width, lanes]
  float* outputs[2];    // [widest, lanes]
  std::uint8_t* bytes;  // [max(width, widest), lanes] and three rows more
};

// scores[lanes]
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
                block.products + k * kLanes + lane);
    }
  }
  float* x = block.outputs[0];
  float* y = block.outputs[1];
  run_layer<kVectors>(mlp.product, mlp.integer_product, mlp.activation, block.products, width,
                      mlp.units, block.start, block.bytes, x);
  for (std::size_t i = 0; i < mlp.layer_count; ++i) {
    const PairLayer& layer = mlp.layers[i];
    run_layer<kVectors>(layer.weight, layer.integer, layer.activation, x, layer.inputs, layer.units,
                        StartBias{layer.bias}, block.bytes, y);
    float* const swap = x;
    x = y;
    y = swap;
  }
  for (std::size_t v = 0; v < kVectors; ++v) {
    const std::size_t lane = v * kVector;
    hn::StoreU(hn::Load(f, x + lane), f, scores + lane);
  }
}

// x [rows, stride] -> lanes [width, kLanes]
template <std::size_t kVectors>
HWY_INLINE void to_lanes(const float* x, std::size_t stride, std::size_t width, float* lanes) {
  constexpr std::size_t kLanes = kVectors * kVector;
  for (std::size_t k = 0; k < width; ++k) {
    for (std::size_t lane = 0; lane < kLanes; ++lane)
      lanes[k * kLanes + lane] = x[lane * stride + k];
  }
}

// kVectors vectors of candidates from `first` on, all steps.
template <std::size_t kVectors>
HWY_NOINLINE void score_lanes(const PairScores& call, std::size_t first) {
  constexpr std::size_t kLanes = kVectors * kVector;
  const Keys& keys = call.keys;
  float* queries = call.scratch;
  to_lanes<kVectors>(call.queries + first * call.query_stride, call.query_stride, keys.width,
                     queries);
  if (call.mlp == nullptr) {
    layer_lanes<kVectors>(keys.packed, queries, keys.width, keys.steps, StartZero(),
                          call.scores + first, call.stride);
    return;
  }
  const std::size_t units = call.mlp->units;
  float* parts = queries + keys.width * kLanes;
  if (call.query_part != nullptr)
    to_lanes<kVectors>(call.query_part + first * units, units, units, parts);
  float* products = parts + units * kLanes;
  float* outputs = products + keys.width * kLanes;
  PairBlock block = {call.mlp,
                     queries,
                     kLanes,
                     keys.rows,
                     {call.query_part == nullptr ? nullptr : parts, kLanes,
                      keys.part == nullptr ? call.mlp->bias : keys.part},
                     products,
                     {outputs, outputs + call.mlp->widest * kLanes},
                     reinterpret_cast<std::uint8_t*>(outputs + 2 * call.mlp->widest * kLanes)};
  for (std::size_t t = 0; t < keys.steps; ++t) {
    score_block<kVectors>(block, call.scores + t * call.stride + first);
    block.shared_values += keys.width;
    if (keys.part != nullptr) block.start.shared += units;
  }
}

// One candidate, vectors of steps.
inline HWY_ATTR void score_steps(const PairScores& call, std::size_t row) {
  const Keys& keys = call.keys;
  const std::size_t padded = keys.transposed_stride;
  float* products = call.scratch;
  float* outputs = products + keys.width * kMaxLanes;
  float* scores = outputs + 2 * call.mlp->widest * kMaxLanes;
  PairBlock block = {
      call.mlp,
      keys.transposed,
      padded,
      call.queries + row * call.query_stride,
      {keys.part_transposed, padded,
       call.query_part == nullptr ? call.mlp->bias : call.query_part + row * call.mlp->units},
      products,
      {outputs, outputs + call.mlp->widest * kMaxLanes},
      reinterpret_cast<std::uint8_t*>(scores + kMaxLanes)};
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

// Dot products of few candidates with all steps.
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
  std::size_t first = 0;
  for (; call.rows - first >= kWidest * kVector; first += kWidest * kVector)
    score_lanes<kWidest>(call, first);
  if constexpr (kHalfBlocks) {
    if (call.rows - first >= kVector) {
      score_lanes<1>(call, first);
      first += kVector;
    }
  }
  while (first < call.rows) {
    if (call.mlp != nullptr) {
      score_steps(call, first);
      ++first;
    } else {
      const std::size_t left = call.rows - first;
      score_rows(call, first, left < kMostRows ? left : kMostRows);
      first += left < kMostRows ? left : kMostRows;
    }
  }
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

// Exponentials of kCount steps' scores, in place, and added to `sum`.
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
