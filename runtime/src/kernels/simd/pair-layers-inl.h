// The layers of a pair's MLP, with lanes = pairs; kernels/attention.h says what is computed.
#if defined(AUGUR_SIMD_PAIR_LAYERS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef AUGUR_SIMD_PAIR_LAYERS_INL_H
#undef AUGUR_SIMD_PAIR_LAYERS_INL_H
#else
#define AUGUR_SIMD_PAIR_LAYERS_INL_H
#endif

#include "hwy/highway.h"
#include "kernels/attention.h"
#include "kernels/simd/activation-inl.h"
#include "kernels/simd/integer-attention-inl.h"
#include "kernels/simd/lane-start-inl.h"
#include "kernels/simd/products-inl.h"

HWY_BEFORE_NAMESPACE();
namespace augur {
namespace HWY_NAMESPACE {

// Computes kUnits units of a layer, from `unit` on:
// out[unit][lane] = start(unit, lane) + Σ_k weight[k][unit] x[k][lane].
template <std::size_t kUnits, std::size_t kVectors>
HWY_INLINE void layer_block(const float* weight, const float* x, std::size_t inputs,
                            std::size_t unit, const LaneStart& start, float* out,
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

template <std::size_t kVectors>
HWY_INLINE void layer_lanes(const float* weight, const float* x, std::size_t inputs,
                            std::size_t units, const LaneStart& start, float* out,
                            std::size_t out_stride) {
  std::size_t unit = 0;
  for (; units - unit >= 8; unit += 8)
    layer_block<8, kVectors>(weight, x, inputs, unit, start, out, out_stride);
  for (; units - unit >= 4; unit += 4)
    layer_block<4, kVectors>(weight, x, inputs, unit, start, out, out_stride);
  for (; unit < units; ++unit)
    layer_block<1, kVectors>(weight, x, inputs, unit, start, out, out_stride);
}

// A layer's inputs or outputs [units, lanes].
struct LaneValues {
  float* floats;
  std::uint8_t* bytes;  // the same values as integers; room for three rows more
  bool in_bytes;        // the values are in `bytes` only
};

// A layer's output y from its input x. integer_next: the next layer, if there is one, can read
// values in [0, 1] as integers.
template <std::size_t kVectors>
HWY_NOINLINE void run_layer(const float* weight, const IntegerLayer& integer,
                            const Activation& activation, const LaneValues& x, std::size_t inputs,
                            std::size_t units, const LaneStart& start, bool integer_next,
                            LaneValues* y) {
  constexpr std::size_t kLanes = kVectors * kVector;
  const ActivationKind kind = activation.kind;
  y->in_bytes = false;
  if constexpr (kIntegerProducts) {
    if (integer.lanes != nullptr && inputs > 0) {
      const bool sigmoid = kind == ActivationKind::kSigmoid;
      y->in_bytes = sigmoid && integer_next;
      integer_layer_lanes<kVectors>(integer, {x.floats, x.in_bytes ? x.bytes : nullptr, x.bytes},
                                    inputs, units, start,
                                    {sigmoid, y->floats, y->in_bytes ? y->bytes : nullptr});
      if (sigmoid) return;
      if (kind == ActivationKind::kTanh) return rough_tanh_of(units * kLanes, y->floats);
    } else {
      layer_lanes<kVectors>(weight, x.floats, inputs, units, start, y->floats, kLanes);
    }
  } else {
    layer_lanes<kVectors>(weight, x.floats, inputs, units, start, y->floats, kLanes);
  }
  if (!build::kDiceRowwise || kind != ActivationKind::kDiceRowwise)
    return activate_lanes<kVectors>(activation, units, y->floats);
  for (std::size_t lane = 0; lane < kLanes; ++lane)
    dice_rowwise(activation, units, kLanes, y->floats + lane);
}

}  // namespace HWY_NAMESPACE
}  // namespace augur
HWY_AFTER_NAMESPACE();

#endif
